"""What the serving benchmark measures with: calls are counted once each, and its model is a model."""

from __future__ import annotations

import threading

import numpy as np

from backend.benchmarks import serving
from backend.benchmarks.dense import Dense
from backend.benchmarks.serving_load import arriving, back_to_back, texts
from backend.errors import Shed
from backend.serving.deadline import until_s


def test_every_call_is_asked_once_and_timed() -> None:
    asked, lock = list[str](), threading.Lock()

    def ask(items: list[str]) -> list[str]:
        with lock:
            asked.extend(items)
        return items

    calls = [[one] for one in texts(1, 30)]
    done = back_to_back(ask, calls, threads=4)
    assert sorted(asked) == sorted(one for (one,) in calls)
    assert (len(done.latencies), done.items) == (30, 30)


def test_what_is_dropped_or_comes_too_late_is_not_in_time() -> None:
    def ask(items: list[str]) -> list[str]:
        assert until_s() < float("inf")
        number = int(items[0].split()[0])
        if number % 3 == 0:
            raise Shed("m", "late", 1)
        if number % 3 == 1:
            raise Shed("m", "full", 1)
        return items

    done = arriving(ask, [[one] for one in texts(1, 30)], rate=2000.0, deadline_s=60.0, threads=4, seed=1)
    assert (len(done.latencies), done.late, done.shed) == (10, 10, 10)
    none = arriving(lambda items: items, [[one] for one in texts(1, 5)], 2000.0, deadline_s=-1.0, threads=2, seed=1)
    assert (len(none.latencies), none.late) == (0, 5)


def test_the_costly_model_says_the_same_of_a_text_in_any_company() -> None:
    dense, some = Dense(1), texts(2, 5)
    together = dense.predict_proba(some)
    assert np.allclose(together.sum(axis=1), 1)
    assert np.allclose(together, np.vstack([dense.predict_proba([one]) for one in some]), atol=1e-5)
    assert not np.allclose(together[0], together[1], atol=1e-4)


def test_a_small_run_fills_its_table_and_its_checks() -> None:
    plan = serving.Plan(calls=12, rounds=1, callers=(1, 4), overload_s=0.2, seeds=(1,))
    figures = serving.run(plan, lambda text: None)
    assert len(list(serving.summary(figures))) == 2 * 2 * 2
    assert len(list(serving.overloads(figures))) == 2
    assert len(figures.checks) == 6
