"""What a batch costs a model, and what follows for how many items it takes and how long it is held open.

A batch of n items is taken to cost ``seconds(n) = fixed + each * n``. Both are fitted to what batches really took.
Everything that decides is a pure function; `Measured` only keeps the last batches.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

_KEPT = 15
"""Batches remembered of each order of magnitude: enough for a median that one slow batch in three cannot move."""
_REFIT_EVERY = 16
_GAPS = 2.0
"""Nobody came for so many mean gaps between calls: nobody is coming."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that a batch costs whatever it holds, and seconds that each item adds."""

    fixed_s: float = 0.0
    each_s: float = 0.0

    def seconds(self, items: float) -> float:
        return self.fixed_s + self.each_s * items


def fit(batches: Iterable[tuple[int, float]]) -> Cost:
    """The cost that fits `batches`, pairs of items and seconds; both parts are never negative.

    Robust: batches are grouped by order of magnitude (1, 2 to 3, 4 to 7 ... items) and each group counts by its
    medians. Among the groups the line with the least squared *relative* error is taken, so that small batches count
    as much as large ones. From one group alone the two parts cannot be told apart; all of it is then put down to
    the items, which promises nothing of waiting for company.
    """
    groups: dict[int, list[tuple[int, float]]] = {}
    for items, seconds in batches:
        if items > 0 and seconds > 0:
            groups.setdefault(items.bit_length(), []).append((items, seconds))
    points = [(median(n for n, _ in group), median(s for _, s in group)) for group in groups.values()]
    if not points:
        return Cost()
    if len(points) == 1:
        ((items_, seconds_),) = points
        return Cost(0.0, seconds_ / items_)
    return _line(points)


def _line(points: list[tuple[float, float]]) -> Cost:
    """Least squares on ``(a + b n - s) / s`` with a, b >= 0, in closed form; a minimum outside lies on an axis."""
    ones = sum(1 / s**2 for _, s in points)
    ns = sum(n / s**2 for n, s in points)
    nns = sum((n / s) ** 2 for n, s in points)
    ss = sum(1 / s for _, s in points)
    sns = sum(n / s for n, s in points)
    determinant = ones * nns - ns * ns
    if determinant > 1e-12 * ones * nns:
        fixed, each = (ss * nns - sns * ns) / determinant, (ones * sns - ns * ss) / determinant
        if fixed >= 0 and each >= 0:
            return Cost(fixed, each)
    flat, steep = Cost(ss / ones, 0.0), Cost(0.0, sns / nns)
    return min(flat, steep, key=lambda cost: sum((cost.seconds(n) / s - 1) ** 2 for n, s in points))


def largest_batch(cost: Cost, target_s: float, most: int) -> int:
    """How many items a batch may hold so that it takes no longer than `target_s`: at least one, at most `most`.

    A model whose fixed cost leaves less than half of the target takes as many as double that cost: smaller batches
    would come little sooner, and cost throughput dearly.
    """
    room_s = max(target_s - cost.fixed_s, cost.fixed_s)
    return most if cost.each_s * most <= room_s else max(1, int(room_s / cost.each_s))


def patience_s(cost: Cost, calls: int, rate: float, held_s: float, quiet_s: float) -> float:
    """For how much longer a batch that nobody is ahead of should be held open for more calls; 0: go.

    Args:
        calls: how many wait in it.
        rate: calls a second that come in company (see `Arrivals`); what they share is the fixed part.
        held_s: how long the first of them has waited.
        quiet_s: how long ago the last one came.

    Each moment of waiting delays `calls` callers by as much, and saves the fixed cost of the calls that come in it:
    it pays while ``rate * fixed > calls``. And never for longer than the fixed cost itself: then the loss is at most
    what company could have saved, whatever the arrivals do.
    """
    if rate * cost.fixed_s <= calls:
        return 0.0
    return max(0.0, min(cost.fixed_s - held_s, _GAPS / rate - quiet_s))


class Measured:
    """The running fit of one model's batches. Not safe for threads by itself."""

    def __init__(self) -> None:
        self.cost = Cost()
        self._batches: dict[int, deque[tuple[int, float]]] = {}
        self._count = 0

    def took(self, items: int, seconds: float) -> None:
        """A batch of `items` took `seconds`."""
        group = self._batches.setdefault(items.bit_length(), deque(maxlen=_KEPT))
        group.append((items, seconds))
        self._count += 1
        if self._count <= _REFIT_EVERY or self._count % _REFIT_EVERY == 0:
            self.cost = fit(batch for group in self._batches.values() for batch in group)


class Arrivals:
    """How often calls come while another is waiting or being served. A lone caller, however busy, comes to a rate of
    0, so nothing is ever held open for one."""

    def __init__(self, remembered: int = 32) -> None:
        self._calls: deque[tuple[float, bool]] = deque()
        self._remembered, self._in_company = remembered, 0

    def came(self, now_s: float, in_company: bool) -> None:
        self._calls.append((now_s, in_company))
        self._in_company += in_company
        if len(self._calls) > self._remembered:
            self._in_company -= self._calls.popleft()[1]

    def rate(self, now_s: float) -> float:
        """Calls a second in company, over the last few calls and up to now."""
        if not self._in_company:
            return 0.0
        span = now_s - self._calls[0][0]
        return self._in_company / span if span > 0 else 0.0

    def quiet_s(self, now_s: float) -> float:
        return now_s - self._calls[-1][0] if self._calls else 0.0
