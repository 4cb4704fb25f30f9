"""Callers that come while a model is busy are served together, in its next batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any


@dataclass(slots=True, eq=False)
class _Order:
    """One caller's items, and what became of them."""

    items: Sequence[Any]
    verdicts: list[Any] = field(default_factory=list)
    error: Exception | None = None
    done: bool = False


class Batcher:
    """Runs `judge`, a function from items to as many verdicts, for one caller at a time.

    Whoever finds the model free takes along the items of all who are waiting. No thread of its own, and no
    delay for a lone caller.
    """

    def __init__(self, judge: Callable[[list[Any]], Sequence[Any]]) -> None:
        self._judge = judge
        self._orders: list[_Order] = []
        self._queue = Lock()
        self._model = Lock()

    def __call__(self, items: Sequence[Any]) -> list[Any]:
        """Verdicts on `items`, in their order.

        Raises:
            What `judge` raises. One caller's bad item fails only that caller: a batch that fails is judged
            again, order by order.
        """
        order = _Order(items)
        with self._queue:
            self._orders.append(order)
        with self._model:
            if not order.done:
                with self._queue:
                    batch, self._orders = self._orders, []
                try:
                    self._serve(batch)
                finally:
                    # Only an interrupted thread leaves orders undone: the next in line finds them in the queue again.
                    undone = [other for other in batch if not other.done and other is not order]
                    with self._queue:
                        self._orders = undone + self._orders
        if order.error is not None:
            raise order.error
        return order.verdicts

    def _serve(self, batch: list[_Order]) -> None:
        try:
            verdicts = list(self._judge([item for order in batch for item in order.items]))
        except Exception as error:  # noqa: BLE001 - it reaches the caller it belongs to
            if len(batch) == 1:
                batch[0].error, batch[0].done = error, True
                return
            for order in batch:
                self._serve([order])
            return
        for order in batch:
            order.verdicts, verdicts = verdicts[: len(order.items)], verdicts[len(order.items) :]
            order.done = True
