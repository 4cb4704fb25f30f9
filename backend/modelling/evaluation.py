"""How good a classifier is on items it has not seen: figures with intervals, and whether its probabilities can be
taken at their word.

The intervals are 95 % percentile intervals of a bootstrap that resamples items within each class, so a rare class is
never absent. A resample is a vector of how often each item was drawn, and every figure is computed from those weights
at once: a thousand resamples of ten thousand items take about two seconds, with numpy alone. The tests hold the
figures to scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from interventions.models import Metric, ReliabilityBin

Weights = NDArray[np.float64]
Figure = Callable[[Weights], float]
"""A figure as a function of the items' weights, shape ``(n,)``."""

_CALIBRATION_BINS = 15
_DIAGRAM_BINS = 10
_Z = 1.959964
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What goes into a card."""

    metrics: tuple[Metric, ...]
    reliability: tuple[ReliabilityBin, ...]


def evaluate(
    probabilities: NDArray[np.float64],
    truth: NDArray[np.intp],
    classes: Sequence[str],
    harmful: Sequence[str] = (),
    on: str = "",
    resamples: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """The figures of a classifier that gave `probabilities`, ``(n, k)``, where `truth`, ``(n,)``, is the column of each
    item's class. `on` says what the items are.

    Where some classes are `harmful`, the curve and the diagram are of the probability of harm, and misses and
    over-blocking at one half are reported side by side.
    """
    figures = _figures(probabilities, truth, [list(classes).index(name) for name in harmful])
    drawn = [[figure(weights) for figure in figures.values()] for weights in _resampled(truth, resamples, seed)]
    low, high = np.percentile(np.array(drawn), [2.5, 97.5], axis=0)
    once = np.ones(len(truth))
    metrics = tuple(
        Metric(name=name, on=on, value=figure(once), low=float(low[i]), high=float(high[i]), n=len(truth))
        for i, (name, figure) in enumerate(figures.items())
    )
    return Evaluation(metrics, _reliability(probabilities, truth, classes, harmful, on))


def _figures(p: NDArray[np.float64], truth: NDArray[np.intp], harmful: list[int]) -> dict[str, Figure]:
    k = p.shape[1]
    guess = p.argmax(axis=1)
    right = guess == truth
    cells = truth * k + guess
    in_truth = np.bincount(truth, minlength=k) > 0
    in_either = in_truth | (np.bincount(guess, minlength=k) > 0)

    def confusion(w: Weights) -> NDArray[np.float64]:
        return np.asarray(np.bincount(cells, w, minlength=k * k), dtype=np.float64).reshape(k, k)

    def balanced(w: Weights) -> float:
        table = confusion(w)[in_truth]
        return float((table[np.arange(len(table)), np.flatnonzero(in_truth)] / table.sum(axis=1)).mean())

    def macro_f1(w: Weights) -> float:
        table = confusion(w)
        both = table.sum(axis=0) + table.sum(axis=1)
        f1 = np.divide(2 * table.diagonal(), both, out=np.zeros(k), where=both > 0)
        return float(f1[in_either].mean())

    squared = ((p - np.eye(k)[truth]) ** 2).sum(axis=1) / (2 if k == 2 else 1)
    figures: dict[str, Figure] = {
        "accuracy": _mean(right),
        "balanced accuracy": balanced,
        "macro F1": macro_f1,
        "Brier score": _mean(squared),
        "expected calibration error": _calibration_error(p.max(axis=1), right),
    }
    if area := _area(p, truth, harmful):
        figures = {"area under the curve": area, **figures}
    bad = np.isin(truth, harmful)
    flagged = p[:, harmful].sum(axis=1) >= 0.5
    if bad.any():
        figures["misses (harm let through)"] = _mean(~flagged, among=bad)
    if harmful and not bad.all():
        figures["over-blocking (harmless flagged)"] = _mean(flagged, among=~bad)
    return figures


def _mean(of: NDArray[np.generic], among: NDArray[np.bool_] | None = None) -> Figure:
    """The mean over the items, or over those `among` them."""
    values = of.astype(np.float64)
    chosen = np.ones(len(values)) if among is None else among.astype(np.float64)
    return lambda w: float((w * chosen * values).sum() / (w * chosen).sum())


def _area(p: NDArray[np.float64], truth: NDArray[np.intp], harmful: list[int]) -> Figure | None:
    """Of harm against the rest; without harm, the mean over classes of each against the rest. None where the items are
    all of one kind, for there is no area then."""
    if harmful and len(set(range(p.shape[1])) - set(harmful)):
        groups = [harmful]
    else:
        groups = [[column] for column in range(p.shape[1])]
    areas = []
    for columns in groups:
        positive = np.isin(truth, columns)
        if positive.any() and not positive.all():
            areas.append(_area_of(p[:, columns].sum(axis=1), positive))
    return (lambda w: sum(area(w) for area in areas) / len(areas)) if areas else None


def _area_of(score: NDArray[np.float64], positive: NDArray[np.bool_]) -> Figure:
    """The probability that a positive item scores above a negative one, ties counting half (Hanley & McNeil 1982)."""
    levels, level = np.unique(score, return_inverse=True)

    def area(w: Weights) -> float:
        above = np.bincount(level, w * positive, minlength=len(levels))
        below = np.bincount(level, w * ~positive, minlength=len(levels))
        won = above * (np.cumsum(below) - below / 2)
        return float(won.sum() / (above.sum() * below.sum()))

    return area


def _calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Figure:
    """Mean distance between confidence and accuracy over 15 bins of equal width (Guo et al. 2017, equation 3)."""
    bins = _bins(confidence, _CALIBRATION_BINS)

    def error(w: Weights) -> float:
        sure = np.bincount(bins, w * confidence, minlength=_CALIBRATION_BINS)
        so = np.bincount(bins, w * right, minlength=_CALIBRATION_BINS)
        return float(np.abs(sure - so).sum() / w.sum())

    return error


def _resampled(truth: NDArray[np.intp], resamples: int, seed: int) -> Iterator[Weights]:
    """How often each item is drawn, once a resample; each class keeps its number of items."""
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(truth == column) for column in np.unique(truth)]
    for _ in range(resamples):
        drawn = np.concatenate([random.choice(items, len(items)) for items in members])
        yield np.bincount(drawn, minlength=len(truth)).astype(np.float64)


def _reliability(
    p: NDArray[np.float64], truth: NDArray[np.intp], classes: Sequence[str], harmful: Sequence[str], on: str
) -> tuple[ReliabilityBin, ...]:
    """Ten bins of equal width, the empty ones left out; intervals by Wilson (1927)."""
    if harmful:
        columns = [list(classes).index(name) for name in harmful]
        score, so = p[:, columns].sum(axis=1).clip(0, 1), np.isin(truth, columns)
        on = f"{on}: probability of {' or '.join(harmful)}"
    else:
        score, so = p.max(axis=1), p.argmax(axis=1) == truth
        on = f"{on}: probability of the likeliest class"
    bins = _bins(score, _DIAGRAM_BINS)
    found = []
    for number in range(_DIAGRAM_BINS):
        inside = bins == number
        if count := int(inside.sum()):
            share = float(so[inside].mean())
            low, high = wilson(share, count)
            predicted = float(score[inside].mean())
            found.append(ReliabilityBin(on=on, predicted=predicted, observed=share, low=low, high=high, count=count))
    return tuple(found)


def wilson(share: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of `count` items."""
    z2 = _Z**2 / count
    middle = (share + z2 / 2) / (1 + z2)
    half = _Z * sqrt(share * (1 - share) / count + z2 / (4 * count)) / (1 + z2)
    return max(0.0, middle - half), min(1.0, middle + half)


def _bins(score: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    return np.minimum((score * bins).astype(np.intp), bins - 1)
