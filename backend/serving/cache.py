"""Verdicts by content, each reached once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

V = TypeVar("V")
Key = tuple[str, str, bytes]
"""Model name, model version, digest of the content."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[V]):
    """The verdicts on one call's items, in its order, and where they came from (see `ModelStats`)."""

    verdicts: list[V]
    hits: int
    shared: int


class VerdictCache:
    """Least recently used verdicts go first once there are more than `capacity`.

    Only digests and verdicts are kept, in memory: no text and no pixel, and nothing on disk. A verdict is
    small (a few numbers, or a few boxes), so entries are what is bounded: 20,000 of them take about 10 MB.

    While a verdict is being reached, whoever else asks for it waits for that one instead of asking the model
    again.
    """

    def __init__(self, capacity: int = 20_000) -> None:
        self.capacity = capacity
        self._known: OrderedDict[Key, Any] = OrderedDict()
        self._pending: dict[Key, Future[Any]] = {}
        self._lock = Lock()
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._known)

    def answer(self, keys: Sequence[Key], judge: Callable[[list[int]], Sequence[V]]) -> Answer[V]:
        """The verdicts for `keys`; `judge` is called with the positions of those that nobody has reached or begun.

        A caller who is interrupted on the way (an exception that is no `Exception`, raised inside its thread) takes
        nobody down with it: who waited for it has the item judged itself.

        Raises:
            Whatever `judge` raises, here and in the callers that waited for it. Nothing is remembered then, so that
            a later call tries again.
        """
        mine: dict[Key, int] = {}
        waiting: dict[Key, tuple[int, Future[Any]]] = {}
        found: dict[Key, Any] = {}
        try:
            self._sort(keys, mine, waiting, found)
            # First reach what is ours, then wait for others: nobody who waits is being waited for, so no deadlock.
            if mine:
                found |= self._reach(mine, judge)
        except BaseException as error:
            self._give_up(mine, error if isinstance(error, Exception) else _Interrupted())
            raise
        hits = len(keys) - len(mine) - len(waiting)
        shared = 0
        for key, (position, future) in waiting.items():
            try:
                found[key] = future.result()
                shared += 1
            except _Interrupted:
                (found[key],) = self.answer([key], _only(judge, position)).verdicts
        return Answer([found[key] for key in keys], hits, shared)

    def _sort(
        self,
        keys: Sequence[Key],
        mine: dict[Key, int],
        waiting: dict[Key, tuple[int, Future[Any]]],
        found: dict[Key, Any],
    ) -> None:
        """Which of `keys` are known, which somebody is about to know, and which are now ours to reach."""
        with self._lock:
            for position, key in enumerate(keys):
                if key in found or key in waiting or key in mine:
                    continue
                if key in self._known:
                    self._known.move_to_end(key)
                    found[key] = self._known[key]
                elif key in self._pending:
                    waiting[key] = position, self._pending[key]
                else:
                    mine[key] = position
                    self._pending[key] = Future()

    def _reach(self, mine: dict[Key, int], judge: Callable[[list[int]], Sequence[V]]) -> dict[Key, V]:
        verdicts = dict(zip(mine, judge(list(mine.values())), strict=True))
        with self._lock:
            self._known.update(verdicts)
            while len(self._known) > self.capacity:
                self._known.popitem(last=False)
                self.evicted += 1
            for key, verdict in verdicts.items():
                self._pending.pop(key).set_result(verdict)
        return verdicts

    def _give_up(self, mine: dict[Key, int], error: Exception) -> None:
        with self._lock:
            for key in mine:
                if future := self._pending.pop(key, None):
                    future.set_exception(error)


def _only(judge: Callable[[list[int]], Sequence[V]], position: int) -> Callable[[list[int]], Sequence[V]]:
    """`judge` for a call about one item, which stands at `position` among the items that `judge` knows."""
    return lambda _: judge([position])


class _Interrupted(Exception):
    """Who was reaching a verdict was interrupted; somebody else has to."""
