"""A model that is not asked in time is no fault of the intervention: it is late, and sees the scene again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from time import monotonic

import pytest

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine
from backend.engine.runner import Job, Limits, Outcome, Runner
from backend.serving import ModelHost
from backend.serving.deadline import until_s
from interventions.sdk import Answer, Cover, Intervention, param
from interventions.sdk.testing import scene
from tests.serving.stub import Stub

WAIT_S = 10


class Wants(Intervention):
    """Covers what the model calls bad; remembers its answers."""

    judge = param("stub", kind="model", help="the model")

    def on_text(self, lines):
        for line, score in self.judge.score(lines, "bad"):
            if score > 0.5:
                yield Cover(line.box)

    def on_answer(self, answer):
        list(self.judge.score(self.scene.lines, "bad"))
        self.answered = [*getattr(self, "answered", []), answer.choice]
        yield from ()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    gate = threading.Event()
    yield gate
    gate.set()


def busy_host(gate: threading.Event) -> tuple[ModelHost, threading.Thread]:
    """A host whose only model is at work for somebody else until the gate opens."""
    host, stub = ModelHost(), Stub(lambda text: float("bad" in text), gate=gate)
    judge = host.swap("stub", stub)
    other = threading.Thread(target=judge.probabilities, args=[["somebody else's"]])
    other.start()
    assert stub.begun.wait(WAIT_S)
    return host, other


def test_who_waits_for_a_busy_model_is_late_not_suspended_and_gets_its_verdict_at_last(tmp_path, gate):
    folder = tmp_path / "wants"
    folder.mkdir()
    (folder / "manifest.toml").write_text('name = "wants"\ntitle = "wants"\nentry = "intervention:Wants"\n')
    source = "from tests.engine.test_starved import Wants as Base\nclass Wants(Base):\n    pass\n"
    (folder / "intervention.py").write_text(source)
    host, other = busy_host(gate)
    late = threading.Event()
    engine = Engine(
        Catalog([tmp_path], shipped=tmp_path / "nothing"),
        host.load,
        limits=Limits(hard_deadline_s=0.2),
        soft_deadline_s=0.6,  # three hard deadlines: somebody who hung would be found out
        on_late=late.set,
    )
    try:
        engine.enable("wants")
        shown = scene("a bad line", "a good line", number=1)
        decision = engine.decide(shown)
        assert decision.late == ("wants",)
        assert decision.failures == ()
        assert engine.enabled() == ["wants"]
        assert host.stats()[0].late > 0
        gate.set()
        assert late.wait(WAIT_S)
        decision = engine.gather(shown)
        assert decision.late == ()
        assert [decided.action.box for decided in decision.standing] == [shown.lines[0].box]
    finally:
        engine.close()
        other.join(WAIT_S)


def test_an_answer_is_not_lost_with_the_verdicts(gate):
    host, other = busy_host(gate)
    intervention, outcomes = Wants(), list[Outcome]()
    intervention.bind(host.load)
    runner = Runner("wants", intervention, Limits(hard_deadline_s=0.05), lambda _, outcome: outcomes.append(outcome))
    runner.answer(Answer("key", "yes"))
    runner.submit(Job(scene("a bad line", number=1)))
    until, pause = monotonic() + WAIT_S, threading.Event()
    while not runner.starved():
        assert monotonic() < until
        pause.wait(0.005)
    gate.set()
    outcome = runner.wait(1, monotonic() + WAIT_S)
    runner.stop()
    assert runner.join(WAIT_S)
    other.join(WAIT_S)
    assert outcome is not None
    assert outcome.traceback == ""
    assert len(outcome.actions) == 1
    assert intervention.answered == ["yes"]
    assert all(not outcome.shed for outcome in outcomes)


def test_handlers_run_under_a_deadline():
    seen: list[float] = []

    class Looks(Intervention):
        def on_text(self, lines):
            seen.append(until_s())

    runner = Runner("looks", Looks(), Limits(hard_deadline_s=5.0))
    before = monotonic()
    runner.submit(Job(scene("a line", number=1)))
    assert runner.wait(1, monotonic() + WAIT_S) is not None
    runner.stop()
    assert runner.join(WAIT_S)
    assert before + 4 < seen[0] < monotonic() + 5
