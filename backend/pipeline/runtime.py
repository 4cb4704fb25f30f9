"""Everything that runs in one backend: phones, engines, models, journal. The page and the command line hold on to this.

Implements `backend.web.runtime.Runtime`. An intervention is switched on for all phones, and runs on each in an
instance of its own: what one person scrolls must not count for another.
"""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from backend.annotations.correcting import Correcting
from backend.annotations.teaching import Screen, Teaching
from backend.engine.catalog import Catalog
from backend.engine.engine import Engine, EngineEvent, Status
from backend.engine.watch import Watcher
from backend.errors import InterventionError, MindproofError, ModelError, PhoneError
from backend.network.plan import NetworkPlan
from backend.perception.perception import Perception
from backend.perception.settings import PerceptionSettings
from backend.phones.source_state import Kind
from backend.pipeline.assembly import Assembly
from backend.pipeline.judges import Judges
from backend.pipeline.pictures import MirrorPictures
from backend.pipeline.session import PhoneSession
from backend.serving import ModelStats
from backend.serving.cascade import Escalation
from backend.settings import Settings, Sink
from backend.store.entries import Entry, EventEntry
from backend.store.journal import Journal
from backend.web.runtime import InterventionView, Key, PhoneState, PhoneView, PictureSource, StageTimings, Touch

log = logging.getLogger(__name__)

_PAGE_STATES: Mapping[Kind, PhoneState] = {
    "connecting": "connecting",
    "live": "live",
    "lost": "lost",
    "unauthorised": "unauthorised",
    "stopped": "lost",
}
TAUGHT, HATE_SPEECH = "taught", "hate_speech"
_STAGES = ("capture to shown", "see", "decide", "total", "content")


