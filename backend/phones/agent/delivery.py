"""Hands what agents say to whoever listens, in order, on a thread of its own: a slow listener stops neither Frida nor
the host.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

MOST_WAITING = 10_000


class Delivery:
    """Runs what it is given. More than `most` waiting are refused, and counted in `refused`."""

    def __init__(self, name: str, most: int = MOST_WAITING) -> None:
        self._name, self._most = name, most
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self.refused = 0

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def put(self, task: Callable[[], None], must: bool = False) -> None:
        """Run `task` later. One that `must` is never refused."""
        if must or self._waiting.qsize() < self._most:
            self._waiting.put(task)
            return
        self.refused += 1
        if self.refused == 1:
            log.error("%s: %d messages wait for their listener; further ones are lost", self._name, self._most)

    def stop(self, seconds: float = 10.0) -> None:
        """Run what waits, and end."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join(seconds)

    def _run(self) -> None:
        while (task := self._waiting.get()) is not None:
            try:
                task()
            except Exception:  # a listener's fault is its own: the next message is not lost for it
                log.exception("%s: a listener failed", self._name)
