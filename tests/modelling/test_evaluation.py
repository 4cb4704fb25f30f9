"""The figures are scikit-learn's, and the intervals hold what they promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from backend.modelling.evaluation import Evaluation, evaluate, wilson


def figures(result: Evaluation) -> dict[str, float]:
    return {metric.name: metric.value for metric in result.metrics}


@st.composite
def judged(draw: Any) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, with ties, and truths in which every class occurs."""
    k = draw(st.integers(2, 4))
    rest = draw(st.lists(st.integers(0, k - 1), max_size=40))
    truth = np.array([*range(k), *rest])
    seed = draw(st.integers(0, 2**32 - 1))
    raw = np.random.default_rng(seed).integers(1, 6, (len(truth), k)).astype(float)
    return raw / raw.sum(axis=1, keepdims=True), truth


@settings(deadline=None, max_examples=60)
@given(judged())
def test_figures_agree_with_scikit_learn(given_: tuple[np.ndarray, np.ndarray]) -> None:
    p, truth = given_
    k = p.shape[1]
    found = figures(evaluate(p, truth, [str(c) for c in range(k)], resamples=2))
    guess = p.argmax(axis=1)
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(truth, guess))
    assert found["balanced accuracy"] == pytest.approx(reference.balanced_accuracy_score(truth, guess))
    assert found["macro F1"] == pytest.approx(reference.f1_score(truth, guess, average="macro"))
    scored = p[:, 1] if k == 2 else p
    assert found["area under the curve"] == pytest.approx(reference.roc_auc_score(truth, scored, multi_class="ovr"))
    assert found["Brier score"] == pytest.approx(reference.brier_score_loss(truth, scored))


def test_misses_and_over_blocking_stand_side_by_side() -> None:
    p = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.7, 0.3]])
    found = figures(evaluate(p, np.array([0, 0, 0, 1]), ["abuse", "neither"], ["abuse"], resamples=10))
    assert found["misses (harm let through)"] == pytest.approx(2 / 3)
    assert found["over-blocking (harmless flagged)"] == 1.0
    assert found["area under the curve"] == pytest.approx(1 / 3)


def test_items_of_one_kind_have_no_curve_but_still_tell_of_over_blocking() -> None:
    p = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.7, 0.3]])
    harmless = figures(evaluate(p, np.ones(4, dtype=int), ["abuse", "neither"], ["abuse"], resamples=10))
    assert harmless["over-blocking (harmless flagged)"] == 0.5
    assert not {"area under the curve", "misses (harm let through)"} & set(harmless)
    harm = figures(evaluate(p, np.zeros(4, dtype=int), ["abuse", "neither"], ["abuse"], resamples=10))
    assert harm["misses (harm let through)"] == 0.5
    assert not {"area under the curve", "over-blocking (harmless flagged)"} & set(harm)


def test_intervals_cover_the_truth_and_narrow_with_more_items() -> None:
    random = np.random.default_rng(1)
    widths = []
    for n in (200, 3200):
        truth = (random.random(n) < 0.3).astype(int)
        sure = np.where(random.random(n) < 0.8, truth, 1 - truth) * 0.6 + 0.2
        result = evaluate(np.stack([1 - sure, sure], axis=1), truth, ["a", "b"], resamples=300)
        accuracy = next(metric for metric in result.metrics if metric.name == "accuracy")
        assert accuracy.low is not None
        assert accuracy.high is not None
        assert accuracy.low <= 0.8 <= accuracy.high
        assert accuracy.n == n
        widths.append(accuracy.high - accuracy.low)
    assert 3 < widths[0] / widths[1] < 5.5


def test_the_same_seed_gives_the_same_intervals() -> None:
    random = np.random.default_rng(0)
    p = random.dirichlet([1, 1, 1], 50)
    truth = random.integers(0, 3, 50)
    assert evaluate(p, truth, "abc", resamples=50) == evaluate(p, truth, "abc", resamples=50)


def test_a_calibrated_judge_lies_on_the_diagonal() -> None:
    random = np.random.default_rng(2)
    p = random.random(20_000)
    truth = (random.random(20_000) < p).astype(int)
    result = evaluate(np.stack([1 - p, p], axis=1), truth, ["no", "yes"], ["yes"], "here", resamples=2)
    assert figures(result)["expected calibration error"] < 0.01
    assert len(result.reliability) == 10
    assert sum(one.count for one in result.reliability) == 20_000
    for one in result.reliability:
        assert one.low <= one.observed <= one.high
        assert abs(one.predicted - one.observed) < 0.03
        assert one.on == "here: probability of yes"


def test_wilson_is_the_textbooks() -> None:
    low, high = wilson(0.5, 10)
    assert (low, high) == (pytest.approx(0.2366, abs=1e-4), pytest.approx(0.7634, abs=1e-4))
    assert wilson(0.0, 5)[0] == 0
    assert wilson(1.0, 5)[1] == 1
