"""A model whose libraries are missing says in one line how to get them."""

from __future__ import annotations

import json
import sys
from importlib.metadata import EntryPoint

import pytest

from backend.errors import ModelError
from backend.serving import registry
from tests.models.nearest_word import NearestWord


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


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of our own, with the family ``nearest_word`` registered."""
    point = EntryPoint("nearest_word", "tests.models.nearest_word:NearestWord", registry.GROUP)
    packaged = registry.installed() | {"nearest_word": point}
    monkeypatch.setattr(registry, "installed", lambda: packaged)
    monkeypatch.setattr(registry, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setenv("MINDPROOF_HOME", str(tmp_path / "home"))
    return tmp_path


def fitted(smoothing):
    return NearestWord(smoothing).fit(["good day", "bad day"], ["kind", "rude"])


def test_own_wins_over_shipped_over_family_over_folder(home, monkeypatch):
    monkeypatch.chdir(home)
    fitted(4.0).save(home / "hatesonar")
    assert registry.find("./hatesonar").origin == "folder"
    assert registry.find("hatesonar").origin == "family"
    fitted(3.0).save(home / "shipped" / "hatesonar")
    assert registry.find("hatesonar").origin == "shipped"
    assert registry.open_model("hatesonar").smoothing == 3.0
    own = fitted(2.0)
    registry.own_models().keep("hatesonar", own.save)
    assert registry.find("hatesonar").origin == "own"
    assert registry.open_model("hatesonar").smoothing == 2.0
    assert registry.open_model("./hatesonar").smoothing == 4.0
    with pytest.raises(ModelError, match="no model 'nosuch'"):
        registry.find("nosuch")


def test_a_judge_may_be_named_that_needs_no_fit(home):
    fitted(1.0).save(home / "shipped" / "ready")
    names = registry.names()
    assert {"ready", "hatesonar", "nudenet"} <= set(names)
    assert "nearest_word" not in names


def test_a_family_that_has_learnt_nothing_says_so(home):
    with pytest.raises(ModelError, match="nearest_word: NearestWord has learnt nothing yet"):
        registry.open_model("nearest_word")


@pytest.mark.parametrize(
    ("changed", "says"),
    [({"format": 9}, "format 9"), ({"family": "oracle"}, "'oracle', which is not installed"), ({"task": "x"}, "task")],
)
def test_what_is_newer_foreign_or_damaged_is_one_clear_error(home, changed, says):
    folder = fitted(1.0).save(home / "shipped" / "odd")
    described = json.loads((folder / "model.json").read_text()) | changed
    (folder / "model.json").write_text(json.dumps(described))
    with pytest.raises(ModelError, match=says):
        registry.open_model("odd")
    assert registry.open_model("hatesonar").classes_
