"""Judges what apps are about to show, on a thread and with an engine of its own, before any frame shows it.

The engine is restricted to ``on_text`` and ``on_region``: what a text or a picture is does not depend on where it
stands. Contents are judged in batches, one answer a batch. What cannot be judged (an intervention hangs or throws) is
not answered, and the agent does what it was told to do at the deadline.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from backend.engine.engine import Engine
from backend.errors import MindproofError
from backend.phones.agent.messages import Configure, Effect, Waiting
from backend.pipeline.contents import Content, Judged, scene_of, verdicts

log = logging.getLogger(__name__)

CONTENT_HANDLERS = frozenset({"on_text", "on_region"})
"""The handlers that judge a content by itself."""
MOST_TEXTS, MOST_PICTURES = 128, 8
"""In one batch: a batch is answered as a whole, so it must not take long."""
_REMEMBERED = 50_000
_QUEUE = 20_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Contents of one app that were judged together, by the interventions of `generation`, in `seconds`."""

    package: str
    judged: tuple[Judged, ...]
    generation: int
    seconds: float = 0.0


class ContentJudge:
    """The judge of one phone. `put` may be called from any thread and returns at once.

    Args:
        phone: its serial.
        engine: of `CONTENT_HANDLERS`; the owner switches interventions on and off in it.
        on_judged: called on the judge's thread after every batch.
    """

    def __init__(self, phone: str, engine: Engine, on_judged: Callable[[Batch], None]) -> None:
        self.engine = engine
        self._phone, self._on_judged = phone, on_judged
        self._changed = threading.Condition()
        self._queue: deque[tuple[str, Content, float]] = deque()
        self._effects: OrderedDict[str, Effect] = OrderedDict()
        self._generation = engine.generation
        self._number = 0
        self._stopping = self._judging = False
        self._thread = threading.Thread(target=self._run, name=f"content judge {phone}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what waits stays unjudged. The engine is the owner's to close."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(15.0)

    def put(self, package: str, contents: Iterable[Content]) -> None:
        """Have `contents` of an app judged. With too many waiting the oldest are given up."""
        now = monotonic()
        with self._changed:
            self._queue.extend((package, content, now) for content in contents)
            lost = len(self._queue) - _QUEUE
            for _ in range(lost):
                self._queue.popleft()
            self._changed.notify_all()
        if lost > 0:
            log.warning("phone %s: %d contents of apps came faster than they could be judged", self._phone, lost)

    @property
    def busy(self) -> bool:
        """Whether contents wait, or are being judged."""
        with self._changed:
            return self._judging or bool(self._queue)

    def effect(self, key: str) -> Effect | None:
        """The verdict on a content, by the interventions that are on now; None when there is none (yet)."""
        with self._changed:
            return self._effects.get(key) if self._generation == self.engine.generation else None

    def configuration(self) -> Configure:
        """What an agent is to report and to hold back, for the interventions that are on now."""
        return Configure(
            texts=self._any("on_text"),
            images=self._any("on_region"),
            tree=True,
            text_waiting=self._waiting("on_text"),
            image_waiting=self._waiting("on_region"),
        )

    def _any(self, handler: str) -> bool:
        return any(handler in type(one.intervention).handlers() for one in self.engine.kinds().values())

    def _waiting(self, handler: str) -> Waiting:
        kinds = [type(one.intervention) for one in self.engine.kinds().values()]
        hide = any(handler in kind.handlers() and kind.until_judged == "hide" for kind in kinds)
        return Waiting(hold=hide, afterwards="hide" if hide else "show")

    # -- the thread ------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (batch := self._next()) is not None:
            package, contents, since_s = batch
            try:
                judged = replace(self.judge(package, contents), seconds=monotonic() - since_s)
            except MindproofError as error:
                log.error("phone %s: contents of %s were not judged: %s", self._phone, package, error)
                continue
            except Exception:
                log.exception("phone %s: contents of %s were not judged", self._phone, package)
                continue
            if judged.judged:
                self._on_judged(judged)

    def _next(self) -> tuple[str, list[Content], float] | None:
        """All that waits of one app, up to a batch; None when it is time to end."""
        with self._changed:
            self._judging = False
            self._changed.wait_for(lambda: self._stopping or self._queue)
            if self._stopping:
                return None
            self._judging = True
            package, _, since_s = self._queue[0]
            contents: dict[str, Content] = {}
            pictures = 0
            while self._queue and self._queue[0][0] == package and len(contents) < MOST_TEXTS:
                content = self._queue[0][1]
                pictures += content.is_picture
                if pictures > MOST_PICTURES:
                    break
                contents.setdefault(content.key, content)
                self._queue.popleft()
            return package, list(contents.values()), since_s

    def judge(self, package: str, contents: Sequence[Content]) -> Batch:
        """Judge now. What nobody hides, while an intervention owes its answer, is left out: it stays unjudged."""
        while True:
            generation = self.engine.generation
            self._number += 1
            decision = self.engine.decide(scene_of(contents, self._phone, package, self._number))
            if self.engine.generation == generation:
                break
        judged = verdicts(contents, decision)
        if decision.late or decision.failures:
            judged = [one for one in judged if one.decided is not None]
        self._remember(judged, generation)
        return Batch(package, tuple(judged), generation)

    def _remember(self, judged: Iterable[Judged], generation: int) -> None:
        with self._changed:
            if generation != self._generation:
                self._effects.clear()
                self._generation = generation
            for one in judged:
                self._effects[one.content.key] = one.effect
                self._effects.move_to_end(one.content.key)
            while len(self._effects) > _REMEMBERED:
                self._effects.popitem(last=False)
