"""What a batch costs, fitted from what batches took, and what follows for batches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.serving.cost import Arrivals, Cost, Measured, fit, largest_batch, patience_s

seconds = st.floats(1e-6, 10.0)
costs = st.builds(Cost, seconds, seconds)
batches = st.lists(st.tuples(st.integers(1, 1000), seconds), min_size=1, max_size=40)


@given(costs)
def test_the_two_parts_are_told_apart(cost: Cost) -> None:
    found = fit((n, cost.seconds(n)) for n in (1, 2, 4, 8, 16, 32, 64, 128))
    for n in (1, 8, 128):
        assert found.seconds(n) == pytest.approx(cost.seconds(n), rel=1e-3)


@given(batches)
def test_no_part_is_ever_negative_and_one_size_alone_promises_nothing(given_: list[tuple[int, float]]) -> None:
    found = fit(given_)
    assert found.fixed_s >= 0
    assert found.each_s >= 0
    if len({n.bit_length() for n, _ in given_}) == 1:
        assert found.fixed_s == 0


@given(costs, st.data())
def test_a_third_of_the_batches_may_be_slow_by_any_factor(cost: Cost, data: st.DataObject) -> None:
    taken = []
    for n in (1, 4, 16, 64):
        taken += [(n, cost.seconds(n))] * 10
        taken += [(n, cost.seconds(n) * data.draw(st.floats(2, 1000))) for _ in range(5)]
    found = fit(data.draw(st.permutations(taken)))
    for n in (1, 16, 64):
        assert found.seconds(n) == pytest.approx(cost.seconds(n), rel=1e-3)


@given(batches, st.floats(0.001, 1000))
def test_a_machine_so_many_times_slower_costs_so_many_times_more(taken: list[tuple[int, float]], factor: float) -> None:
    one, other = fit(taken), fit((n, s * factor) for n, s in taken)
    for n, _ in taken:
        assert other.seconds(n) == pytest.approx(one.seconds(n) * factor, rel=1e-3)


@given(costs, st.floats(0.001, 5), st.integers(1, 1000))
def test_a_batch_keeps_within_its_target_or_within_double_its_fixed_cost(cost: Cost, target: float, most: int) -> None:
    n = largest_batch(cost, target, most)
    assert 1 <= n <= most
    assert n == 1 or cost.seconds(n) <= max(target, 2 * cost.fixed_s) * (1 + 1e-9)
    assert n == most or cost.seconds(n + 1) > max(target, 2 * cost.fixed_s) * (1 - 1e-9)


def test_what_was_never_measured_takes_all() -> None:
    assert largest_batch(Cost(), 0.25, 256) == 256


@given(costs, st.integers(1, 50), st.floats(0, 1e4), st.floats(0, 20), st.floats(0, 20))
def test_nothing_is_held_open_for_longer_than_it_could_save(
    cost: Cost, calls: int, rate: float, held: float, quiet: float
) -> None:
    wait = patience_s(cost, calls, rate, held, quiet)
    assert wait >= 0
    assert wait == 0 or (held + wait <= cost.fixed_s * (1 + 1e-9) and rate * cost.fixed_s > calls)


def test_cheap_models_and_lone_callers_wait_for_nobody() -> None:
    assert patience_s(Cost(fixed_s=2e-5, each_s=2e-5), 1, rate=1000.0, held_s=0, quiet_s=0) == 0
    assert patience_s(Cost(fixed_s=0.05, each_s=0.001), 1, rate=0.0, held_s=0, quiet_s=0) == 0


def test_a_costly_model_waits_a_little_where_many_come() -> None:
    costly = Cost(fixed_s=0.05, each_s=0.001)
    assert 0 < patience_s(costly, 1, rate=200.0, held_s=0, quiet_s=0) <= 0.01
    assert patience_s(costly, 10, rate=200.0, held_s=0, quiet_s=0) == 0
    assert patience_s(costly, 1, rate=200.0, held_s=0.01, quiet_s=0.011) == 0


@given(st.lists(st.floats(0.001, 1.0), min_size=1, max_size=100))
def test_a_lone_caller_comes_to_no_rate_at_all(gaps: list[float]) -> None:
    arrivals, now = Arrivals(), 0.0
    for gap in gaps:
        now += gap
        arrivals.came(now, in_company=False)
    assert arrivals.rate(now + 0.1) == 0


def test_the_rate_is_that_of_calls_in_company_and_fades() -> None:
    arrivals = Arrivals()
    for n in range(32):
        arrivals.came(n / 100, in_company=n % 2 == 0)
    assert arrivals.rate(0.31) == pytest.approx(16 / 0.31)
    assert arrivals.rate(10.0) == pytest.approx(1.6)
    assert arrivals.quiet_s(10.0) == pytest.approx(10 - 0.31)


def test_the_running_fit_follows_a_model_that_became_slower() -> None:
    measured = Measured()
    for factor in (1, 3):
        for _ in range(16):
            for n in (1, 8, 64):
                measured.took(n, factor * (0.01 + 0.002 * n))
    assert measured.cost.seconds(32) == pytest.approx(3 * 0.074, rel=0.01)
