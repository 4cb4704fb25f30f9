"""A head that learns where people disagree with a judge, and leaves the rest to the judge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.models.few_shot.kernel import KernelHead, fit, kernel, logit, sigmoid


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def around(centre: int, count: int, seed: int, spread: float = 0.03) -> np.ndarray:
    """Vectors near one of many axes, as sentences of one kind are."""
    noise = np.random.default_rng(seed).normal(0, spread, (count, 64))
    noise[:, centre] += 1.0
    return unit(noise)


def harm(head: KernelHead, vectors: np.ndarray, offset: float) -> np.ndarray:
    return sigmoid(head.logits(vectors, np.full(len(vectors), offset)))


def test_one_correction_turns_its_kin_and_nothing_else() -> None:
    head = fit(around(0, 1, 1), [False], np.array([3.0]))
    assert harm(head, around(0, 20, 2), 3.0).max() < 0.5
    assert harm(head, around(1, 20, 3), 3.0).min() > 0.94
    assert harm(head, around(2, 20, 4), -3.0).max() < 0.06


def test_without_corrections_the_judge_has_the_word() -> None:
    head = fit(np.zeros((0, 64)), [], np.zeros(0))
    assert harm(head, around(0, 5, 1), 1.5) == pytest.approx(sigmoid(np.full(5, 1.5)))


def test_contradictions_meet_halfway() -> None:
    text = around(0, 1, 1)
    head = fit(np.repeat(text, 10, axis=0), [True, False] * 5, np.full(10, 4.0))
    assert harm(head, text, 4.0)[0] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("label", [True, False])
def test_labels_of_one_kind_are_enough(label: bool) -> None:
    vectors = around(0, 30, 1)
    head = fit(vectors, [label] * 30, np.zeros(30))
    assert ((harm(head, vectors, 0.0) > 0.5) == label).all()


def test_ten_thousand_labels_at_once_are_learnt_from_some_of_them() -> None:
    random = np.random.default_rng(0)
    kinds = random.integers(0, 8, 10_000)
    vectors = np.concatenate([around(int(kind), 1, seed) for seed, kind in enumerate(kinds)])
    head = fit(vectors, list(kinds < 4), np.zeros(10_000), anchors=200)
    assert len(head.weights) == 200
    fresh = np.concatenate([around(kind, 5, 77 + kind) for kind in range(8)])
    assert ((harm(head, fresh, 0.0) > 0.5) == np.repeat(np.arange(8) < 4, 5)).all()


def test_the_same_text_said_ten_thousand_times_is_learnt_all_the_same() -> None:
    vectors = np.repeat(unit(np.eye(4)), 2500, axis=0)
    labels = list(np.repeat([True, False, False, False], 2500))
    head = fit(vectors, labels, np.full(10_000, -2.0))
    assert harm(head, unit(np.eye(4)), -2.0) == pytest.approx([1.0, 0.0, 0.0, 0.0], abs=0.01)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=12), st.floats(-6, 6))
def test_it_agrees_with_labels_at_least_as_well_as_the_judge(labels: list[tuple[int, bool]], offset: float) -> None:
    vectors = np.concatenate([around(kind, 1, at) for at, (kind, _) in enumerate(labels)])
    said = np.array([label for _, label in labels])
    head = fit(vectors, list(said), np.full(len(said), offset))

    def loss(probability: np.ndarray) -> float:
        return float(-np.log(np.where(said, probability, 1 - probability)).sum())

    assert loss(harm(head, vectors, offset)) <= loss(sigmoid(np.full(len(said), offset))) + 1e-6


@given(st.floats(0, 1))
def test_log_odds_are_finite_and_undo_themselves(probability: float) -> None:
    there = logit(np.array([probability]))
    assert np.isfinite(there).all()
    assert sigmoid(there)[0] == pytest.approx(probability, abs=2e-6)


def test_a_kernel_is_one_of_the_same_and_never_indefinite() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(20, 8)))
    among = kernel(vectors, vectors)
    assert np.diag(among) == pytest.approx(np.ones(20))
    assert np.linalg.eigvalsh(among).min() > -1e-9


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="2 labels"):
        fit(around(0, 3, 1), [True, False], np.zeros(2))
