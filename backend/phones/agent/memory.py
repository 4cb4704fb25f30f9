"""What agents have been told, to tell it at once to those that come later."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice

from backend.phones.agent.messages import Configure, Key, ToAgent, Verdict, Verdicts

MOST_VERDICTS = 50_000
BATCH = 1000
"""Verdicts in one message: the app takes it in at once, and should not stall."""


class Memory:
    """The last `Configure` and the newest `most` verdicts. Not safe for threads: its owner has a lock."""

    def __init__(self, most: int = MOST_VERDICTS) -> None:
        self._most = most
        self._configure = Configure()
        self._verdicts: OrderedDict[Key, Verdict] = OrderedDict()
        self._seq = 0

    @property
    def verdicts(self) -> int:
        """How many are kept."""
        return len(self._verdicts)

    def configure(self, configure: Configure) -> None:
        self._configure = configure

    def learn(self, items: Iterable[Verdict], forget: bool) -> list[Verdicts]:
        """Keep `items`; the messages that tell them, all with one new number."""
        self._seq += 1
        if forget:
            self._verdicts.clear()
        told = list(items)
        for verdict in told:
            self._verdicts[verdict.key] = verdict
            self._verdicts.move_to_end(verdict.key)
        while len(self._verdicts) > self._most:
            self._verdicts.popitem(last=False)
        batches = list(_batches(told)) or [[]]
        return [
            Verdicts(seq=self._seq, items=batch, forget=forget and number == 0) for number, batch in enumerate(batches)
        ]

    @property
    def seq(self) -> int:
        """The number of the last `learn`."""
        return self._seq

    def told(self) -> list[ToAgent]:
        """Everything, for an agent that knows nothing. The verdicts first: what is configured then holds for them."""
        return [*(Verdicts(seq=self._seq, items=batch) for batch in _batches(self._verdicts.values())), self._configure]


def _batches(items: Iterable[Verdict]) -> Iterator[list[Verdict]]:
    waiting = iter(items)
    while batch := list(islice(waiting, BATCH)):
        yield batch
