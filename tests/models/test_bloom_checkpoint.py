"""Checkpoints come from a path, whole or with a clear error, in every form that is published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from interventions.models.bloom import checkpoint, gguf  # noqa: E402
from interventions.models.bloom.checkpoint import check_vocabulary, checkpoint_digest, open_checkpoint  # noqa: E402
from interventions.models.bloom.language_model import Query  # noqa: E402
from interventions.models.bloom.local import LocalLanguageModel  # noqa: E402
from interventions.models.errors import ModelFault, WeightsBroken, WeightsMissing, WrongInput  # noqa: E402
from tests.models.bloom_reference import save_bloom, save_tokenizer  # noqa: E402

QUERIES = [Query("Text: ", "the sea", "\nAnswer:")]
LABELS = [" good", " very bad"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_bloom(tmp_path_factory.mktemp("whole"))


def in_bin_shards(folder: Path) -> Path:
    """The same model as ``pytorch_model-0000x-of-00002.bin``, as BLOOM was first published."""
    weights = save_bloom(folder) / "model.safetensors"
    from safetensors.torch import load_file

    tensors = load_file(weights)
    weights.unlink()
    names = sorted(tensors)
    places = {name: f"pytorch_model-0000{1 + (i % 2)}-of-00002.bin" for i, name in enumerate(names)}
    for shard in set(places.values()):
        torch.save({name: tensors[name] for name in names if places[name] == shard}, folder / shard)
    size = sum(tensor.nbytes for tensor in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": places}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    return folder


@pytest.mark.parametrize("form", ["safetensors in shards", "bin in shards", "one bin"])
def test_every_form_gives_the_same_scores(form: str, whole: Path, tmp_path: Path) -> None:
    if form == "safetensors in shards":
        save_bloom(tmp_path, max_shard_size="40KB")
        assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    elif form == "bin in shards":
        in_bin_shards(tmp_path)
    else:
        from safetensors.torch import load_file

        save_bloom(tmp_path)
        torch.save(load_file(tmp_path / "model.safetensors"), tmp_path / "pytorch_model.bin")
        (tmp_path / "model.safetensors").unlink()

    expected = LocalLanguageModel(str(whole)).score("", QUERIES, LABELS)
    found = LocalLanguageModel(str(tmp_path)).score("", QUERIES, LABELS)

    np.testing.assert_allclose(found.logprob, expected.logprob, atol=1e-5)


def test_missing_shards_are_named(tmp_path: Path) -> None:
    in_bin_shards(tmp_path)
    (tmp_path / "pytorch_model-00002-of-00002.bin").unlink()

    with pytest.raises(WeightsMissing, match=r"lacks 1 of its 2 shards: pytorch_model-00002-of-00002\.bin"):
        open_checkpoint(str(tmp_path))


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("ran"),))


def test_nothing_in_a_bin_file_can_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_bloom(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save({"weights": Evil()}, tmp_path / "pytorch_model.bin")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(WeightsBroken, match="cannot be opened"):
        open_checkpoint(str(tmp_path))
    assert not (tmp_path / "ran").exists()


def test_a_cut_file_is_one_clear_error(tmp_path: Path) -> None:
    save_bloom(tmp_path)
    path = tmp_path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])

    with pytest.raises(WeightsBroken, match="cannot be opened"):
        open_checkpoint(str(tmp_path))


def test_weights_that_are_left_out_are_not_made_up(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    save_bloom(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    del tensors["transformer.h.1.mlp.dense_4h_to_h.weight"]
    save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(WeightsBroken, match=r"does not hold all weights .*dense_4h_to_h\.weight"):
        open_checkpoint(str(tmp_path))


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    save_bloom(tmp_path)
    save_tokenizer(tmp_path, size=500)

    with pytest.raises(WrongInput, match=r"knows \d+ tokens, but the model's vocabulary has \d+"):
        open_checkpoint(str(tmp_path))


@pytest.mark.parametrize(("tokens", "rows", "fits"), [(250680, 250880, True), (49152, 49152, True), (100, 99, False),
                                                      (32000, 50257, False)])  # fmt: skip
def test_a_vocabulary_may_be_padded(tokens: int, rows: int, fits: bool) -> None:
    if fits:
        check_vocabulary(Path("x"), tokens, rows)
    else:
        with pytest.raises(WrongInput):
            check_vocabulary(Path("x"), tokens, rows)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder: folder / "nowhere", "there is no checkpoint at"),
        (lambda folder: folder, "holds neither a config.json nor a GGUF file"),
        (lambda folder: [(folder / name).touch() for name in ("a.gguf", "b.gguf")] and folder, "holds 2 GGUF files"),
        (lambda folder: (folder / "config.json").write_text("{}") and folder, "has no weights"),
    ],
)
def test_a_path_with_no_checkpoint_is_refused(make: Any, says: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=says):
        open_checkpoint(str(make(tmp_path)))


def test_a_dtype_must_be_one(whole: Path) -> None:
    with pytest.raises(WrongInput, match="int8"):
        open_checkpoint(str(whole), dtype="int8")


def test_a_changed_weight_changes_the_digest(tmp_path: Path) -> None:
    save_bloom(tmp_path)
    before = checkpoint_digest(tmp_path)
    assert checkpoint_digest(tmp_path) == before
    path = tmp_path / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)

    assert checkpoint_digest(tmp_path) != before


def test_a_broken_gguf_file_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "model.gguf").write_bytes(b"GGUF" + b"\0" * 100)

    with pytest.raises(WeightsBroken, match="no GGUF file that can be read"):
        open_checkpoint(str(tmp_path / "model.gguf"))
    assert not list(gguf.cache_folder().iterdir())


def test_a_gguf_file_is_dequantised_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy that is kept is the model, and is found again by the file's content, wherever the file lies."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = []

    def write(source: Path, folder: Path) -> None:
        made.append(source)
        save_bloom(folder)

    monkeypatch.setattr(gguf, "_write", write)
    for name in ("one.gguf", "sub/one.gguf"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"GGUF the same")
    folders = {checkpoint.checkpoint_folder(str(tmp_path / name)) for name in ("one.gguf", "sub/one.gguf", "sub")}

    assert len(made) == len(folders) == 1
    assert LocalLanguageModel(str(tmp_path / "one.gguf")).score("", QUERIES, LABELS).logprob.shape == (1, 2)


def test_nothing_is_asked_of_a_hub(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)

    open_checkpoint(str(whole))
    with pytest.raises(ModelFault, match="there is no checkpoint"):
        open_checkpoint("bigscience/bloom-560m")
