"""One model's queue: calls from all phones and interventions join batches, bounded in size, number and age.

There is no thread here. A caller waits for its turn; the first in the queue, once the model has room, takes what
waits along in a batch and runs it in its own thread. So a lone caller is served as if it had the model to itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from threading import Lock
from time import monotonic, perf_counter
from typing import Any, Literal

from backend.errors import Shed
from backend.serving.cost import Arrivals, Measured, largest_batch, patience_s
from backend.serving.orders import Gone, Order, Piece
from backend.serving.stats import Tally


@dataclass(frozen=True, slots=True)
class Limits:
    """What one model is held to.

    `target_s` is how long a batch may take by the measured cost, `largest` how many items it may hold at all,
    `at_once` how many batches may run side by side, `queue` how many items may wait.
    """

    target_s: float = 0.25
    largest: int = 256
    at_once: int = 1
    queue: int = 4096


class Batcher:
    """Runs `judge`, a function from items to as many verdicts, on batches. Safe for any number of threads."""

    def __init__(
        self,
        judge: Callable[[list[Any]], Sequence[Any]],
        tally: Tally,
        limits: Limits = Limits(),
    ) -> None:
        self._judge, self._tally, self.limits = judge, tally, limits
        self._lock = Lock()
        self._queue: deque[Order] = deque()
        self._waiting = 0
        self._running = 0
        self._measured, self._arrivals = Measured(), Arrivals()

    @property
    def waiting(self) -> int:
        """How many items are in no batch yet."""
        return self._waiting

    def __call__(self, items: Sequence[Any], until_s: float = inf) -> list[Any]:
        """Verdicts on `items`, in their order.

        A call too large for the queue is handed in bit by bit, so it neither fills the queue nor loses its place.

        Args:
            until_s: when the caller stops waiting (``time.monotonic``). What is in no batch by then never will be.

        Raises:
            Shed: the deadline passed, or the queue was full and this call the stalest in it.
            Exception: what `judge` raises. One caller's bad item fails only that caller: a batch that fails is
                judged again, order by order.
        """
        portion, verdicts = max(1, self.limits.queue // 4), list[Any]()
        for start in range(0, len(items), portion):
            try:
                verdicts += self._await(items[start : start + portion], until_s)
            except Shed as shed:
                reached = dict(enumerate(verdicts)) | {start + at: one for at, one in shed.reached.items()}
                raise Shed(shed.model, shed.why, len(items) - len(reached), reached) from None
        return verdicts

    def _await(self, items: Sequence[Any], until_s: float) -> list[Any]:
        order = Order(items, monotonic(), until_s)
        try:
            self._enter(order)
            while (batch := self._turn(order)) is not None:
                self._run(batch, order)
        except BaseException:  # this caller is interrupted; the next in line takes over
            with self._lock:
                self._leave(order)
                order.error = Gone()
                self._wake_next()
            raise
        if order.error is not None:
            raise order.error
        return order.verdicts

    # -- the queue, under the lock ---------------------------------------------------------------------

    def _enter(self, order: Order) -> None:
        with self._lock:
            self._arrivals.came(order.since_s, bool(self._running or self._queue))
            while self._queue and self._waiting + order.left > self.limits.queue:
                self._drop(min(self._queue, key=lambda other: other.since_s), "full")
            self._queue.append(order)
            self._count(order.left)
            if len(self._queue) > 1:
                self._wake_next()

    def _turn(self, order: Order) -> list[Piece] | None:
        """Wait until `order` is settled (None), or until it is first in line and the model has room: a batch."""
        with self._lock:
            while not order.settled:
                now = monotonic()
                if now >= order.until_s:
                    self._drop(order, "late")
                    self._wake_next()
                    break
                wait_s = order.until_s - now
                if self._running < self.limits.at_once and order in self._queue:
                    if order is self._leader(now):
                        hold_s = self._hold_s(now)
                        if hold_s <= 0:
                            return self._lead(order, now)
                        wait_s = min(wait_s, hold_s)
                    else:
                        self._wake_next()  # the lead has passed on since this one was woken
                order.wait(self._lock, wait_s)
            return None

    def _lead(self, order: Order, now: float) -> list[Piece]:
        batch = list(self._take(now))
        order.busy = True
        self._running += 1
        self._wake_next()
        return batch

    def _leader(self, now: float) -> Order | None:
        orders = reversed(self._queue) if self._behind(now) else iter(self._queue)
        return next((order for order in orders if not order.busy), None)

    def _behind(self, now: float) -> bool:
        """Whether so much waits that the oldest has used up half of its time.

        Then the freshest are served first: in line, each would come to its turn when it is nearly too late.
        """
        oldest = self._queue[0] if self._queue else None
        return oldest is not None and now - oldest.since_s > (oldest.until_s - oldest.since_s) / 2

    def _hold_s(self, now: float) -> float:
        """For how much longer to hold open the batch that is next."""
        cost, limits = self._measured.cost, self.limits
        rate, quiet_s = self._arrivals.rate(now), self._arrivals.quiet_s(now)
        hold_s = patience_s(cost, len(self._queue), rate, now - self._queue[0].since_s, quiet_s)
        if hold_s <= 0 or self._waiting >= largest_batch(cost, limits.target_s, limits.largest):
            return 0.0
        nearest = min(other.until_s for other in self._queue)
        return min(hold_s, nearest - cost.seconds(self._waiting) - now)

    def _take(self, now: float) -> Iterator[Piece]:
        """The next batch, in the order of the queue or, when that is behind, from its end. What is late is dropped."""
        at = -1 if self._behind(now) else 0
        room = largest_batch(self._measured.cost, self.limits.target_s, self.limits.largest)
        while room and self._queue:
            order = self._queue[at]
            if now >= order.until_s:
                self._drop(order, "late")
                continue
            piece = order.take(room)
            room -= piece.stop - piece.start
            self._count(piece.start - piece.stop)
            if not order.todo:
                del self._queue[at]
            yield piece

    def _drop(self, order: Order, why: Literal["late", "full"]) -> None:
        self._leave(order)
        reached = order.reached()
        order.error = Shed(self._tally.name, why, len(order.items) - len(reached), reached)
        order.wake()

    def _leave(self, order: Order) -> None:
        if order in self._queue:
            self._queue.remove(order)
            self._count(-order.waiting)
            order.todo.clear()

    def _count(self, items: int) -> None:
        self._waiting += items
        with self._tally as stats:
            stats.queued += items

    def _wake_next(self) -> None:
        if self._running < self.limits.at_once and (leader := self._leader(monotonic())) is not None:
            leader.wake()

    # -- the model, without it -------------------------------------------------------------------------

    def _run(self, batch: list[Piece], leader: Order) -> None:
        try:
            self._serve(batch)
        finally:
            with self._lock:
                self._running -= 1
                leader.busy = False
                for piece in reversed(batch):
                    if not piece.done:  # this caller was interrupted: what it had taken along goes back to the front
                        self._give_back(piece)
                    elif piece.order.settled:
                        self._leave(piece.order)  # one that failed may have more in the queue
                        piece.order.wake()
                self._wake_next()

    def _serve(self, batch: list[Piece]) -> None:
        items = [item for piece in batch for item in piece.items]
        began = perf_counter()
        try:
            verdicts = self._judge(items)
        except Exception as error:  # noqa: BLE001 - it reaches the caller it belongs to
            if len(batch) == 1:
                with self._tally as stats:
                    stats.failures += 1
                with self._lock:
                    batch[0].fail(error)
                return
            for piece in batch:
                self._serve([piece])
            return
        self._note(len(items), perf_counter() - began)
        at = 0
        with self._lock:
            for piece in batch:
                size = piece.stop - piece.start
                piece.fill(verdicts[at : at + size])
                at += size

    def _give_back(self, piece: Piece) -> None:
        order = piece.order
        if order.settled:
            return
        if order not in self._queue:
            self._queue.appendleft(order)
        order.todo.appendleft((piece.start, piece.stop))
        self._count(piece.stop - piece.start)

    def _note(self, items: int, seconds: float) -> None:
        with self._lock:
            self._measured.took(items, seconds)
            cost = self._measured.cost
        with self._tally as stats:
            stats.took(items, seconds)
            stats.fixed_s, stats.each_s = cost.fixed_s, cost.each_s
            stats.largest = largest_batch(cost, self.limits.target_s, self.limits.largest)
