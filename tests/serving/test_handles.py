"""Handles for rows of numbers, handles made of others, deadlines through the cache, and what is counted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backend.errors import ModelError, Shed
from backend.serving import ModelHost
from backend.serving.batching import Limits
from backend.serving.deadline import until_s, wanted_until
from backend.serving.handles import FieldHandle, Handle, TabularHandle, row_keys
from backend.serving.local import Local
from backend.serving.stats import ModelStats
from interventions.models.hatesonar import HateSonar
from tests.serving.stub import Stub

WAIT_S = 10


@pytest.mark.parametrize(("kind", "handle"), [("tabular", TabularHandle), ("field", FieldHandle)])
def test_rows_of_numbers_are_judged_and_known_again(kind: str, handle: type[Handle]) -> None:
    host = ModelHost()
    judge = host.swap("stub", Stub(lambda row: float(row[0] > row[1]), input=kind))
    assert type(judge) is handle
    rows = np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0]])
    assert [score for _, score in judge.score(rows, "bad")] == [0.0, 1.0, 0.0]
    assert judge.probabilities(rows.astype(np.float32)) == [(1.0, 0.0), (0.0, 1.0), (1.0, 0.0)]
    assert host.stats()[0].judged == 2
    with pytest.raises(ModelError, match="not given rows of numbers"):
        judge.probabilities([[1.0], [1.0, 2.0]])
    with pytest.raises(ModelError, match="shape"):
        judge.probabilities([1.0, 2.0])


@given(hnp.arrays(np.float64, st.tuples(st.integers(0, 5), st.integers(1, 4))))
def test_equal_rows_have_equal_keys_and_different_ones_differ(rows: np.ndarray) -> None:
    table, keys = row_keys(rows)
    again, same = row_keys(np.asfortranarray(np.where(rows == 0, -0.0, rows)))
    assert keys == same
    assert np.array_equal(table, again, equal_nan=True)
    for row, key in zip(rows, keys, strict=True):
        for other, its in zip(rows, keys, strict=True):
            assert (key == its) == np.array_equal(row, other, equal_nan=True)


def test_a_row_is_not_mistaken_for_a_longer_one() -> None:
    assert row_keys([[0.0]])[1] != row_keys([[0.0, 0.0]])[1]


class Either(Handle):
    """The higher score of two models: the smallest handle made of others."""

    def __init__(self, name: str, parts: list[Handle]) -> None:
        self.name, self.parts = name, parts

    @property
    def version(self) -> str:
        return "+".join(part.version for part in self.parts)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.parts[0].classes

    @property
    def harmful(self) -> tuple[str, ...]:
        return self.parts[0].harmful

    @property
    def stats(self) -> ModelStats:
        return ModelStats(self.name, self.version)

    def probabilities(self, texts: list[str]) -> list[tuple[float, ...]]:
        rows = [part.probabilities(texts) for part in self.parts]
        return [max(both, key=lambda row: row[1]) for both in zip(*rows, strict=True)]


def either(name: str, host: ModelHost) -> Handle | None:
    parts = name.split("|")
    return Either(name, [host.load(part) for part in parts]) if len(parts) > 1 else None


def test_a_handle_made_of_others_is_found_by_name() -> None:
    host = ModelHost(resolvers=[either])
    host.swap("one", Stub(lambda text: 0.1))
    host.swap("two", Stub(lambda text: 0.6))
    judge = host.load("one|two")
    assert host.load("one|two") is judge
    assert judge.probabilities(["a"]) == [(0.4, 0.6)]
    assert [stats.name for stats in host.stats()] == ["one", "two"], "what it is made of counts"
    assert host.versions() == {"one": "1", "two": "1", "one|two": "1+1"}
    with pytest.raises(ModelError, match="made of other models"):
        host.swap("one|two", Stub())
    with pytest.raises(ModelError, match="no model 'three'"):
        host.load("one|three")


def test_a_nearer_deadline_holds() -> None:
    assert until_s() == float("inf")
    with wanted_until(5.0):
        with wanted_until(9.0):
            assert until_s() == 5.0
        with wanted_until(1.0):
            assert until_s() == 1.0
        assert until_s() == 5.0


def test_who_waits_for_anothers_verdict_stops_at_its_own_deadline_and_is_counted() -> None:
    gate = threading.Event()
    stub = Stub(lambda text: 0.5, gate=gate)
    host = ModelHost()
    judge = host.swap("stub", stub)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(judge.probabilities, ["same", "text"])
        assert stub.begun.wait(WAIT_S)
        with wanted_until(monotonic() + 0.02), pytest.raises(Shed, match="2 items by the deadline"):
            judge.probabilities(["same", "text"])
        gate.set()
        assert len(first.result(WAIT_S)) == 2
    (stats,) = host.stats()
    assert (stats.late, stats.shed, stats.judged) == (2, 0, 2)


def test_when_the_one_who_asks_gives_up_those_who_wait_for_it_ask_themselves() -> None:
    gate = threading.Event()
    stub = Stub(lambda text: 0.5, gate=gate)
    host = ModelHost(backend=Local(Limits(at_once=1)))
    judge = host.swap("stub", stub)

    def impatient() -> None:
        with wanted_until(monotonic() + 0.1):
            judge.probabilities(["wanted by both"])

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(judge.probabilities, ["another"])
        assert stub.begun.wait(WAIT_S)
        gives_up = pool.submit(impatient)
        until, pause = monotonic() + WAIT_S, threading.Event()
        while host.stats()[0].queued == 0:
            assert monotonic() < until
            pause.wait(0.001)
        waits = pool.submit(judge.probabilities, ["wanted by both"])
        assert isinstance(gives_up.exception(WAIT_S), Shed)
        gate.set()
        assert waits.result(WAIT_S) == [(0.5, 0.5)]
        assert first.result(WAIT_S)
    assert host.stats()[0].judged == 2


def test_a_call_that_runs_out_of_time_goes_on_where_it_stopped() -> None:
    deadline = monotonic() + 0.05
    pause = threading.Event()

    def slow(text: str) -> float:
        while monotonic() < deadline:
            pause.wait(0.002)
        return 0.5

    host = ModelHost(backend=Local(Limits(largest=2)))
    stub = Stub(slow)
    judge = host.swap("stub", stub)
    texts = [str(n) for n in range(6)]
    with wanted_until(deadline), pytest.raises(Shed):
        judge.probabilities(texts)
    assert len(judge.probabilities(texts)) == 6
    assert stub.batches == [2, 2, 2]


def test_an_onnx_model_runs_batches_side_by_side_and_others_do_not() -> None:
    from backend.serving.local import at_once

    assert at_once(Stub()) == 1
    assert 1 <= at_once(HateSonar()) <= 4
    own = Stub()
    own.at_once = 3
    assert at_once(own) == 3


def test_too_many_or_too_few_verdicts_are_the_models_fault() -> None:
    stub = Stub()
    stub.predict_proba = lambda X: np.zeros((len(X) + 1, 2))
    judge = ModelHost().swap("stub", stub)
    with pytest.raises(ModelError, match="gave 2 verdicts on 1 items"):
        judge.probabilities(["a"])
