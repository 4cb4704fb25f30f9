"""What the apps say and show: real enough for real models, and nothing else."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from device_agent.virtual_phone.build import SOURCES
from device_agent.virtual_phone.window.pictures import Pictures

CONTENT = SOURCES[1] / "content"
LISTS = {
    "posts": ("posts", "comments"),
    "shorts": ("captions",),
    "articles": ("sections", "titles", "sentences"),
    "chat": ("messages", "replies"),
}


def content(name: str) -> dict[str, Any]:
    return dict(json.loads((CONTENT / f"{name}.json").read_text()))


def sentences(name: str, each: int = 40) -> list[str]:
    """Texts as `Library.sentence` makes them, `each` of every template."""
    source, chance = content(name), random.Random(4)
    found = set()
    for kind in LISTS[name]:
        for template in source[kind]:
            for _ in range(each):
                found.add(re.sub(r"\{(\w+)\}", lambda m: chance.choice(source["slots"][m[1]]), template))
    return sorted(found)


@pytest.fixture(scope="module", params=[("hatesonar", 0.5), ("abuse_small", 0.5)], ids=lambda param: param[0])
def abuse(request: pytest.FixtureRequest) -> Callable[[list[str]], np.ndarray]:
    """How far each text is above the threshold of a judge, below 0 for harmless ones."""
    name, threshold = request.param
    serving = pytest.importorskip("backend.serving")
    judge = serving.ModelHost(cache_entries=1).load(name)
    columns = [judge.classes.index(harmful) for harmful in judge.harmful]

    def above(texts: list[str]) -> np.ndarray:
        rows = np.asarray(judge.probabilities(texts))[:, columns]
        return (rows.max(axis=1) if name == "hatesonar" else rows.sum(axis=1)) - threshold

    return above


def test_every_abusive_line_is_found(abuse: Callable[[list[str]], np.ndarray]) -> None:
    lines = content("abuse")["lines"]
    above = abuse(lines)
    assert len(lines) >= 30
    assert above.min() >= 0, lines[int(above.argmin())]


@pytest.mark.parametrize("name", LISTS)
def test_no_other_text_is(abuse: Callable[[list[str]], np.ndarray], name: str) -> None:
    texts = sentences(name)
    above = abuse(texts)
    assert above.max() < 0, texts[int(above.argmax())]


def test_there_is_a_notice_and_plenty_to_read() -> None:
    assert "abusive on purpose" in content("abuse")["notice"]
    assert len(sentences("posts")) > 500


@pytest.fixture(scope="module")
def nudenet() -> Any:
    return pytest.importorskip("nudenet").NudeDetector()


def exposed(detector: Any, picture: Any) -> float:
    found = detector.detect(np.asarray(picture.convert("RGB"))[:, :, ::-1].copy())
    return max((f["score"] for f in found if f["class"] == "FEMALE_BREAST_EXPOSED"), default=0.0)


def test_nudenet_finds_every_figure_and_clip_of_one(nudenet: Any) -> None:
    pictures = Pictures(seed=1)
    for number in range(5):
        assert exposed(nudenet, pictures.source(f"figure/{number}")) >= 0.6
    assert exposed(nudenet, pictures.scaled("clip/3/40", 1080, 2031)) >= 0.6


def test_opennsfw_tells_figures_from_scenes() -> None:
    module = pytest.importorskip("interventions.models.opennsfw.classifier")
    pictures, names = Pictures(seed=1), [f"figure/{i}" for i in range(3)] + [f"photo/{i}" for i in range(3)]
    scores = module.OpenNsfw().predict_proba([np.asarray(pictures.source(name).convert("RGB")) for name in names])[:, 1]
    assert scores[:3].min() >= 0.8
    assert scores[3:].max() < 0.2


def test_nudenet_finds_nothing_in_scenes_and_portraits(nudenet: Any) -> None:
    pictures = Pictures(seed=1)
    for number in range(12):
        assert exposed(nudenet, pictures.source(f"photo/{number}")) < 0.4
        assert exposed(nudenet, pictures.source(f"avatar/{number}")) < 0.4


def test_a_picture_is_the_same_each_time_and_differs_by_seed() -> None:
    first, again, other = (Pictures(seed) for seed in (1, 1, 2))
    for name in ("photo/5", "figure/5", "avatar/5"):
        assert first.source(name).tobytes() == again.source(name).tobytes()
        assert first.source(name).tobytes() != other.source(name).tobytes()
    assert first.scaled("clip/2/7", 90, 160).tobytes() == again.scaled("clip/2/7", 90, 160).tobytes()
    assert first.scaled("clip/2/7", 90, 160).tobytes() != first.scaled("clip/2/8", 90, 160).tobytes()


@pytest.mark.parametrize("name", ["nothing/1", "photo/x", "clip/3/x", "", "made/1/1"])
def test_a_picture_that_does_not_exist_has_no_size_and_is_grey(name: str) -> None:
    pictures = Pictures(seed=1)
    assert pictures.size(name) == (0, 0)
    assert pictures.scaled(name, 20, 10).getpixel((3, 3)) == (200, 203, 208, 255)
