"""A slow second judge: the screen is shown by the first one's word, and covered anew when the second's has come."""

from __future__ import annotations

import threading

from backend.store.entries import Record
from tests.pipeline.conftest import INSULT, KIND, Watched, screen, until
from tests.serving.stub import Stub

CASCADE = "cheap > dear"


def _judges(watched: Watched, first: float, second: float) -> threading.Event:
    """A cascade whose first judge gives `INSULT` the probability `first`, its second `second` once the event is set."""
    gate = threading.Event()
    for name, harm, waits in (("cheap", first, None), ("dear", second, gate)):
        stub = Stub(lambda text, harm=harm: harm if text == INSULT else 0.01, gate=waits)
        stub.card = stub.card.changed(harmful=("bad",))
        watched.runtime.judges.host.swap(name, stub)
    watched.runtime.enable("hate_speech", {"judge": CASCADE, "threshold": 0.6})
    return gate


def _records(watched: Watched) -> list[Record]:
    watched.journal.flush()
    return watched.journal.search(limit=1000)


def test_a_cover_comes_late_on_a_screen_that_stands_still(watched: Watched) -> None:
    gate = _judges(watched, first=0.45, second=0.9)
    watched.watch()
    until(lambda: watched.runtime.judges.cascades.escalations()[0].waiting == 1)
    until(lambda: watched.ink(0) > 150)
    assert watched.ink(1) > 150, "the first judge lets it pass, and nobody waits for the second"
    frames = watched.runtime.session(watched.serial).frames
    gate.set()
    until(lambda: watched.ink(1) < 60)
    assert watched.ink(0) > 150
    assert watched.runtime.session(watched.serial).frames == frames, "no new frame was needed"
    late = [one for one in _records(watched) if one.kind == "action" and one.intervention == "hate_speech"]
    assert [one.late for one in late] == [True]
    (overturned,) = [one for one in _records(watched) if one.name == "verdict.overturned"]
    assert overturned.detail["cascade"] == CASCADE
    assert not any(INSULT in str(one) for one in _records(watched)), "no text of the screen is written down"


def test_a_cover_goes_when_the_second_judge_finds_no_harm_and_stays_away(watched: Watched) -> None:
    gate = _judges(watched, first=0.65, second=0.05)
    watched.watch()
    until(lambda: watched.ink(0) > 150)
    until(lambda: watched.ink(1) < 60)
    gate.set()
    until(lambda: watched.ink(1) > 150)
    watched.device.show(*screen(KIND, INSULT, KIND))
    until(lambda: watched.ink(2) > 150)
    assert watched.ink(1) > 150
    watched.runtime.judges.note_verdicts()
    (used,) = [one for one in _records(watched) if one.name == "cascade.used"]
    assert (used.detail["judged"], used.detail["escalated"], used.detail["overturned"]) == (2, 1, 1)
