"""What waits in a model's queue, and the pieces of it that batches are made of. All under the queue's lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from threading import Condition, Lock
from typing import Any

_UNJUDGED = object()


class Gone(Exception):
    """The caller is not there any more."""


class Order:
    """One caller's items: `todo` are the ranges that are in no batch yet, `left` counts those without a verdict.

    `busy` is set while its caller runs a batch, and so cannot lead another.
    """

    __slots__ = ("_turn", "busy", "error", "items", "left", "since_s", "todo", "until_s", "verdicts")

    def __init__(self, items: Sequence[Any], since_s: float, until_s: float) -> None:
        self.items, self.since_s, self.until_s = items, since_s, until_s
        self.todo = deque([(0, len(items))])
        self.verdicts: list[Any] = [_UNJUDGED] * len(items)
        self.left = len(items)
        self.error: Exception | None = None
        self.busy = False
        self._turn: Condition | None = None

    def wait(self, lock: Lock, timeout_s: float) -> None:
        """Let go of `lock` until somebody wakes this order's caller, or for `timeout_s`."""
        self._turn = self._turn or Condition(lock)
        self._turn.wait(timeout_s if timeout_s < inf else None)

    def wake(self) -> None:
        if self._turn is not None:
            self._turn.notify()

    @property
    def settled(self) -> bool:
        return self.error is not None or self.left == 0

    @property
    def waiting(self) -> int:
        return sum(stop - start for start, stop in self.todo)

    def take(self, most: int) -> Piece:
        start, stop = self.todo.popleft()
        if stop - start > most:
            self.todo.appendleft((start + most, stop))
            stop = start + most
        return Piece(self, start, stop)

    def reached(self) -> dict[int, Any]:
        return {at: verdict for at, verdict in enumerate(self.verdicts) if verdict is not _UNJUDGED}


@dataclass(slots=True)
class Piece:
    """Items `start` to `stop` of an order, in one batch."""

    order: Order
    start: int
    stop: int
    done: bool = False

    @property
    def items(self) -> Sequence[Any]:
        return self.order.items[self.start : self.stop]

    def fill(self, verdicts: Sequence[Any]) -> None:
        self.order.verdicts[self.start : self.stop] = verdicts
        self.order.left -= self.stop - self.start
        self.done = True

    def fail(self, error: Exception) -> None:
        self.order.error = error
        self.done = True
