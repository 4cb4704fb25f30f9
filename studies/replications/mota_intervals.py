"""Means over seeds with their 95 % intervals; of differences, seed by seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import mean, stdev

from scipy.stats import t as student


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % interval; of one value, that value."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} [{100 * self.low:.1f}, {100 * self.high:.1f}]"


def interval(values: Sequence[float]) -> Interval:
    """Student's t over `values`, one a seed."""
    middle = mean(values)
    if len(values) < 2:
        return Interval(middle, middle, middle)
    half = float(student.ppf(0.975, len(values) - 1)) * stdev(values) / sqrt(len(values))
    return Interval(middle, middle - half, middle + half)


def paired(ours: Mapping[int, float], theirs: Mapping[int, float]) -> Interval:
    """Ours less theirs, over the seeds that both have: the same sequences of tasks and the same starts."""
    return interval([ours[seed] - theirs[seed] for seed in sorted(ours.keys() & theirs.keys())])
