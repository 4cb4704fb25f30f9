"""One model's queue: batches, turns, deadlines and what is dropped."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import Shed
from backend.serving.batching import Batcher, Limits
from backend.serving.stats import Tally

WAIT_S = 10


class Model:
    """A model that stands still until it is let go, and remembers its batches."""

    def __init__(self, judge: Callable[[list[str]], Sequence[str]] = lambda items: [one.upper() for one in items]):
        self.judge = judge
        self.batches: list[list[str]] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, items: list[str]) -> Sequence[str]:
        self.batches.append(list(items))
        self.begun.set()
        assert self.go_on.wait(WAIT_S)
        return self.judge(items)


def until(condition: Callable[[], bool]) -> None:
    deadline, pause = monotonic() + WAIT_S, threading.Event()
    while not condition():
        assert monotonic() < deadline
        pause.wait(0.001)


def busy(threads: ThreadPoolExecutor, batcher: Batcher, model: Model) -> Future[list[str]]:
    """The model is at work on ``first``."""
    first = threads.submit(batcher, ["first"])
    assert model.begun.wait(WAIT_S)
    return first


def test_callers_who_wait_are_served_in_one_batch() -> None:
    model = Model()
    batcher = Batcher(model, Tally("m"))
    with ThreadPoolExecutor(4) as threads:
        first = busy(threads, batcher, model)
        others = [threads.submit(batcher, [name, name]) for name in "bcd"]
        until(lambda: batcher.waiting == 6)
        model.go_on.set()
        assert first.result(WAIT_S) == ["FIRST"]
        assert [future.result(WAIT_S) for future in others] == [["B", "B"], ["C", "C"], ["D", "D"]]
    assert [sorted(batch) for batch in model.batches] == [["first"], ["b", "b", "c", "c", "d", "d"]]


def test_a_large_call_is_served_in_batches_of_bounded_size_and_lets_others_in() -> None:
    model = Model()
    tally = Tally("m")
    batcher = Batcher(model, tally, Limits(largest=4, queue=40))
    items = [f"item {n}" for n in range(25)]
    model.go_on.set()
    assert batcher(items) == [item.upper() for item in items]
    assert max(map(len, model.batches)) == 4
    stats = tally.read()
    assert (stats.judged, stats.batches, stats.queued) == (25, len(model.batches), 0)
    assert sum(stats.sizes) == sum(stats.durations) == stats.batches


def test_one_callers_bad_item_fails_only_that_caller() -> None:
    def judge(items: list[str]) -> list[str]:
        if "bad" in items:
            raise ValueError("bad item")
        return items

    model = Model(judge)
    batcher = Batcher(model, Tally("m"))
    with ThreadPoolExecutor(3) as threads:
        first = busy(threads, batcher, model)
        good, bad = threads.submit(batcher, ["good"]), threads.submit(batcher, ["bad"])
        until(lambda: batcher.waiting == 2)
        model.go_on.set()
        assert first.result(WAIT_S) == ["first"]
        assert good.result(WAIT_S) == ["good"]
        with pytest.raises(ValueError, match="bad item"):
            bad.result(WAIT_S)


def test_work_past_its_deadline_never_reaches_the_model() -> None:
    model, tally = Model(), Tally("m")
    batcher = Batcher(model, tally)
    with ThreadPoolExecutor(3) as threads:
        first = busy(threads, batcher, model)
        late = threads.submit(batcher, ["late", "too"], monotonic() + 0.01)
        patient = threads.submit(batcher, ["patient"], monotonic() + WAIT_S)
        with pytest.raises(Shed, match="m was not asked about 2 items by the deadline") as raised:
            late.result(WAIT_S)
        until(lambda: batcher.waiting == 1)
        model.go_on.set()
        assert first.result(WAIT_S) == ["FIRST"]
        assert patient.result(WAIT_S) == ["PATIENT"]
    assert (raised.value.why, raised.value.items) == ("late", 2)
    assert model.batches == [["first"], ["patient"]]
    with pytest.raises(Shed):
        batcher(["gone"], monotonic() - 1)
    assert tally.read().queued == 0


def test_what_was_reached_before_the_deadline_is_handed_over_with_the_refusal() -> None:
    model = Model()
    batcher = Batcher(model, Tally("m"), Limits(largest=2))
    deadline = monotonic() + 0.05

    def judge(items: list[str]) -> list[str]:
        until(lambda: monotonic() > deadline)
        return items

    model.judge = judge
    model.go_on.set()
    with pytest.raises(Shed) as raised:
        batcher(list("abcdef"), deadline)
    assert raised.value.reached == {0: "a", 1: "b"}
    assert raised.value.items == 4


def test_a_full_queue_drops_the_stalest_first() -> None:
    model, tally = Model(), Tally("m")
    batcher = Batcher(model, tally, Limits(queue=8))
    with ThreadPoolExecutor(6) as threads:
        first = busy(threads, batcher, model)
        waiting = {}
        for count, name in enumerate("abcd", 1):
            waiting[name] = threads.submit(batcher, [name, name])
            until(lambda count=count: batcher.waiting == 2 * count)
        waiting["e"] = threads.submit(batcher, ["e"])
        with pytest.raises(Shed, match="because too much waits for it") as raised:
            waiting.pop("a").result(WAIT_S)
        assert raised.value.why == "full"
        model.go_on.set()
        assert first.result(WAIT_S) == ["FIRST"]
        for name, future in waiting.items():
            assert set(future.result(WAIT_S)) == {name.upper()}
    assert tally.read().queued == batcher.waiting == 0


def test_what_waits_too_long_lets_the_freshest_go_first() -> None:
    """Served in line, an overloaded queue would answer everybody a little too late."""
    model = Model()
    batcher = Batcher(model, Tally("m"), Limits(largest=1))
    with ThreadPoolExecutor(4) as threads:
        first = busy(threads, batcher, model)
        old = threads.submit(batcher, ["old"], monotonic() + 2)
        until(lambda: batcher.waiting == 1)
        since = batcher._queue[0].since_s
        until(lambda: monotonic() - since > 1.01)
        fresh = threads.submit(batcher, ["fresh"], monotonic() + WAIT_S)
        until(lambda: batcher.waiting == 2)
        model.go_on.set()
        assert first.result(WAIT_S) == ["FIRST"]
        assert fresh.result(WAIT_S) == ["FRESH"]
        assert old.result(WAIT_S) == ["OLD"]
    assert model.batches == [["first"], ["fresh"], ["old"]]


def test_otherwise_who_came_first_is_served_first() -> None:
    model = Model()
    batcher = Batcher(model, Tally("m"), Limits(largest=1))
    with ThreadPoolExecutor(4) as threads:
        futures = [busy(threads, batcher, model)]
        for count, name in enumerate("abc", 1):
            futures.append(threads.submit(batcher, [name], monotonic() + WAIT_S))
            until(lambda count=count: batcher.waiting == count)
        model.go_on.set()
        assert [future.result(WAIT_S) for future in futures] == [["FIRST"], ["A"], ["B"], ["C"]]
    assert model.batches == [["first"], ["a"], ["b"], ["c"]]


def test_as_many_batches_run_side_by_side_as_are_allowed() -> None:
    together, most = threading.Barrier(3, timeout=WAIT_S), 0
    running, lock = 0, threading.Lock()

    def judge(items: list[str]) -> list[str]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait()
        with lock:
            running -= 1
        return items

    batcher = Batcher(judge, Tally("m"), Limits(at_once=3, largest=1))
    with ThreadPoolExecutor(6) as threads:
        assert sorted(one for (one,) in threads.map(batcher, [[name] for name in "abcdef"])) == list("abcdef")
    assert most == 3


class Interrupted(BaseException):
    """What an engine raises inside the thread of an intervention that hangs."""


def test_the_orders_of_an_interrupted_batch_are_served_by_the_next_in_line() -> None:
    calls = 0

    def judge(items: list[str]) -> list[str]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Interrupted
        return [item.upper() for item in items]

    model = Model(judge)
    batcher = Batcher(model, Tally("m"))
    with ThreadPoolExecutor(4) as threads:
        futures = [busy(threads, batcher, model)]
        futures += [threads.submit(batcher, [name]) for name in "bcd"]
        until(lambda: batcher.waiting == 3)
        model.go_on.set()
        outcomes = [future.exception(WAIT_S) for future in futures]
    assert [type(error) for error in outcomes if error] == [Interrupted]
    assert calls == 3


def test_a_lone_caller_is_never_held_however_costly_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[float] = []
    batcher = Batcher(lambda items: items, Tally("m"))
    for n in (1, 8, 64):
        batcher._note(n, 1.0 + 0.001 * n)
    original = batcher._hold_s
    monkeypatch.setattr(batcher, "_hold_s", lambda now: held.append(original(now)) or held[-1])
    for n in range(50):
        batcher([n])
    assert len(held) == 50
    assert max(held) <= 0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=12),
    st.integers(1, 3),
    st.integers(1, 6),
    st.integers(4, 40),
    st.randoms(use_true_random=False),
)
def test_every_call_gets_its_own_verdicts_or_is_told(
    sizes: list[int], at_once: int, largest: int, queue: int, chance: random.Random
) -> None:
    """Whatever the load, limits, failures and deadlines: verdicts in order, or the error that belongs to the call."""
    slow = {(call, at): chance.random() < 0.1 for call, size in enumerate(sizes) for at in range(size)}
    bad = {call for call in range(len(sizes)) if chance.random() < 0.1}
    running, most, lock = 0, 0, threading.Lock()
    pause = threading.Event()

    def judge(items: list[tuple[int, int]]) -> list[tuple[int, int]]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        if any(slow[item] for item in items):
            pause.wait(0.002)
        with lock:
            running -= 1
        if any(call in bad for call, _ in items):
            raise ValueError("bad item")
        assert len(items) <= largest
        return items

    batcher = Batcher(judge, Tally("m"), Limits(largest=largest, at_once=at_once, queue=queue))
    deadlines = {call: 0.003 for call in range(len(sizes)) if chance.random() < 0.2}

    def ask(call: int) -> str:
        items = [(call, at) for at in range(sizes[call])]
        try:
            assert batcher(items, monotonic() + deadlines.get(call, WAIT_S)) == items
        except Shed as shed:
            kept = all(items[at] == verdict for at, verdict in shed.reached.items())
            return shed.why if kept and len(shed.reached) + shed.items == len(items) else "wrong"
        except ValueError:
            return "bad"
        return "good"

    with ThreadPoolExecutor(len(sizes)) as threads:
        outcomes = list(threads.map(ask, range(len(sizes))))
    assert "wrong" not in outcomes
    for call, outcome in enumerate(outcomes):
        assert outcome != "bad" or call in bad
        assert outcome != "good" or call not in bad or sizes[call] == 0
        assert outcome != "late" or call in deadlines
    assert most <= at_once
    assert (batcher.waiting, batcher._running, len(batcher._queue)) == (0, 0, 0)
