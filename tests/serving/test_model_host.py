from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import ModelError
from backend.serving import ModelHost
from backend.serving.handles import on_screen, text_key
from interventions.models import Detection
from interventions.models.hatesonar import HateSonar
from interventions.sdk import Box, Judge, Line, Region


@pytest.fixture(scope="module")
def host() -> ModelHost:
    return ModelHost()


def lines(*texts: str) -> list[Line]:
    return [Line(text, Box(0, 0, 10, 10)) for text in texts]


PLACE = Box(0, 0, 64, 64)


def region(seed: int, box: Box = PLACE, digest: str = "") -> Region:
    pixels = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    return Region(box, digest, pixels)


def test_a_model_is_loaded_once_however_many_ask(host: ModelHost) -> None:
    with ThreadPoolExecutor(4) as threads:
        handles = list(threads.map(host.load, ["hatesonar"] * 8))
    assert all(handle is handles[0] for handle in handles)
    assert isinstance(handles[0], Judge)
    assert handles[0].name == "hatesonar"
    assert handles[0].classes == ("hate_speech", "offensive_language", "neither")


def test_scores_add_up_the_named_classes(host: ModelHost) -> None:
    judge = host.load("hatesonar")
    given_lines = lines("you are a stupid bitch", "what a lovely day")
    both = [score for _, score in judge.score(given_lines, "hate_speech", "offensive_language")]
    rows = judge.probabilities([line.text for line in given_lines])
    assert both == pytest.approx([row[0] + row[1] for row in rows])
    assert both[0] > 0.9 > 0.4 > both[1]
    assert [line for line, _ in judge.score(given_lines, "neither")] == given_lines


def test_white_space_and_repetition_cost_nothing() -> None:
    host = ModelHost()
    judge = host.load("hatesonar")
    judge.probabilities(["a b", " a  b\n", "a b", "c"])
    judge.probabilities(["a\tb"])
    (stats,) = host.stats()
    assert (stats.calls, stats.items, stats.judged, stats.hits, stats.batches) == (2, 5, 2, 3, 1)
    assert stats.seconds > 0


def test_threads_that_ask_the_same_share_one_verdict() -> None:
    host = ModelHost()
    judge = host.load("hatesonar")
    texts = [f"text number {n % 20}" for n in range(200)]
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(judge.probabilities, [texts] * 8))
    assert all(result == results[0] for result in results)
    assert host.stats()[0].judged == 20


def test_pictures_are_known_by_their_digest() -> None:
    host = ModelHost()
    judge = host.load("opennsfw")
    scores = [score for _, score in judge.score([region(1, digest="x"), region(1, digest="x")], "nsfw")]
    again = list(judge.score([region(1, box=Box(5, 5, 69, 69), digest="x"), region(2), region(2)], "nsfw"))
    assert scores[0] == scores[1] == again[0][1]
    assert host.stats()[0].judged == 2


def test_a_detector_answers_in_screen_pixels(host: ModelHost) -> None:
    found = dict(host.load("nudenet").find([region(3, box=Box(100, 200, 400, 500))]))
    for shown, findings in found.items():
        assert all(shown.box.contains(finding.box) for finding in findings)


@given(
    box=st.tuples(*[st.floats(0, 1)] * 4).map(
        lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
    ),
    picture=st.tuples(st.integers(-50, 500), st.integers(-50, 500), st.integers(1, 900), st.integers(1, 900)),
)
def test_detections_keep_inside_their_picture_and_lose_no_pixel(
    box: tuple[float, float, float, float], picture: tuple[int, int, int, int]
) -> None:
    left, top, width, height = picture
    shown = Box(left, top, left + width, top + height)
    placed = on_screen(Detection("part", 1.0, box), shown)
    assert shown.contains(placed)
    assert placed.left <= left + box[0] * width
    assert placed.right >= left + box[2] * width - 1e-6
    assert placed.right - (left + box[2] * width) < 1.001
    assert placed.bottom >= top + box[3] * height - 1e-6


@given(st.text())
def test_any_text_has_a_key(text: str) -> None:
    collapsed, digest = text_key(f"  {text}\n")
    assert text_key(collapsed) == (collapsed, digest)


def test_a_saved_model_is_loaded_by_its_folder(host: ModelHost, tmp_path: Path) -> None:
    folder = HateSonar().save(tmp_path / "mine")
    judge = host.load(str(folder))
    assert judge.probabilities(["good morning"]) == host.load("hatesonar").probabilities(["good morning"])


def test_an_unknown_model_names_the_known_ones(host: ModelHost) -> None:
    with pytest.raises(ModelError, match="no model 'nosuch'") as raised:
        host.load("nosuch")
    assert all(name in raised.value.remedy for name in ("hatesonar", "nudenet", "opennsfw"))


def test_a_missing_weights_file_is_one_clear_error(host: ModelHost, tmp_path: Path) -> None:
    folder = HateSonar().save(tmp_path / "mine")
    (folder / "weights.onnx").unlink()
    with pytest.raises(ModelError, match=r"weights\.onnx") as raised:
        host.load(str(folder))
    assert raised.value.remedy
    HateSonar().save(folder)
    assert host.load(str(folder)).classes


def test_an_unknown_family_is_one_clear_error(host: ModelHost, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"family": "oracle"}')
    with pytest.raises(ModelError, match="'oracle', which is not installed"):
        host.load(str(tmp_path))


def test_a_class_the_model_lacks_is_named(host: ModelHost) -> None:
    with pytest.raises(ModelError, match="no class 'nonsense'"):
        list(host.load("hatesonar").score(lines("a"), "nonsense"))
    with pytest.raises(ModelError, match="no class"):
        list(host.load("hatesonar").score(lines("a")))


def test_a_broken_picture_fails_in_words_and_the_model_lives_on(host: ModelHost) -> None:
    judge = host.load("opennsfw")
    broken = Region(Box(0, 0, 4, 4), "broken", np.zeros((4, 4), np.uint8))
    with pytest.raises(ModelError, match="opennsfw failed on 1 items"):
        list(judge.score([broken], "nsfw"))
    assert len(list(judge.score([region(9)], "nsfw"))) == 1


def test_what_a_model_cuts_short_is_counted_once() -> None:
    class Short(HateSonar):
        """Reads ten characters, and says when that is not all."""

        truncated_ = 0

        def predict_proba(self, X):
            type(self).truncated_ += sum(len(text) > 10 for text in X)
            return super().predict_proba([text[:10] for text in X])

    host = ModelHost()
    host.swap("short", Short())
    judge = host.load("short")
    for _ in range(2):
        judge.probabilities(["short", "this is longer than that", "and so is this"])
    (stats,) = host.stats()
    assert (stats.truncated, stats.judged) == (2, 3)
