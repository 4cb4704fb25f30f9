"""Figures with their 95 % intervals: areas under the curve, and shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interventions.models.card import Metric, ReliabilityBin

_RESAMPLES = 500
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its interval, and the number of texts that it is from."""

    value: float
    low: float
    high: float
    n: int

    def metric(self, name: str, on: str) -> Metric:
        return Metric(
            name=name, on=on, value=_short(self.value), low=_short(self.low), high=_short(self.high), n=self.n
        )

    def row(self) -> dict[str, Any]:
        return {"value": _short(self.value), "low": _short(self.low), "high": _short(self.high), "n": self.n}

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}-{self.high:.3f})"


def _short(value: float) -> float:
    return round(float(value), 4)


def area(truth: Sequence[bool] | Bools, scores: Floats, groups: Sequence[Any] | None = None, seed: int = 0) -> Estimate:
    """The area under the ROC curve with a bootstrap interval.

    Sentences of one template are not independent: with `groups`, whole groups are drawn.
    """
    truth = np.asarray(truth, dtype=bool)
    order = np.unique(scores, return_inverse=True)[1]
    number = np.arange(len(truth)) if groups is None else np.unique(list(map(str, groups)), return_inverse=True)[1]
    random, count = np.random.default_rng(seed), int(number.max()) + 1
    drawn = []
    for _ in range(_RESAMPLES):
        times = np.bincount(random.integers(0, count, count), minlength=count)
        one = _weighted_area(truth, order, times[number])
        if one is not None:
            drawn.append(one)
    value = _weighted_area(truth, order, np.ones(len(truth)))
    if value is None:
        raise ValueError("an area under the curve needs texts of both kinds")
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Estimate(value, float(low), float(high), len(truth))


def _weighted_area(truth: Bools, order: NDArray[np.intp], counts: NDArray[Any]) -> float | None:
    """The chance that an abusive text scores above another one, ties half; None when a kind is missing."""
    highest = int(order.max()) + 1
    abusive = np.bincount(order, counts * truth, highest)
    others = np.bincount(order, counts * ~truth, highest)
    if not abusive.sum() or not others.sum():
        return None
    below = np.cumsum(others) - others
    return float((abusive * (below + others / 2)).sum() / (abusive.sum() * others.sum()))


def share(found: Sequence[bool] | Bools) -> Estimate:
    """A share with Wilson's interval."""
    found = np.asarray(found, dtype=bool)
    n, p, z = len(found), float(found.mean()), 1.959964
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Estimate(p, max(0.0, middle - half), min(1.0, middle + half), n)


def reliability(on: str, truth: Bools, scores: Floats, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """What share of the texts with a score near p are abuse, for ten ranges of p."""
    rows = []
    for number in range(bins):
        inside = np.minimum((scores * bins).astype(int), bins - 1) == number
        if inside.any():
            observed = share(truth[inside])
            rows.append(
                ReliabilityBin(
                    on=on,
                    predicted=_short(scores[inside].mean()),
                    observed=_short(observed.value),
                    low=_short(observed.low),
                    high=_short(observed.high),
                    count=int(inside.sum()),
                )
            )
    return tuple(rows)