class BackendRuntime:
    """One backend. `close` ends every thread that it started."""

    def __init__(self, settings: Settings, journal: Journal) -> None:
        self.settings = settings
        self._journal = journal
        own = settings.home / "interventions"
        own.mkdir(parents=True, exist_ok=True)  # so that what `mindproof new` writes there later is noticed
        self.catalog = Catalog(settings.intervention_folders)
        self.judges = Judges(settings, journal.corrections.holding, self._write, self._decide_again)
        self._sessions: dict[str, PhoneSession] = {}
        self._wanted: dict[str, tuple[dict[str, Any], tuple[str, ...] | None]] = {}
        self._spare = Engine(self.catalog, self.judges.host.load)
        self._assembly = Assembly(
            settings,
            self.catalog,
            self.judges.for_phone,
            self._write,
            self._engine_event,
            self._content_event,
            self._late,
            self.answer,
        )
        self._lock = threading.RLock()
        self._watcher = Watcher(self.catalog.folders, self.reload)
        self._crops = settings.home / "crops"
        self.teaching = Teaching(journal.annotations, self._screen, self._teach, self._annotated)
        self.correcting = Correcting(
            journal.corrections, self.teaching, self._judges_texts, self._heed, self._annotated
        )
        self.teaching.resume()

    def start(self) -> None:
        """Load what the first frame needs, and begin to watch the interventions' folders."""
        try:
            Perception(PerceptionSettings()).prepare()
        except ModelError as error:
            log.error("text is not read where the UI tree is silent: %s", error)
        self._watcher.start()
        self.judges.start()

    def close(self) -> None:
        self._watcher.stop()
        self.judges.stop_watching()
        for serial in list(self._sessions):
            self.remove_phone(serial)
        self.judges.close()
        self._journal.close()

    # -- phones ----------------------------------------------------------------------------------------

    def add_phone(self, serial: str, on: Sink | None = None, plan: NetworkPlan | None = None) -> PhoneSession:
        """Begin to watch a phone. It may be away: it is taken up when it comes.

        Args:
            on: where interventions take effect beside the mirror; by default as the settings say.
            plan: which traffic they may read, on "network"; by default the settings' hosts.

        Raises:
            PhoneError: it is watched already.
        """
        with self._lock:
            if serial in self._sessions:
                raise PhoneError(serial, "is watched already")
            session = self._assembly.session(serial, on or self.settings.on, plan)
            self._sessions[serial] = session
            for name, (values, apps) in self._wanted.items():
                for engine in _engines(session):
                    engine.enable(name, values, apps)
        session.start()
        return session

    def remove_phone(self, serial: str) -> None:
        with self._lock:
            session = self._sessions.pop(serial, None)
        if session is not None:
            session.stop()

    def session(self, serial: str) -> PhoneSession:
        """Raises PhoneError when `serial` is not watched, saying which are."""
        try:
            return self._sessions[serial]
        except KeyError:
            known = ", ".join(self._sessions) or "none"
            raise PhoneError(serial, "is not watched by this backend", f"watched are: {known}") from None

    def phones(self) -> Sequence[PhoneView]:
        return [self._phone_view(serial, session) for serial, session in list(self._sessions.items())]

    def mirror(self, serial: str) -> PictureSource:
        session = self.session(serial)
        return MirrorPictures(session.mirror, session)

    def raw(self, serial: str) -> PictureSource:
        session = self.session(serial)
        return MirrorPictures(session.raw, session)

    def touch(self, serial: str, action: Touch, x: int, y: int) -> bool:
        session = self.session(serial)
        if action in ("down", "move") and session.blocks(x, y):
            return False
        session.phone.motion(action, x, y)
        return True

    def swipe(self, serial: str, start: tuple[int, int], end: tuple[int, int], duration_s: float) -> bool:
        session = self.session(serial)
        if session.blocks(*start):
            return False
        session.phone.swipe(*start, *end, round(duration_s * 1000))
        return True

    def key(self, serial: str, name: Key) -> None:
        session = self.session(serial)
        if session.blocks(-1, -1) and name != "home":
            return
        session.phone.key(name)

    def text(self, serial: str, text: str) -> None:
        session = self.session(serial)
        if not session.blocks(-1, -1):
            session.phone.text(text)

    def answer(self, serial: str, key: str, choice: str) -> bool:
        return self.session(serial).answer(key, choice)

    def pause(self, serial: str, reason: str) -> None:
        self.session(serial).pause(reason)

    def resume(self, serial: str) -> None:
        self.session(serial).resume()

    # -- interventions ---------------------------------------------------------------------------------

    def interventions(self) -> Sequence[InterventionView]:
        with self._lock:
            engines = [session.engine for session in self._sessions.values()] or [self._spare]
        views: dict[str, InterventionView] = {}
        for engine in engines:
            for status in engine.status():
                views[status.name] = _merge(views.get(status.name), _view(status))
        return [views[name] for name in sorted(views)]

    def enable(self, name: str, values: Mapping[str, Any] | None = None, apps: Sequence[str] | None = None) -> None:
        """Switch on for all phones, those that come later included. Raises InterventionError or ModelError."""
        scope = tuple(apps) if apps is not None else None
        with self._lock:
            known = self._wanted.get(name, (self._taught_before(name), scope))[0]
            chosen = dict(values) if values is not None else known
            for engine in self._all_engines():
                engine.enable(name, chosen, scope)
            self._wanted[name] = (chosen, scope)

    def disable(self, name: str) -> None:
        with self._lock:
            self._wanted.pop(name, None)
            for engine in self._all_engines():
                engine.disable(name)

    def set_values(self, name: str, values: Mapping[str, Any]) -> None:
        with self._lock:
            if name not in self._wanted:
                raise InterventionError(f"{name} is not switched on", "switch it on first")
            chosen, apps = self._wanted[name]
            for engine in self._all_engines():
                if name in engine.enabled():
                    engine.set_values(name, values)
            self._wanted[name] = ({**chosen, **values}, apps)

    def reload(self, name: str) -> None:
        """A file of `name` was saved."""
        with self._lock:
            engines = self._all_engines()
        for engine in engines:
            engine.reload(name)
            if name in self._wanted and name not in engine.enabled():
                self._try_again(engine, name)

    def models(self) -> Sequence[str]:
        return self.judges.host.names()

    def model_stats(self) -> Sequence[ModelStats]:
        return self.judges.host.stats()

    def escalations(self) -> Sequence[Escalation]:
        return self.judges.cascades.escalations()

    # -- what people taught ----------------------------------------------------------------------------

    def _screen(self, serial: str) -> Screen | None:
        return self.session(serial).screen

    def _teach(self, lessons: Sequence[str], new: bool) -> None:
        """Hide what holds. A new lesson switches `taught` on; one that is taken back leaves it off where it is off."""
        with self._lock:
            self.teaching.write_crops(self._crops)
            if TAUGHT in self._wanted:
                self.set_values(TAUGHT, {"lessons": list(lessons)})
            elif new:
                self.enable(TAUGHT, self._taught_before(TAUGHT))

    def _taught_before(self, name: str) -> dict[str, Any]:
        """What an intervention that is switched on has learnt already."""
        return {"lessons": self.teaching.lessons(), "crops": str(self._crops)} if name == TAUGHT else {}

    def _heed(self, harmful: bool) -> None:
        """A text that somebody calls harmful is to be hidden, whether or not anything judged texts before."""
        if harmful and not any(self._judges_texts(name) for name in self._wanted):
            self.enable(HATE_SPEECH)
        self.judges.people.heed()

    def _judges_texts(self, name: str) -> bool:
        """Whether an intervention goes by what texts say."""
        kind = self.catalog.load(name).kind
        return "on_text" in kind.handlers() and any(one.kind == "model" for one in kind.parameters())

    def _annotated(self, event: str, serial: str, message: str) -> None:
        self._write(EventEntry(event=event, message=message, phone=serial, intervention=TAUGHT))

    # -- measures --------------------------------------------------------------------------------------

    @property
    def journal(self) -> Journal:
        return self._journal

    @property
    def key_folder(self) -> Path:
        return self.settings.key_folder

    def timings(self) -> Sequence[StageTimings]:
        gathered: dict[str, list[tuple[float, float]]] = {}
        for session in list(self._sessions.values()):
            for stage, points in list(session.timings.items()):
                gathered.setdefault(stage, []).extend(list(points))
            if session.on_phone is not None:
                gathered.setdefault("content", []).extend(list(session.on_phone.seconds))
        order = [stage for stage in _STAGES if stage in gathered]
        return [StageTimings(stage=stage, points=tuple(sorted(gathered[stage]))) for stage in order]

    # -- inside --------------------------------------------------------------------------------------

    def _write(self, entry: Entry) -> None:
        self._journal.append([entry])

    def _decide_again(self, judges: Iterable[str], *, at_once: bool = False, contents: bool = True) -> None:
        """See `backend.pipeline.judges.DecideAgain`."""
        for serial, session in list(self._sessions.items()):
            frames, *others = _engines(session)
            outdated: list[bool] = []
            for judge in judges:
                if at_once:
                    outdated.append(frames.outdate(judge))
                else:
                    frames.reconsider(judge)
                if contents:
                    outdated += [engine.outdate(judge) for engine in others]
            if any(outdated):
                self._rules_changed(serial)

    def _all_engines(self) -> list[Engine]:
        return [self._spare, *(engine for session in self._sessions.values() for engine in _engines(session))]

    def _content_event(self, serial: str, event: EngineEvent) -> None:
        """The engine for frames tells of the same; only what fails on contents alone is news."""
        if event.kind == "failed":
            self._engine_event(serial, event)
        else:
            self._rules_changed(serial)

    def _late(self, serial: str) -> None:
        session = self._sessions.get(serial)
        if session is not None:
            session.wake_late()

    def _rules_changed(self, serial: str) -> None:
        session = self._sessions.get(serial)
        if session is not None and session.on_phone is not None:
            session.on_phone.rules_changed()
        if session is not None and session.in_network is not None:
            session.in_network.rules_changed()

    def _try_again(self, engine: Engine, name: str) -> None:
        """A suspended intervention was saved: its author has mended it."""
        values, apps = self._wanted[name]
        try:
            engine.enable(name, values, apps)
        except MindproofError as error:
            log.warning("%s still does not load: %s", name, error)

    def _engine_event(self, serial: str, event: EngineEvent) -> None:
        self._rules_changed(serial)
        first, *_ = event.text.strip().splitlines()[-1:] or [""]
        detail = {"traceback": event.text} if event.kind in ("failed", "refused") else {}
        self._write(
            EventEntry(
                event=f"intervention.{event.kind}",
                message=first if detail else event.text,
                phone=serial,
                intervention=event.intervention,
                detail=detail,
            )
        )

    def _phone_view(self, serial: str, session: PhoneSession) -> PhoneView:
        state, stats = session.source.state, session.source.stats
        shown = session.shown
        return PhoneView(
            serial=serial,
            name=session.name,
            state="paused" if session.paused else _PAGE_STATES[state.kind],
            reason=session.paused or state.reason,
            app=shown.app.package if shown is not None else "",
            size=shown.size if shown is not None else (0, 0),
            fps=stats.fps,
            frames=session.frames,
        )


def _engines(session: PhoneSession) -> list[Engine]:
    """Where an intervention runs for one phone: on its frames, and on the contents of its apps or their traffic."""
    engines = [session.engine]
    if session.on_phone is not None:
        engines.append(session.on_phone.judge.engine)
    if session.in_network is not None:
        engines.append(session.in_network.engine)
    return engines


def _view(status: Status) -> InterventionView:
    lines = status.error.strip().splitlines()
    return InterventionView(
        name=status.name,
        doc=inspect.cleandoc(status.description or status.title),
        apps=status.apps,
        enabled=status.enabled,
        parameters=status.parameters,
        values=status.values,
        counters={"actions": status.actions, "late": status.late},
        error=lines[-1] if lines else "",
        traceback=status.error if len(lines) > 1 else "",
    )


def _merge(one: InterventionView | None, other: InterventionView) -> InterventionView:
    """One row for an intervention that runs on several phones."""
    if one is None:
        return other
    main = one if one.enabled or not other.enabled else other
    counters = {key: one.counters.get(key, 0) + other.counters.get(key, 0) for key in main.counters}
    return replace(main, counters=counters, error=one.error or other.error, traceback=one.traceback or other.traceback)
