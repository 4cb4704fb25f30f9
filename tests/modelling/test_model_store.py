"""The researcher's own models: named, versioned, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from backend.errors import ModelError
from backend.modelling.store import ModelStore
from backend.serving import registry
from tests.models.nearest_word import NearestWord

TEXTS = ["good morning", "what a good day", "bad dog", "a bad bad day"]


def fitted(smoothing: float = 1.0) -> Any:
    return NearestWord(smoothing).fit(TEXTS, ["kind", "kind", "rude", "rude"])


def keep(store: ModelStore, name: str, model: Any) -> str:
    return store.keep(name, model.save).digest


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def test_a_name_stands_for_the_newest_and_remembers_the_others(store: ModelStore) -> None:
    digests = [keep(store, "mine", fitted(s)) for s in (1.0, 2.0, 3.0)]
    assert store.names() == ("mine",)
    assert [kept.digest for kept in store.history("mine")] == digests
    assert store.open("mine").digest == digests[-1]
    assert store.roll_back("mine").digest == digests[1]
    assert store.roll_back("mine", digests[0][:8]).digest == digests[0]
    assert NearestWord.load(store.path("mine")).smoothing == 1.0


def test_the_same_model_twice_is_kept_once(store: ModelStore) -> None:
    assert keep(store, "one", fitted()) == keep(store, "two", fitted()) == keep(store, "one", fitted())
    assert len(list((store.folder / "objects").iterdir())) == 1
    assert len(store.history("one")) == 1


def test_removing_a_name_keeps_what_others_need(store: ModelStore) -> None:
    keep(store, "one", fitted(1.0))
    keep(store, "one", fitted(2.0))
    keep(store, "two", fitted(2.0))
    assert store.remove("one") == 1
    assert store.names() == ("two",)
    assert NearestWord.load(store.path("two")).smoothing == 2.0
    assert store.remove("two") == 1
    assert list((store.folder / "objects").iterdir()) == []
    with pytest.raises(ModelError, match="no model of your own called 'two'"):
        store.remove("two")


@pytest.mark.parametrize("name", ["a/b", "../up", "", ".", "Übel", "A", "a b", "x" * 65, "a.json", "-x"])
def test_a_name_that_is_none_is_refused(store: ModelStore, name: str) -> None:
    with pytest.raises(ModelError, match="cannot be a model's name"):
        keep(store, name, fitted())
    assert store.path(name) is None
    assert not store.folder.exists()


def test_a_full_disk_leaves_a_name_where_it_was(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keep(store, "mine", fitted(1.0))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match="No space left"):
        keep(store, "mine", fitted(2.0))
    monkeypatch.undo()
    assert store.open("mine").digest == before
    assert [path.name for path in (store.folder / "objects").iterdir()] == [before]


def test_a_damaged_model_is_one_clear_error_and_saving_it_again_mends_it(store: ModelStore) -> None:
    keep(store, "mine", fitted())
    folder = store.path("mine")
    assert folder is not None
    (folder / "words.json").write_text("[]")
    with pytest.raises(ModelError, match=r"model mine: .*words\.json is not the file"):
        store.open("mine")
    keep(store, "mine", fitted())
    assert store.open("mine").digest == folder.name


def test_a_card_that_was_exchanged_whole_is_noticed(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(store, "mine", fitted())
    monkeypatch.setattr(registry, "own_models", lambda: store)
    folder = store.path("mine")
    assert folder is not None
    card = json.loads((folder / "model.json").read_text()) | {"limits": "None at all."}
    (folder / "model.json").write_text(json.dumps(card))
    for open_it in (store.open, registry.open_model):
        with pytest.raises(ModelError, match="not the model that was saved under this digest"):
            open_it("mine")


def test_a_damaged_record_takes_nothing_else_down(store: ModelStore) -> None:
    keep(store, "broken", fitted(1.0))
    keep(store, "whole", fitted(2.0))
    (store.folder / "names" / "broken.json").write_text("{")
    with pytest.raises(ModelError, match="model broken: its record"):
        store.open("broken")
    assert store.open("whole").card.family == "nearest_word"
    store.remove("whole")
    assert len(list((store.folder / "objects").iterdir())) == 2
    store.remove("broken")
    assert list((store.folder / "objects").iterdir()) == []


def test_many_savers_at_once_lose_nothing(store: ModelStore) -> None:
    models = [fitted(float(s)) for s in range(1, 9)]
    with ThreadPoolExecutor(4) as threads:
        digests = set(threads.map(lambda model: keep(store, "mine", model), models))
    assert {kept.digest for kept in store.history("mine")} == digests
    assert len(digests) == 8
