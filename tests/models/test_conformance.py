"""What every registered model keeps to, whoever wrote it."""

from __future__ import annotations

import inspect
import json
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from interventions.models import Card, NotTrainable, WeightsBroken, WeightsMissing, WrongInput

FAMILIES = {point.name: point for point in entry_points(group="mindproof.models")}
PRETRAINED = {"hatesonar", "nudenet", "opennsfw"}


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def family(request: pytest.FixtureRequest) -> Any:
    return FAMILIES[request.param].load()


@pytest.fixture(scope="module")
def model(family: Any) -> Any:
    return family()


def items(model: Any) -> list[Any]:
    if model.card.input == "text":
        return ["have a nice day", "you are a stupid idiot", "", "12", "😀"]
    random = np.random.default_rng(0)
    return [random.integers(0, 256, size=shape, dtype=np.uint8) for shape in [(64, 64, 3), (300, 20, 3), (1, 1, 3)]]


def test_the_shipped_families_are_registered() -> None:
    assert set(FAMILIES) >= PRETRAINED


def test_the_constructor_only_stores_its_parameters(family: Any, model: Any) -> None:
    names = list(inspect.signature(family).parameters)
    assert list(model.get_params()) == names
    for name, parameter in inspect.signature(family).parameters.items():
        assert parameter.default is not inspect.Parameter.empty, f"{name} has no default"
        assert getattr(model, name) == parameter.default


def test_parameters_can_be_read_and_set(family: Any) -> None:
    fresh = family()
    assert fresh.set_params(threads=2) is fresh
    assert family(**fresh.get_params()).get_params() == fresh.get_params()
    with pytest.raises(WrongInput, match="takes: "):
        fresh.set_params(no_such_parameter=1)


def test_the_card_is_filled_in(model: Any) -> None:
    assert isinstance(model.card, Card)
    for field in (
        "family",
        "version",
        "input",
        "task",
        "classes",
        "harmful",
        "intended_use",
        "limits",
        "source",
        "licence",
    ):
        assert getattr(model.card, field), f"{field} is empty"
    assert tuple(model.classes_) == model.card.classes
    assert len(set(model.classes_)) == len(model.classes_) >= 2


def test_probabilities_have_a_row_an_item_and_a_column_a_class(model: Any) -> None:
    given = items(model)
    rows = model.predict_proba(given)
    assert rows.shape == (len(given), len(model.classes_))
    assert np.isfinite(rows).all()
    assert rows.min() >= 0
    assert rows.max() <= 1
    if model.card.task == "classifier":
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)


def test_an_item_is_judged_alike_alone_and_in_company(model: Any) -> None:
    given = items(model)
    together = model.predict_proba(given)
    alone = np.concatenate([model.predict_proba([item]) for item in given])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_nothing_in_gives_nothing_out(model: Any) -> None:
    assert model.predict_proba([]).shape == (0, len(model.classes_))
    assert len(model.predict([])) == 0


def test_predictions_are_classes(model: Any) -> None:
    for prediction in model.predict(items(model)):
        labels = prediction if model.card.task == "detector" else [prediction]
        assert set(labels) <= set(model.classes_)


def test_detections_lie_inside_the_picture(model: Any) -> None:
    if model.card.task != "detector":
        pytest.skip("not a detector")
    for found in model.detect(items(model)):
        for detection in found:
            left, top, right, bottom = detection.box
            assert 0 <= left < right <= 1
            assert 0 <= top < bottom <= 1
            assert 0 <= detection.score <= 1


def test_wrong_input_is_refused_in_words(model: Any) -> None:
    wrong = [3] if model.card.input == "text" else [np.zeros((4, 4), np.uint8)]
    with pytest.raises(WrongInput, match=r"takes"):
        model.predict_proba(wrong)


def test_one_that_comes_trained_refuses_to_be_fitted(model: Any) -> None:
    if model.card.family not in PRETRAINED:
        pytest.skip("learns")
    with pytest.raises(NotTrainable, match="comes trained"):
        model.fit(items(model), [0])


def test_it_survives_saving_and_loading(family: Any, model: Any, tmp_path: Path) -> None:
    again = family.load(model.save(tmp_path / "saved"))
    assert again.version == model.version
    np.testing.assert_array_equal(again.predict_proba(items(model)), model.predict_proba(items(model)))
    saved = {path.name for path in (tmp_path / "saved").iterdir()}
    assert saved == {"model.json", "weights.onnx"}


@pytest.mark.parametrize("missing", ["model.json", "weights.onnx"])
def test_a_missing_file_is_named(family: Any, model: Any, tmp_path: Path, missing: str) -> None:
    folder = model.save(tmp_path / "saved")
    (folder / missing).unlink()
    with pytest.raises(WeightsMissing, match=missing):
        family.load(folder)


def test_a_damaged_file_is_named(family: Any, model: Any, tmp_path: Path) -> None:
    folder = model.save(tmp_path / "saved")
    with (folder / "weights.onnx").open("r+b") as file:
        file.truncate(1000)
    with pytest.raises(WeightsBroken, match=r"weights\.onnx"):
        family.load(folder)
    (folder / "model.json").write_text("{")
    with pytest.raises(WeightsBroken, match=r"model\.json"):
        family.load(folder)


def test_a_folder_of_another_family_is_refused(family: Any, model: Any, tmp_path: Path) -> None:
    folder = model.save(tmp_path / "saved")
    described = json.loads((folder / "model.json").read_text()) | {"family": "another"}
    (folder / "model.json").write_text(json.dumps(described))
    with pytest.raises(WeightsBroken, match="another"):
        family.load(folder)


def test_weights_the_runtime_cannot_read_are_named(family: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"this is no graph")
    with pytest.raises(WeightsBroken, match=r"broken\.onnx"):
        family(weights=str(broken)).open_weights()
    with pytest.raises(WeightsMissing, match=r"absent\.onnx"):
        family(weights=str(tmp_path / "absent.onnx")).open_weights()


def test_the_version_tells_other_parameters_apart(family: Any, model: Any) -> None:
    decisive = [name for name in model.get_params() if name not in ("weights", "threads")]
    if not decisive:
        pytest.skip("no parameter changes a verdict")
    assert family().set_params(**{decisive[0]: 0.123}).version != model.version
