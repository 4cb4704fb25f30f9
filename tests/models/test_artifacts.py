"""A model on disk: whole or not at all, verified, and nothing that could run."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from interventions.models import (
    ArtifactTooNew,
    Card,
    Metric,
    ModelFault,
    NotFitted,
    NotSaved,
    WeightsBroken,
    WeightsMissing,
    WrongInput,
    artifact,
)
from tests.models.nearest_word import NearestWord

TEXTS = ["good morning", "what a good day", "bad dog", "a bad bad day"]
LABELS = ["kind", "kind", "rude", "rude"]
CARD = Card(
    family="f",
    version="1",
    input="text",
    classes=("a", "b"),
    intended_use="u",
    limits="l",
    source="s",
    licence="MIT",
)


@pytest.fixture
def model() -> Any:
    return NearestWord(skip=("what",)).fit(TEXTS, LABELS)


def test_a_saved_model_comes_back_the_same(model: Any, tmp_path: Path) -> None:
    model.describe(harmful=("rude",), metrics=(Metric(name="accuracy", on="itself", value=1.0, n=4),))
    again = NearestWord.load(model.save(tmp_path / "saved"))
    assert again.version == model.version
    assert again.get_params() == model.get_params()
    assert again.card.changed(files={}) == model.card
    np.testing.assert_array_equal(again.predict_proba(TEXTS), model.predict_proba(TEXTS))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["model.json", "saved", "words.json"]


def test_equal_models_have_equal_addresses(model: Any, tmp_path: Path) -> None:
    one = artifact.read(model.save(tmp_path / "one"))
    two = artifact.read(NearestWord(skip=("what",)).fit(TEXTS, LABELS).save(tmp_path / "two"))
    other = artifact.read(NearestWord(smoothing=0.5).fit(TEXTS, LABELS).save(tmp_path / "other"))
    assert one.digest == two.digest != other.digest
    (tmp_path / "one" / "model.json").write_text(json.dumps(json.loads((tmp_path / "one/model.json").read_text())))
    assert artifact.read(tmp_path / "one").digest == two.digest


def test_the_version_follows_what_was_learnt(model: Any) -> None:
    before = model.version
    assert before.startswith("1.2+")
    assert model.fit(TEXTS[::-1], LABELS).version != before
    assert model.fit(TEXTS, LABELS).version == before


def test_refitting_forgets_what_was_said_of_the_old(model: Any) -> None:
    model.describe(training_rows=4)
    assert model.fit(TEXTS, LABELS).card.training_rows == 0
    with pytest.raises(WrongInput, match="classes follows"):
        model.describe(classes=("a", "b"))
    with pytest.raises(WrongInput, match="no class"):
        model.describe(harmful=("nonsense",))


def test_what_has_learnt_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFitted, match="learnt nothing"):
        NearestWord().predict_proba(TEXTS)
    with pytest.raises(NotFitted):
        NearestWord().save(tmp_path / "saved")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("texts", "labels", "says"),
    [
        (TEXTS, LABELS[:3], "4 items and 3 labels"),
        (TEXTS, ["kind"] * 4, "all items are 'kind'"),
        (TEXTS, ["kind", None, "rude", "rude"], "number 1 has none"),
        (TEXTS, ["kind", float("nan"), "rude", "rude"], "number 1 has none"),
        (TEXTS, None, "0 labels"),
        ("good", LABELS, "not str"),
        ([*TEXTS[:3], 7], LABELS, "item 3 is int"),
        ([], [], "no item"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused_in_words(texts: Any, labels: Any, says: str) -> None:
    with pytest.raises(WrongInput, match=says):
        NearestWord().fit(texts, labels)


def test_scikit_learns_clone_takes_it(model: Any) -> None:
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert not hasattr(copy, "classes_")
    assert repr(copy) == "NearestWord(skip=('what',))"


def _edit(folder: Path, **fields: Any) -> None:
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


@pytest.mark.parametrize(
    ("fields", "fault", "says"),
    [
        ({"format": 2}, ArtifactTooNew, "format 2"),
        ({"version": "1.10"}, ArtifactTooNew, "saved by nearest_word 1.10"),
        ({"family": "other"}, WeightsBroken, "describes a 'other' model"),
        ({"classes": ["kind", "kind"]}, WeightsBroken, "classes"),
        ({"surprise": 1}, WeightsBroken, "surprise"),
        ({"files": {"../words.json": "0" * 64}}, WeightsBroken, "files"),
        ({"files": {"words.pkl": "0" * 64}}, WeightsBroken, "files"),
        ({"files": {"words.json": "0" * 64}}, WeightsBroken, "not the file that was saved"),
        ({"files": {"other.json": "0" * 64}}, WeightsMissing, "other.json"),
        ({"files": {}}, WeightsBroken, "words"),
        ({"parameters": {"depth": 3}}, WeightsBroken, "no parameter 'depth'"),
    ],
)
def test_a_card_that_is_not_ours_is_one_clear_error(
    model: Any, tmp_path: Path, fields: dict[str, Any], fault: type[ModelFault], says: str
) -> None:
    folder = model.save(tmp_path / "saved")
    _edit(folder, **fields)
    with pytest.raises(fault, match=says):
        NearestWord.load(folder)


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_no_content_of_a_card_gets_past_the_errors(noise: bytes) -> None:
    with pytest.raises(ModelFault):
        artifact.checked_card(artifact.parse_description(noise, Path("model.json")), Path("model.json"))


def test_a_full_disk_leaves_the_old_model_and_nothing_else(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = model.save(tmp_path / "saved")
    before = artifact.read(folder)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotSaved, match="No space left"):
        NearestWord(smoothing=9.0).fit(TEXTS, LABELS).save(folder)
    assert artifact.read(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_saving_replaces_a_model_and_nothing_else(model: Any, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(NotSaved, match="something else is there"):
        model.save(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"
    (tmp_path / "saved").mkdir()
    model.save(tmp_path / "saved")
    (tmp_path / "saved" / "model.json").write_text("damaged")
    model.save(tmp_path / "saved")
    assert NearestWord.load(tmp_path / "saved").classes_ == ("kind", "rude")


@pytest.mark.parametrize("name", ["weights.pkl", "../weights.onnx", "model.json", ".hidden.json", "a/b.json"])
def test_a_file_that_does_not_belong_is_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotSaved, match="no file of a model"):
        artifact.write(tmp_path / "saved", CARD, {name: b""})
    assert list(tmp_path.iterdir()) == []
