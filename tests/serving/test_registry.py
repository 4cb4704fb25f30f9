"""A model whose libraries are missing says in one line how to get them."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import pytest

from backend.errors import ModelError
from backend.serving import registry


def family(tmp_path, monkeypatch, code: str) -> None:
    """Register the family ``guest``, whose module holds `code`."""
    (tmp_path / "guest_model.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "guest_model", raising=False)
    point = EntryPoint("guest", "guest_model:Guest", registry.GROUP)
    monkeypatch.setattr(registry, "installed", lambda: {"guest": point})


@pytest.mark.parametrize(
    "code",
    ["import torch.nn\nclass Guest: ...", "class Guest:\n    def open_weights(self):\n        import torch\n"],
    ids=["when imported", "when used"],
)
def test_what_needs_the_extra_asks_for_it_in_one_line(tmp_path, monkeypatch, code):
    family(tmp_path, monkeypatch, code)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModelError, match="guest needs torch, which is not installed") as caught:
        registry.open_model("guest")
    assert "requirements/models.txt" in caught.value.remedy


def test_another_missing_library_is_named(tmp_path, monkeypatch):
    family(tmp_path, monkeypatch, "import no_such_library_at_all\nclass Guest: ...")
    with pytest.raises(ModelError, match="guest needs no_such_library_at_all"):
        registry.open_model("guest")
