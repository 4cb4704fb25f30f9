"""Logistic regression on sparse rows, learnt in small batches, in numpy alone.

Rows of differing length lie end to end: `Sparse` keeps the numbers of the features, their values and where each row
starts. Steps are scaled feature by feature (AdaGrad, Duchi et al. 2011), so that rare n-grams learn as fast as common
ones; what is used in the end is the mean of the weights over the last epoch's steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows of a sparse matrix: `columns` and `values` of all rows end to end, row n from ``starts[n]`` on."""

    columns: NDArray[np.int64]
    values: Floats
    starts: NDArray[np.int64]

    @classmethod
    def stacked(cls, rows: Sequence[tuple[NDArray[np.int64], Floats]]) -> Sparse:
        starts = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        if not rows:
            return cls(np.empty(0, np.int64), np.empty(0, np.float32), starts)
        return cls(np.concatenate([c for c, _ in rows]), np.concatenate([v for _, v in rows]), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def chosen(self, rows: NDArray[np.intp]) -> Sparse:
        spans = [(self.starts[row], self.starts[row + 1]) for row in rows]
        return Sparse.stacked([(self.columns[a:b], self.values[a:b]) for a, b in spans])

    def dot(self, weights: Floats) -> NDArray[np.float64]:
        """``rows @ weights``; `weights` is ``(features, outputs)``, the result ``(len(self), outputs)``."""
        lengths = np.diff(self.starts)
        products = np.zeros((len(self), weights.shape[1]))
        filled = np.flatnonzero(lengths)
        if len(filled):
            terms = weights[self.columns] * self.values[:, None]
            products[filled] = np.add.reduceat(terms, self.starts[:-1][filled], axis=0, dtype=np.float64)
        return products

    def transposed_dot(self, errors: NDArray[np.float64], features: int) -> NDArray[np.float64]:
        """``rows.T @ errors``, ``(features, outputs)``."""
        spread = np.repeat(errors, np.diff(self.starts), axis=0) * self.values[:, None]
        return np.stack([np.bincount(self.columns, column, features) for column in spread.T], axis=1)


class Logistic:
    """The learner: weights ``(features, outputs)`` and an intercept an output. One output for two classes."""

    def __init__(self, features: int, outputs: int, rate: float, l2: float) -> None:
        self.rate = rate
        self.l2 = l2
        self.weights = np.zeros((features, outputs), np.float32)
        self.intercept = np.zeros(outputs)
        self._squares = np.full((features, outputs), 1e-6, np.float64)
        self._intercept_squares = np.full(outputs, 1e-6)

    def step(self, rows: Sparse, truth: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
        """Learn from one batch; `truth` is ``(n, outputs)``, 0 or 1. Returns the loss before the step."""
        logits = rows.dot(self.weights) + self.intercept
        chances = probabilities(logits)
        errors = (chances - truth) * weights[:, None] / weights.sum()
        gradient = rows.transposed_dot(errors, len(self.weights))
        touched = np.flatnonzero(gradient.any(axis=1))
        slope = gradient[touched] + self.l2 * self.weights[touched]
        self._squares[touched] += slope**2
        self.weights[touched] -= (self.rate * slope / np.sqrt(self._squares[touched])).astype(np.float32)
        self._intercept_squares += errors.sum(axis=0) ** 2
        self.intercept -= self.rate * errors.sum(axis=0) / np.sqrt(self._intercept_squares)
        return loss(chances, truth, weights)


def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of one output the sigmoid, of several the softmax; the shape stays."""
    if logits.shape[1] == 1:
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -50, 50))))
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def loss(chances: NDArray[np.float64], truth: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """The weighted mean cross-entropy."""
    chances = np.clip(chances, 1e-12, 1 - 1e-12)
    if chances.shape[1] == 1:
        each = -(truth * np.log(chances) + (1 - truth) * np.log(1 - chances))[:, 0]
    else:
        each = -(truth * np.log(chances)).sum(axis=1)
    return float((each * weights).sum() / weights.sum())


def batches(count: int, size: int, random: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """All of ``range(count)`` in random order, `size` at a time."""
    order = random.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]
