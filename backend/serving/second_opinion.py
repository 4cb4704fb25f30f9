"""Verdicts of a slow judge, reached in the background: whoever asks gets what is known and never waits."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from time import monotonic

from backend.errors import MindproofError
from backend.serving.rows import Row

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class Opinion:
    """A verdict that has come, `waited_s` seconds after it was first asked for."""

    key: Hashable
    row: Row
    waited_s: float


@dataclass(slots=True)
class _Question:
    text: str
    since_s: float


class SecondOpinions:
    """One slow judge's queue and memory, with a thread that starts when it is first needed.

    Args:
        judge: from texts to as many rows of class probabilities.
        on_come: called in the thread whenever verdicts have come.
        capacity: how many texts may wait. What nobody has asked about for longest is given up first.
        at_once: how many texts are handed to the judge together; the newest first, since those are on a screen.
        remembered: how many verdicts are kept.
    """

    def __init__(
        self,
        judge: Callable[[list[str]], Sequence[Row]],
        on_come: Callable[[Sequence[Opinion]], None],
        *,
        capacity: int = 256,
        at_once: int = 8,
        remembered: int = 20_000,
        pause_s: float = 0.5,
    ) -> None:
        self._judge, self._on_come = judge, on_come
        self._capacity, self._at_once, self._remembered, self._pause_s = capacity, at_once, remembered, pause_s
        self._changed = Condition()
        self._questions: OrderedDict[Hashable, _Question] = OrderedDict()
        self._known: OrderedDict[Hashable, Row] = OrderedDict()
        self._underway: frozenset[Hashable] = frozenset()
        self._thread: Thread | None = None
        self._closed = False
        self.shed = self.failures = 0

    @property
    def waiting(self) -> int:
        """How many texts have no verdict yet."""
        with self._changed:
            return len(self._questions) + len(self._underway)

    def ask(self, texts: Mapping[Hashable, str]) -> dict[Hashable, Row]:
        """The verdicts that are known on `texts`; the others are asked for. Returns at once."""
        with self._changed:
            known = {key: self._known[key] for key in texts if key in self._known}
            for key in known:
                self._known.move_to_end(key)
            wanted = [key for key in texts if key not in known and key not in self._underway]
            for key in wanted:
                self._questions.setdefault(key, _Question(texts[key], monotonic()))
                self._questions.move_to_end(key)
            while len(self._questions) > self._capacity:
                self._questions.popitem(last=False)
                self.shed += 1
            if wanted and not self._closed:
                self._start()
                self._changed.notify_all()
        return known

    def close(self) -> None:
        """End the thread, when the judge has answered what it was asked last. What waits is given up."""
        with self._changed:
            self._closed = True
            self._questions.clear()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(15.0)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="second opinions", daemon=True)
            self._thread.start()

    # -- the thread ------------------------------------------------------------------------------------

    def _run(self) -> None:
        pause_s = self._pause_s
        while (batch := self._next()) is not None:
            opinions = self._reached(batch)
            with self._changed:
                self._underway = frozenset()
                for opinion in opinions:
                    self._known[opinion.key] = opinion.row
                while len(self._known) > self._remembered:
                    self._known.popitem(last=False)
            if opinions:
                pause_s = self._pause_s
                self._tell(opinions)
            else:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _tell(self, opinions: Sequence[Opinion]) -> None:
        try:
            self._on_come(opinions)
        except Exception:
            log.exception("second opinions have come, and could not be told")  # later ones still will be

    def _next(self) -> dict[Hashable, _Question] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._questions)
            if self._closed:
                return None
            count = min(self._at_once, len(self._questions))
            batch = dict(self._questions.popitem(last=True) for _ in range(count))
            self._underway = frozenset(batch)
            return batch

    def _reached(self, batch: Mapping[Hashable, _Question]) -> list[Opinion]:
        """The verdicts on a batch; when it fails, on each of its texts by itself, and none on those that fail alone.

        What has none is asked again when it is seen again.
        """
        try:
            rows = self._judge([question.text for question in batch.values()])
        except MindproofError as error:
            if len(batch) > 1:
                parts = ({key: question} for key, question in batch.items())
                return [opinion for part in parts for opinion in self._reached(part)]
            self.failures += 1
            log.warning("no second opinion on a text: %s", error)
            return []
        now = monotonic()
        return [
            Opinion(key, tuple(row), now - question.since_s)
            for (key, question), row in zip(batch.items(), rows, strict=True)
        ]
