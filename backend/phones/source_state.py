"""What a frame source tells about itself."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["connecting", "live", "lost", "unauthorised", "stopped"]
_WINDOW_S = 5.0


@dataclass(frozen=True, slots=True)
class SourceState:
    """How the link is, `since_s` (``time.monotonic``); `reason` and `remedy` say why when it is not live."""

    kind: Kind
    reason: str = ""
    remedy: str = ""
    since_s: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class SourceStats:
    """Figures of a source: means over the last five seconds, counts since it started.

    Attributes:
        method: how pictures are taken now.
        fps: pictures a second that differed from the one before.
        capture_ms: from asking (single pictures) or receiving (video) to decoded pixels.
        tree_ms: one UI tree, asked to parsed.
        tree_problem: why the last attempt to fetch a tree failed; empty when it did not.
    """

    method: Literal["raw", "h264", ""] = ""
    fps: float = 0.0
    capture_ms: float = 0.0
    tree_ms: float = 0.0
    pictures: int = 0
    trees: int = 0
    reconnects: int = 0
    tree_problem: str = ""


class StatsCounter:
    """Collects what `SourceStats` reports; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pictures: deque[tuple[float, float]] = deque()
        self._trees: deque[tuple[float, float]] = deque()
        self._method: Literal["raw", "h264", ""] = ""
        self._picture_count = self._tree_count = self._reconnects = 0
        self._tree_problem = ""

    def picture(self, took_s: float, method: Literal["raw", "h264"]) -> None:
        with self._lock:
            self._picture_count += 1
            self._method = method
            self._pictures.append((time.monotonic(), took_s))

    def tree(self, took_s: float) -> None:
        with self._lock:
            self._tree_count += 1
            self._tree_problem = ""
            self._trees.append((time.monotonic(), took_s))

    def tree_failed(self, problem: str) -> bool:
        """Note why there was no tree; True when this is news."""
        with self._lock:
            news, self._tree_problem = problem != self._tree_problem, problem
            return news

    def reconnect(self) -> None:
        with self._lock:
            self._reconnects += 1

    def now(self) -> SourceStats:
        with self._lock:
            for recent in (self._pictures, self._trees):
                while recent and recent[0][0] < time.monotonic() - _WINDOW_S:
                    recent.popleft()
            return SourceStats(
                method=self._method,
                fps=_rate([at for at, _ in self._pictures]),
                capture_ms=_mean_ms(self._pictures),
                tree_ms=_mean_ms(self._trees),
                pictures=self._picture_count,
                trees=self._tree_count,
                reconnects=self._reconnects,
                tree_problem=self._tree_problem,
            )


def _rate(times: list[float]) -> float:
    return (len(times) - 1) / max(times[-1] - times[0], 1e-3) if len(times) > 1 else 0.0


def _mean_ms(values: deque[tuple[float, float]]) -> float:
    return 1000 * sum(took for _, took in values) / len(values) if values else 0.0
