"""The judges of one backend: its models, second opinions and what people say; and what follows when they say otherwise.

A judge says otherwise than before when a new version of it goes live, when a second opinion comes, and when people
correct it. What was decided by its word is then decided again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from backend.errors import ModelError
from backend.pipeline import model_events
from backend.serving import ModelStats
from backend.serving.cascade import Cascades, Escalation, Second
from backend.serving.handles import Handle
from backend.serving.host import open_host
from backend.serving.people import People
from backend.serving.watch import ModelWatcher
from backend.settings import Settings
from backend.store.corrections import Correction
from backend.store.entries import Entry, EventEntry, VerdictEntry

log = logging.getLogger(__name__)


class DecideAgain(Protocol):
    """Has decided again what was decided by the word of `judges`.

    On frames what is shown holds until the interventions have been asked again, unless `at_once`; the contents of apps
    and of their traffic, if they are concerned, are decided from the beginning.
    """

    def __call__(self, judges: Iterable[str], *, at_once: bool = False, contents: bool = True) -> None: ...


class Judges:
    """`close` ends every thread that it started.

    Args:
        corrections: those that hold on a phone.
        write: takes journal entries.
        decide_again: see `DecideAgain`.
    """

    def __init__(
        self,
        settings: Settings,
        corrections: Callable[[str], Sequence[Correction]],
        write: Callable[[Entry], None],
        decide_again: DecideAgain,
    ) -> None:
        self._write, self._decide_again = write, decide_again
        self.cascades = Cascades(self._second_opinions)
        self.people = People(corrections, decide_again)
        self.host = open_host(settings, [self.people, self.cascades])
        self._watcher = ModelWatcher(settings.home / "models" / "names", self.reload)
        self._noted: dict[str, ModelStats] = {}
        self._escalated: dict[str, Escalation] = {}

    def start(self) -> None:
        """Take up versions that are saved under the name of a model in use."""
        self._watcher.start()

    def stop_watching(self) -> None:
        self._watcher.stop()

    def close(self) -> None:
        self.people.close()
        self.cascades.close()
        self.note_verdicts()
        self.host.close()

    def for_phone(self, name: str, serial: str) -> Handle:
        """The model `name`, heeding what is said on the phone. Raises ModelError."""
        return self.people.heeding(name, serial, self.host)

    def reload(self, name: str) -> None:
        """Another version was saved as `name`: it goes live if the model is in use, and what was decided by the old
        one's word is decided again."""
        before = self.host.versions()
        if name not in before:
            return
        try:
            version = self.host.reload(name).version
        except ModelError as error:
            log.warning("model %s goes on as it was: %s", name, error)
            self._write(EventEntry(event="model.refused", message=str(error), detail={"model": name}))
            return
        changed = [judge for judge, now in self.host.versions().items() if before.get(judge, now) != now]
        if changed:
            self._decide_again(changed, at_once=True)
            message = f"{name}: version {version} replaced {before[name]}"
            self._write(EventEntry(event="model.replaced", message=message, detail={"model": name}))

    def note_verdicts(self) -> None:
        """Write down how often each model was asked since this was last done, how often the cache answered, what was
        dropped, and what was cut short."""
        for stats in self.host.stats():
            before = self._noted.get(stats.name, ModelStats(stats.name))
            self._noted[stats.name] = stats
            asked = stats.items - before.items
            dropped = stats.late - before.late, stats.shed - before.shed
            if asked:
                cached = max(0, asked - (stats.judged - before.judged) - sum(dropped))
                self._write(VerdictEntry(model=stats.name, version=stats.version, asked=asked, cached=cached))
            if any(dropped):
                self._write(model_events.dropped(stats, *dropped))
            if cut := stats.truncated - before.truncated:
                self._write(model_events.truncated(stats, cut))
        for used in self.cascades.escalations():
            if used.judged != self._escalated.get(used.cascade, Escalation(used.cascade)).judged:
                self._escalated[used.cascade] = used
                self._write(model_events.escalated(used))

    def _second_opinions(self, cascade: str, seconds: Sequence[Second]) -> None:
        """Verdicts of a slow judge have come, in the background."""
        overturned = [second for second in seconds if second.overturned]
        self._decide_again([cascade], contents=bool(overturned))
        for second in overturned:
            self._write(model_events.overturned(cascade, second))
