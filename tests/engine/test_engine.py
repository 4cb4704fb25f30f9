"""Deciding: scope, parameters, late verdicts, reload."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from backend.engine.engine import Engine
from backend.errors import InterventionError
from interventions.sdk import Answer, App, Box, Cover, Delay, Scroll, Widget
from interventions.sdk.testing import scene

COVER_ALL = """
def on_text(self, lines):
    for line in lines:
        yield Cover(line.box)
"""
COVER_LONG = """
length = param(5, ge=1, le=100)
def on_text(self, lines):
    for line in lines:
        if len(line.text) >= self.length:
            yield Cover(line.box, label=line.text)
"""


def labels(decision):
    return [decided.action.label for decided in decision.standing]


def test_parameters_change_live_all_or_none(bench):
    bench.write("long", COVER_LONG)
    engine = bench.engine()
    engine.enable("long", {"length": 4})
    assert labels(engine.decide(scene("tiny", "mid", number=1))) == ["tiny"]
    engine.set_values("long", {"length": 3})
    assert labels(engine.decide(scene("tiny", "mid", number=2))) == ["tiny", "mid"]
    with pytest.raises(InterventionError, match="from 1 to 100"):
        engine.set_values("long", {"length": 1000})
    assert labels(engine.decide(scene("tiny", "mid", number=3))) == ["tiny", "mid"]
    with pytest.raises(InterventionError, match="no parameter 'width'; it takes: length"):
        engine.enable("long", {"width": 3})


def test_scope_is_the_authors_unless_the_researcher_sets_one(bench):
    bench.write("scoped", 'apps = ["org.feed"]\n' + COVER_ALL)
    engine = bench.engine()
    engine.enable("scoped")
    assert engine.decide(scene("text", app="org.feed", number=1)).standing
    assert not engine.decide(scene("text", app="org.chat", number=2)).standing
    engine.enable("scoped", apps=["org.chat"])
    assert engine.decide(scene("text", app="org.chat", number=3)).standing
    assert not engine.decide(scene("text", app="org.feed", number=4)).standing


def test_a_reload_takes_up_new_code_and_keeps_the_parameters(bench):
    folder = bench.write("long", COVER_LONG)
    engine = bench.engine()
    engine.enable("long", {"length": 4})
    code = (folder / "intervention.py").read_text()
    (folder / "intervention.py").write_text(code.replace("label=line.text", "label='new ' + line.text"))
    assert engine.reload("long")
    assert labels(engine.decide(scene("tiny", "mid"))) == ["new tiny"]


def test_passing_actions_happen_once(bench):
    bench.write("gate", "def on_app(self, app):\n    yield Delay(3, 'Wait', key='gate')\n")
    engine = bench.engine()
    engine.enable("gate")
    first = engine.decide(scene("text", number=1))
    assert [decided.action for decided in first.passing] == [Delay(3, "Wait", key="gate")]
    assert engine.decide(scene("text", number=2)).passing == ()


def test_an_answer_reaches_the_intervention_on_a_still_screen(bench):
    bench.write("ask", "def on_answer(self, answer):\n    yield Notify(answer.choice)\n")
    engine = bench.engine()
    engine.enable("ask")
    shown = scene("text")
    engine.decide(shown)
    engine.answer("ask", Answer("k", "stop"))
    heard = []
    for second in range(200):
        heard += engine.tick(replace(shown, time_s=second)).passing
        if heard:
            break
        threading.Event().wait(0.02)
    assert [decided.action.message for decided in heard] == ["stop"]


class Gate:
    """Lets a test decide when an intervention goes on."""

    def __init__(self) -> None:
        self.open = threading.Event()


@pytest.fixture
def slow(bench, monkeypatch) -> tuple[Engine, Gate, threading.Event]:
    """An engine with an intervention that covers "bad" lines, and waits at a gate from the second scene on."""
    gate, late = Gate(), threading.Event()
    monkeypatch.setattr(threading, "mindproof_gate", gate, raising=False)
    bench.write(
        "slow",
        """
        def on_text(self, lines):
            import threading
            if self.scene.number > 1:
                threading.mindproof_gate.open.wait(20)
            for line in lines:
                if line.text.startswith("bad"):
                    yield Cover(line.box, label="judged")
        """,
    )
    engine = bench.engine(soft_deadline_s=0.05)
    engine._on_late = late.set
    engine.enable("slow")
    yield engine, gate, late
    gate.open.set()


def test_a_late_intervention_keeps_its_covers_which_travel_and_hides_what_is_new(slow):
    engine, gate, late = slow
    first = scene("bad line", "good line", number=1)
    while labels(engine.decide(first)) != ["judged"]:
        pass
    late.clear()
    moved = [replace(line, box=line.box.moved(dy=-30)) for line in first.lines]
    fresh = replace(first.lines[0], text="bad news", box=Box(0, 1000, 500, 1050))
    second = scene(lines=[*moved, fresh], number=2, scroll=Scroll(dy=-30, box=Box(0, 0, 1080, 2220)))
    decision = engine.decide(second)
    assert decision.late == ("slow",)
    covers = {decided.action.box: decided for decided in decision.standing}
    assert covers[moved[0].box].action.why == covers[fresh.box].action.why == "not judged yet"
    assert all(decided.late for decided in decision.standing)
    assert moved[1].box not in covers
    gate.open.set()
    assert late.wait(10)
    settled = engine.gather(second)
    assert settled.late == ()
    assert {decided.action.box for decided in settled.standing} == {moved[0].box, fresh.box}


def test_a_cover_over_no_text_and_no_picture_travels_with_the_scroll(bench):
    bench.write(
        "bar",
        """
        def on_widget(self, widgets):
            while self.scene.number > 1:
                time.sleep(0.01)
            yield Cover(Box(0, 900, 1080, 1000))
        """,
    )
    engine = bench.engine(soft_deadline_s=0.05, hard_deadline_s=5)
    engine.enable("bar")
    widget = Widget("w", 0, None, 0, "View", "org.example.app", Box(0, 900, 1080, 1000))
    first = scene(lines=[], widgets=(widget,), number=1)
    while not engine.decide(first).standing:
        pass
    scroll = Scroll(dy=-30, box=Box(0, 0, 1080, 2220))
    late = engine.decide(scene(lines=[], widgets=(widget,), number=2, scroll=scroll))
    assert [decided.action.box for decided in late.standing] == [Box(0, 870, 1080, 970)]


def test_a_late_cover_does_not_follow_into_another_app(slow):
    engine, _, _ = slow
    while not engine.decide(scene("bad line", number=1)).standing:
        pass
    other = engine.decide(scene("other text", app="org.other", number=2))
    assert [decided.action for decided in other.standing] == [Cover(other.scene.lines[0].box, why="not judged yet")]


def test_switching_off_lifts_the_covers(bench):
    bench.write("all", COVER_ALL)
    engine = bench.engine()
    engine.enable("all")
    shown = scene("text")
    assert engine.decide(shown).standing
    engine.disable("all")
    assert not engine.gather(shown).standing
    assert App("org.example.app") == shown.app
