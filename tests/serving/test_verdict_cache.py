from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.serving.cache import Key, VerdictCache

WAIT_S = 10


def key(name: str, model: str = "m", version: str = "1") -> Key:
    return model, version, name.encode()


def test_nothing_is_judged_twice() -> None:
    cache, seen = VerdictCache(), []

    def judge(positions: list[int]) -> Sequence[str]:
        seen.append(positions)
        return [f"verdict {position}" for position in positions]

    first = cache.answer([key("a"), key("b"), key("a")], judge)
    second = cache.answer([key("b"), key("c")], judge)
    assert first.verdicts == ["verdict 0", "verdict 1", "verdict 0"]
    assert second.verdicts == ["verdict 1", "verdict 1"]
    assert seen == [[0, 1], [1]]
    assert (first.hits, second.hits) == (1, 1)


def test_models_and_versions_do_not_answer_for_each_other() -> None:
    cache = VerdictCache()
    keys = [key("a"), key("a", model="n"), key("a", version="2")]
    assert cache.answer(keys, lambda positions: positions).verdicts == [0, 1, 2]


@given(st.lists(st.lists(st.integers(0, 30), max_size=12), max_size=30), st.integers(1, 20))
def test_it_never_outgrows_its_bound_and_never_answers_wrongly(calls: list[list[int]], capacity: int) -> None:
    cache = VerdictCache(capacity)
    for call in calls:
        answer = cache.answer([key(str(n)) for n in call], lambda positions, call=call: [call[p] for p in positions])
        assert answer.verdicts == call
        assert len(cache) <= capacity


def test_the_least_recently_used_goes_first() -> None:
    cache = VerdictCache(capacity=2)
    for name in ["a", "b", "a", "c"]:
        cache.answer([key(name)], lambda positions: positions)
    judged: list[str] = []
    for name in ["a", "c", "b"]:
        cache.answer([key(name)], lambda positions, name=name: judged.append(name) or positions)
    assert judged == ["b"]
    assert cache.evicted == 2


def test_who_asks_while_a_verdict_is_reached_waits_for_that_one() -> None:
    cache = VerdictCache()
    begun, go_on = threading.Event(), threading.Event()
    judged: list[int] = []

    def slowly(positions: list[int]) -> list[str]:
        begun.set()
        assert go_on.wait(WAIT_S)
        judged.extend(positions)
        return ["verdict"] * len(positions)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(cache.answer, [key("a")], slowly)
        assert begun.wait(WAIT_S)
        second = threads.submit(cache.answer, [key("a"), key("b")], lambda positions: [f"own {p}" for p in positions])
        go_on.set()
        assert first.result(WAIT_S).verdicts == ["verdict"]
        answer = second.result(WAIT_S)
    assert answer.verdicts[1] == "own 1"
    assert answer.verdicts[0] == "verdict"
    assert judged == [0]


def test_a_failure_reaches_all_who_wait_and_is_not_remembered() -> None:
    cache = VerdictCache()
    begun, go_on = threading.Event(), threading.Event()

    def fail(positions: list[int]) -> list[str]:
        begun.set()
        assert go_on.wait(WAIT_S)
        raise ValueError("no verdict")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(cache.answer, [key("a")], fail)
        assert begun.wait(WAIT_S)
        second = threads.submit(cache.answer, [key("a")], fail)
        go_on.set()
        for waiting in (first, second):
            with pytest.raises(ValueError, match="no verdict"):
                waiting.result(WAIT_S)
    assert cache.answer([key("a")], lambda positions: ["well"]).verdicts == ["well"]


def test_crossed_questions_do_not_deadlock() -> None:
    """Two callers that each wait for what the other is having judged."""
    cache, meet = VerdictCache(), threading.Barrier(2, timeout=WAIT_S)

    def judge(positions: list[int]) -> list[int]:
        meet.wait()
        return positions

    def ask(*names: str) -> list[int]:
        own = cache.answer([key(names[0])], judge).verdicts
        return own + cache.answer([key(names[1])], lambda positions: positions).verdicts

    with ThreadPoolExecutor(2) as threads:
        results = [threads.submit(ask, "a", "b"), threads.submit(ask, "b", "a")]
        assert [future.result(WAIT_S) for future in results] == [[0, 0], [0, 0]]


class Interrupted(BaseException):
    """What an engine raises inside the thread of an intervention that hangs."""


def test_an_interrupted_caller_takes_nobody_down_with_it() -> None:
    cache = VerdictCache()
    begun, go_on = threading.Event(), threading.Event()

    def interrupted(positions: list[int]) -> list[str]:
        begun.set()
        assert go_on.wait(WAIT_S)
        raise Interrupted

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(cache.answer, [key("a")], interrupted)
        assert begun.wait(WAIT_S)
        second = threads.submit(cache.answer, [key("b"), key("a")], lambda positions: [f"own {p}" for p in positions])
        go_on.set()
        with pytest.raises(Interrupted):
            first.result(WAIT_S)
        assert second.result(WAIT_S).verdicts == ["own 0", "own 1"]
