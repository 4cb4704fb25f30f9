"""A version saved under the name of a model in use goes live at once, also on a screen that stands still."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.modelling.store import ModelStore
from interventions.models.ngrams import Ngrams
from tests.pipeline.conftest import INSULT, KIND, Watched, until


def _judge(good: str, bad: str) -> Ngrams:
    return Ngrams(bits=10, epochs=20, lexicon="", rate=0.5).fit([good, bad] * 20, ["good", "bad"] * 20)


@pytest.fixture
def store(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    monkeypatch.setenv("MINDPROOF_HOME", str(watched.folder))
    return ModelStore(watched.folder / "models")


def test_what_was_decided_by_the_old_versions_word_is_decided_again(watched: Watched, store: ModelStore) -> None:
    first = store.keep("mine", _judge(good=INSULT, bad=KIND).save)
    watched.runtime.enable("hate_speech", {"judge": "mine", "classes": ["bad"]})
    watched.watch()
    until(lambda: watched.ink(0) < 60 and watched.ink(1) > 150)
    second = store.keep("mine", _judge(good=KIND, bad=INSULT).save)
    assert first.digest != second.digest
    until(lambda: watched.ink(0) > 150 and watched.ink(1) < 60)
    (stats,) = watched.runtime.model_stats()
    assert (stats.name, stats.swaps) == ("mine", 1)
    until(lambda: bool(_events(watched, "model.replaced")))


def test_a_damaged_version_is_refused_and_the_old_one_serves_on(watched: Watched, store: ModelStore) -> None:
    store.keep("mine", _judge(good=KIND, bad=INSULT).save)
    handle = watched.runtime.judges.host.load("mine")
    record = watched.folder / "models" / "names" / "mine.json"
    versions = json.loads(record.read_text())["versions"]
    beside = Path(f"{record}.tmp")
    beside.write_text(json.dumps({"versions": [*versions, {**versions[0], "digest": "0" * 64}]}))
    beside.replace(record)
    until(lambda: bool(_events(watched, "model.refused")))
    assert handle.probabilities([KIND])
    assert watched.runtime.model_stats()[0].swaps == 0


def _events(watched: Watched, name: str):
    watched.journal.flush()
    return [one for one in watched.journal.search(limit=1000) if one.name == name]
