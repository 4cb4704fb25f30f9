"""What the host counts, for ``/metrics`` and the benchmarks."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from threading import Lock
from types import TracebackType

SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Upper bounds, in items, of the classes that batch sizes are counted in; one more class is above."""
DURATIONS_S = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""The same for the seconds that batches take."""


def _none(bounds: tuple[float, ...]) -> list[int]:
    return [0] * (len(bounds) + 1)


@dataclass(slots=True)
class ModelStats:
    """Counters of one loaded model, since it was loaded.

    `calls` of `score`, `find` or `probabilities`; `items` handed over in them; `hits`, items answered without
    waiting for the model; `shared`, items that another caller was already having judged; `judged`, items the
    model saw, in `batches`, taking `seconds`. items = hits + shared + judged + shed + late, but for repeats within
    one call, which count as hits, and for items whose batch failed.

    `late` items were dropped because their caller's deadline passed, `shed` ones because too many waited; both are
    asked for again. `queued` is how many wait now. `sizes` and `durations` count batches by `SIZES` and `DURATIONS_S`.
    `fixed_s` and `each_s` are the measured cost of a batch and of each item in it, `largest` how many a batch takes
    at present. `swaps` counts changes to another version, `truncated` items that are too long for the model and were
    read without their middle.
    """

    name: str
    version: str = ""
    load_seconds: float = 0.0
    calls: int = 0
    items: int = 0
    hits: int = 0
    shared: int = 0
    judged: int = 0
    batches: int = 0
    failures: int = 0
    seconds: float = 0.0
    late: int = 0
    shed: int = 0
    queued: int = 0
    sizes: list[int] = field(default_factory=lambda: _none(SIZES))
    durations: list[int] = field(default_factory=lambda: _none(DURATIONS_S))
    fixed_s: float = 0.0
    each_s: float = 0.0
    largest: int = 0
    swaps: int = 0
    truncated: int = 0

    def took(self, items: int, seconds: float) -> None:
        """Count a batch."""
        self.batches += 1
        self.judged += items
        self.seconds += seconds
        self.sizes[bisect_left(SIZES, items)] += 1
        self.durations[bisect_left(DURATIONS_S, seconds)] += 1


class Tally:
    """A model's counters under a lock: ``with tally as stats: stats.calls += 1``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._stats = ModelStats(name)
        self._lock = Lock()

    def __enter__(self) -> ModelStats:
        self._lock.acquire()
        return self._stats

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._lock.release()

    def read(self) -> ModelStats:
        """A copy."""
        with self._lock:
            return replace(self._stats, sizes=list(self._stats.sizes), durations=list(self._stats.durations))
