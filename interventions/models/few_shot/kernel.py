"""A head on frozen embeddings that starts from another judge's verdicts and learns where people disagree with it.

Kernel logistic regression with an offset (ours)::

    logit p(x) = b(x) + sum_j a_j k(x, z_j),      k(x, z) = (cos(x, z) + cos(x, z) ** 3) / 2
    a = argmin  sum_i log(1 + exp(-y_i logit p(x_i))) + 1/2 ridge * a' K a

`b` is the other judge's logit, 0 where there is none; `z` are the labelled texts, or some of them where there are many
(Nyström). The cube keeps a correction near what was corrected: unrelated sentences have a cosine of about 0.1, of which
0.001 is left; kin have 0.7, of which a third is. The plain cosine is what many labels that agree can generalise by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEPS = 30
_SURE = 1e-6
_RANK = 1e-9
"""Share of the largest eigenvalue below which a direction is rounding."""
_MOST_LOGIT = 6.0
"""An offset is kept within this: a judge that is certain can be corrected all the same."""


@dataclass(frozen=True)
class KernelHead:
    """A fitted head: `anchors` are unit vectors, shape (m, d); `weights` one number each."""

    anchors: Floats
    weights: Floats

    def logits(self, vectors: Floats, offset: Floats) -> Floats:
        """The corrected logits of unit `vectors`, shape (n, d), given the other judge's."""
        if len(self.weights) == 0:
            return bounded(offset)
        corrected: Floats = bounded(offset) + kernel(vectors, self.anchors) @ self.weights
        return corrected


def kernel(one: Floats, other: Floats) -> Floats:
    """Of unit vectors (n, d) and (m, d): shape (n, m). Made of products of kernels, so positive semi-definite."""
    cosine = one @ other.T
    near: Floats = (cosine + cosine**3) / 2
    return near


def fit(
    vectors: Floats,
    harmful: Sequence[bool],
    offset: Floats,
    *,
    ridge: float = 0.03,
    anchors: int = 600,
    seed: int = 0,
) -> KernelHead:
    """The head that agrees with the labels as far as `ridge` lets it.

    Labels of one kind only, contradictory labels and repeated texts are no hindrance: contradictions meet halfway.

    Args:
        vectors: unit embeddings of the labelled texts, shape (n, d).
        harmful: their labels.
        offset: the other judge's logits of them, shape (n,).
        anchors: how many texts the head may be made of; beyond, some are drawn.
    """
    count = len(harmful)
    if vectors.shape[:1] != (count,) or offset.shape != (count,):
        raise ValueError(f"{count} labels, but vectors of shape {vectors.shape} and offsets of shape {offset.shape}")
    if count == 0:
        return KernelHead(np.zeros((0, vectors.shape[1])), np.zeros(0))
    chosen = np.arange(count)
    if count > anchors:
        chosen = np.sort(np.random.default_rng(seed).choice(count, anchors, replace=False))
    points = vectors[chosen]
    spread = _spread(kernel(points, points))
    target = np.where(np.asarray(harmful), 1.0, 0.0)
    return KernelHead(points, spread @ _newton(kernel(vectors, points) @ spread, target, bounded(offset), ridge))


def bounded(logits: Floats) -> Floats:
    kept: Floats = np.clip(logits, -_MOST_LOGIT, _MOST_LOGIT)
    return kept


def logit(probability: Floats) -> Floats:
    """The log odds of probabilities, finite for 0 and 1."""
    inside = np.clip(probability, 1e-6, 1 - 1e-6)
    odds: Floats = np.log(inside / (1 - inside))
    return odds


def sigmoid(logits: Floats) -> Floats:
    probability: Floats = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return probability


def _spread(among: Floats) -> Floats:
    """Columns R, shape (m, r), with ``among @ R`` of unit scale: where many anchors are alike, fewer than there are.

    In ``a = R v`` the penalty a' K a is v' v, so that repeated texts cannot make the equations singular.
    """
    size, direction = np.linalg.eigh(among)
    kept = size > _RANK * size.max()
    spread: Floats = direction[:, kept] / np.sqrt(size[kept])
    return spread


def _newton(features: Floats, target: Floats, offset: Floats, ridge: float) -> Floats:
    """The weights of `features`, by Newton's method with halved steps; the loss is convex."""
    weights = np.zeros(features.shape[1])
    current = _loss(features, target, offset, ridge, weights)
    for _ in range(_STEPS):
        probability = sigmoid(offset + features @ weights)
        slope = features.T @ (probability - target) + ridge * weights
        curve = (features.T * (probability * (1 - probability))) @ features + ridge * np.eye(len(weights))
        step = np.linalg.solve(curve, slope)
        size = 1.0
        while size > _SURE and _loss(features, target, offset, ridge, weights - size * step) > current:
            size /= 2
        weights = weights - size * step
        before, current = current, _loss(features, target, offset, ridge, weights)
        if before - current < _SURE * max(1.0, abs(before)):
            break
    return weights


def _loss(features: Floats, target: Floats, offset: Floats, ridge: float, weights: Floats) -> float:
    logits = offset + features @ weights
    return float(np.sum(np.logaddexp(0.0, logits) - target * logits) + 0.5 * ridge * weights @ weights)
