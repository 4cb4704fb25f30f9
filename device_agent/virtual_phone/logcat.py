"""The phone's log."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from itertools import islice

from device_agent.virtual_phone.device import LogLine

MOST_LINES = 20_000


class LogBuffer:
    """A ring of lines with positions that keep counting; any thread may write and read."""

    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque(maxlen=MOST_LINES)
        self._written = 0
        self._lock = threading.Lock()

    def write(self, pid: int, level: str, tag: str, message: str) -> None:
        """Add one line for each line of `message`, as Android's own logger does."""
        now = time.time()
        with self._lock:
            for line in message.rstrip("\n").split("\n"):
                self._lines.append(LogLine(now, pid, level, tag, line))
                self._written += 1

    def since(self, position: int) -> tuple[Sequence[LogLine], int]:
        """The lines from `position` on that are still kept, and the position after them."""
        with self._lock:
            first = self._written - len(self._lines)
            start = max(0, min(position, self._written) - first)
            return list(islice(self._lines, start, None)), self._written
