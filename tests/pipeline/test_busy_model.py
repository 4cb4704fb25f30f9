"""A model with too much to do: its verdicts come late, and nobody is suspended for it."""

from __future__ import annotations

import threading

from tests.pipeline.conftest import INSULT, Watched, until
from tests.serving.stub import Stub


def test_a_still_screen_is_judged_at_last_and_what_was_dropped_is_written_down(watched: Watched) -> None:
    gate = threading.Event()
    stub = Stub(lambda text: float(text == INSULT), gate=gate)
    stub.card = stub.card.changed(harmful=("bad",))
    judge = watched.runtime.judges.host.swap("stub", stub)
    other = threading.Thread(target=judge.probabilities, args=[["another phone's text"]])
    other.start()
    watched.settings.hard_deadline_s = 0.5
    watched.runtime.enable("hate_speech", {"judge": "stub"})
    watched.watch()
    until(lambda: watched.runtime.judges.host.stats()[0].late > 0)
    (view,) = [one for one in watched.runtime.interventions() if one.name == "hate_speech"]
    assert view.enabled
    assert view.error == ""
    gate.set()
    until(lambda: watched.ink(0) > 150 and watched.ink(1) < 60)
    other.join(10)
    until(lambda: any(one.late for one in _records(watched) if one.intervention == "hate_speech"))
    watched.runtime.judges.note_verdicts()
    (dropped,) = [one for one in _records(watched) if one.name == "model.late"]
    assert dropped.detail["model"] == "stub"
    assert dropped.detail["late"] >= 1
    assert not any(INSULT in str(one) for one in _records(watched))


def _records(watched: Watched):
    watched.journal.flush()
    return watched.journal.search(limit=1000)
