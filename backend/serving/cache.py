"""Verdicts by content, each reached once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from math import inf
from threading import Lock
from time import monotonic
from typing import Any, Generic, TypeVar

from backend.errors import Shed

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
        self._pending: dict[Key, Future[dict[Key, Any]]] = {}
        self._lock = Lock()
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._known)

    def answer(self, keys: Sequence[Key], judge: Callable[[list[int]], Sequence[V]], until_s: float = inf) -> Answer[V]:
        """The verdicts for `keys`; `judge` is called with the positions of those that nobody has reached or begun.

        A caller who is interrupted on the way (an exception that is no `Exception`, raised inside its thread), or whose
        deadline passes, takes nobody down with it: who waited for it has the items judged itself.

        Args:
            until_s: when to stop waiting for others (``time.monotonic``).

        Raises:
            Shed: some were not reached in time. What was reached is remembered.
            Exception: whatever else `judge` raises, here and in the callers that waited for it. Nothing is remembered
                then, so that a later call tries again.
        """
        first = {key: position for position, key in reversed(list(enumerate(keys)))}
        found: dict[Key, Any] = {}
        asked = shared = 0
        missing = list(dict.fromkeys(keys))
        while missing:
            mine: dict[Key, int] = {}
            waiting: dict[Key, Future[dict[Key, Any]]] = {}
            promise: Future[dict[Key, Any]] = Future()
            try:
                self._sort(missing, first, mine, waiting, found, promise)
                # First reach what is ours, then wait for others: nobody who waits is being waited for: no deadlock.
                if mine:
                    asked += len(mine)
                    found |= self._reach(mine, promise, judge)
            except BaseException as error:
                self._give_up(mine, promise, error if isinstance(error, Exception) else _Interrupted())
                raise
            shared += len(waiting)
            missing = _wait(waiting, found, until_s)
            shared -= len(missing)
        return Answer([found[key] for key in keys], len(keys) - asked - shared, shared)

    def _sort(
        self,
        missing: Sequence[Key],
        first: Mapping[Key, int],
        mine: dict[Key, int],
        waiting: dict[Key, Future[dict[Key, Any]]],
        found: dict[Key, Any],
        promise: Future[dict[Key, Any]],
    ) -> None:
        """Which of `missing` are known, which somebody is about to know, and which are now ours to reach."""
        with self._lock:
            for key in missing:
                if key in self._known:
                    self._known.move_to_end(key)
                    found[key] = self._known[key]
                elif key in self._pending:
                    waiting[key] = self._pending[key]
                else:
                    mine[key] = first[key]
                    self._pending[key] = promise

    def _reach(
        self, mine: Mapping[Key, int], promise: Future[dict[Key, Any]], judge: Callable[[list[int]], Sequence[V]]
    ) -> dict[Key, V]:
        keys = list(mine)
        try:
            verdicts = dict(zip(keys, judge(list(mine.values())), strict=True))
        except Shed as shed:
            self._remember(mine, promise, {keys[at]: verdict for at, verdict in shed.reached.items()})
            raise
        self._remember(mine, promise, verdicts)
        return verdicts

    def _remember(self, mine: Mapping[Key, int], promise: Future[dict[Key, Any]], verdicts: dict[Key, V]) -> None:
        """Keep `verdicts`, and give them to who waits for `mine`; the rest of `mine` is given up."""
        with self._lock:
            self._known.update(verdicts)
            while len(self._known) > self.capacity:
                self._known.popitem(last=False)
                self.evicted += 1
            for key in mine:
                del self._pending[key]
        promise.set_result(verdicts)

    def _give_up(self, mine: Mapping[Key, int], promise: Future[dict[Key, Any]], error: Exception) -> None:
        if promise.done():
            return
        with self._lock:
            for key in mine:
                if self._pending.get(key) is promise:
                    del self._pending[key]
        promise.set_exception(error)


def _wait(waiting: Mapping[Key, Future[dict[Key, Any]]], found: dict[Key, Any], until_s: float) -> list[Key]:
    """Add to `found` what others reach of `waiting`; the keys that they gave up.

    Raises:
        Shed: the deadline passed.
    """
    given_up: list[Key] = []
    for key, future in waiting.items():
        try:
            verdicts = future.result(None if until_s == inf else max(0.0, until_s - monotonic()))
        except _Interrupted:
            verdicts = {}
        except TimeoutError:
            raise Shed(key[0], "late", sum(key not in found for key in waiting)) from None
        if key in verdicts:
            found[key] = verdicts[key]
        else:
            given_up.append(key)
    return given_up


class _Interrupted(Exception):
    """Who was reaching a verdict was interrupted; somebody else has to."""
