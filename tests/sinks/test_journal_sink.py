"""One appearance is one entry, however many frames it stays."""

from __future__ import annotations

from backend.engine.decision import Decided, Decision
from backend.sinks.journal import JournalSink
from backend.store.entries import ActionEntry, FrameEntry
from interventions.sdk import Box, Cover, Notify, Scroll
from interventions.sdk.testing import scene

STILL = Scroll()


def actions(written, kind="action"):
    return [entry for entry in written if isinstance(entry, ActionEntry) and entry.kind == kind]


def decision(number, boxes, scroll=STILL, passing=()):
    standing = tuple(Decided("hate", Cover(box, label="hate_speech", score=0.9)) for box in boxes)
    return Decision(scene("text", number=number, scroll=scroll), standing, passing)


def test_a_cover_that_stays_or_travels_is_written_once():
    written = []
    sink = JournalSink(written.append)
    box = Box(0, 500, 400, 560)
    sink.record(decision(1, [box]), {"see": 0.01})
    sink.record(decision(2, [box]), {"see": 0.01})
    moved = box.moved(dy=-300)
    sink.record(decision(3, [moved], Scroll(dy=-300, box=Box(0, 0, 1080, 2220))), {"see": 0.01})
    assert len(actions(written)) == 1
    assert len(actions(written, "finding")) == 1
    sink.record(decision(4, [moved, Box(0, 1500, 400, 1560)]), {})
    assert len(actions(written)) == 2
    assert [entry.number for entry in written if isinstance(entry, FrameEntry)] == [1, 2, 3, 4]


def test_what_comes_back_is_written_again():
    written = []
    sink = JournalSink(written.append)
    for number, boxes in enumerate([[Box(0, 0, 9, 9)], [], [Box(0, 0, 9, 9)]], 1):
        sink.record(decision(number, boxes), {})
    assert len(actions(written)) == 2


def test_passing_actions_are_written_each_time():
    written = []
    sink = JournalSink(written.append)
    told = (Decided("calm", Notify("a break?")),)
    for number in (1, 2):
        sink.record(decision(number, [], passing=told), {})
    assert [entry.action for entry in actions(written)] == ["Notify", "Notify"]
