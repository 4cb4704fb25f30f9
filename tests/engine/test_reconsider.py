"""A model says something else of what it has judged: interventions are asked again about the scene that stands."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine
from interventions.sdk import Box, Cover, Intervention, Notify, Scroll, param
from interventions.sdk.testing import scene


class Changing:
    """A judge whose mind a test changes."""

    name, version, classes, harmful = "changing", "1", ("good", "bad"), ("bad",)

    def __init__(self) -> None:
        self.harm = 0.0
        self.asked = 0

    def score(self, lines, *classes):
        self.asked += 1
        return [(line, self.harm) for line in lines]


class Covers(Intervention):
    """Covers what the model calls bad, and says so."""

    judge = param("changing", kind="model", help="the model")

    def on_text(self, lines):
        yield Notify("looked")
        for line, score in self.judge.score(lines, "bad"):
            if score > 0.5:
                yield Cover(line.box)
                yield Notify("covered")

    def on_scroll(self, scroll):
        self.scrolled = getattr(self, "scrolled", 0) + bool(scroll)
        return ()


@pytest.fixture
def judge() -> Changing:
    return Changing()


@pytest.fixture
def late() -> threading.Event:
    return threading.Event()


@pytest.fixture
def engine(tmp_path, judge, late) -> Iterator[Engine]:
    folder = tmp_path / "covers"
    folder.mkdir()
    (folder / "manifest.toml").write_text('name = "covers"\ntitle = "covers"\nentry = "intervention:Covers"\n')
    source = "from tests.engine.test_reconsider import Covers as Base\nclass Covers(Base):\n    pass\n"
    (folder / "intervention.py").write_text(source)
    engine = Engine(
        Catalog([tmp_path], shipped=tmp_path / "nothing"), lambda name: judge, soft_deadline_s=5.0, on_late=late.set
    )
    engine.enable("covers")
    yield engine
    engine.close()


def messages(decision) -> list[str]:
    return [one.action.message for one in decision.passing]


def test_what_it_says_now_holds_for_the_scene_that_stands_and_is_late(engine, judge, late):
    shown = scene("a line", number=1)
    first = engine.decide(shown)
    assert (first.standing, messages(first)) == ((), ["looked"])
    judge.harm = 0.9
    late.clear()
    engine.reconsider("changing")
    assert late.wait(10)
    again = engine.gather(shown)
    assert [(type(one.action), one.late) for one in again.standing] == [(Cover, True)]
    assert messages(again) == ["covered"], "what was said of the scene before is not said again"
    assert again.late == ()
    (status,) = engine.status()
    assert status.actions == 3
    nxt = engine.decide(scene("a line", number=2))
    assert [one.late for one in nxt.standing] == [False], "the next scene is judged in time"


def test_a_scroll_does_not_count_twice(engine, late):
    engine.decide(scene("a line", number=1, scroll=Scroll(0, -40, Box(0, 0, 1080, 2220))))
    late.clear()
    engine.reconsider("changing")
    assert late.wait(10)
    assert engine.kinds()["covers"].intervention.scrolled == 1


def test_nobody_is_asked_about_a_model_they_do_not_use(engine, judge, late):
    engine.decide(scene("a line", number=1))
    asked, generation = judge.asked, engine.generation
    engine.reconsider("another")
    assert not engine.outdate("another")
    assert (judge.asked, engine.generation) == (asked, generation)
    assert engine.outdate("changing")
    assert engine.generation == generation + 1


def test_before_the_first_scene_there_is_nothing_to_ask_about(engine, judge):
    engine.reconsider("changing")
    engine.decide(scene("a line", number=1))
    assert judge.asked == 1
