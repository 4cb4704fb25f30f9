"""What Mindproof does on the phone itself: the agent in its apps, the judge of their contents, and the sinks there.

It stands beside the session of a phone. From the agent come contents, which the judge answers, and live UI trees, which
join the frames; from the session come decisions, which the sinks carry out in the app or on the overlay. Nothing here
waits for the phone: the agent does what it was told until it hears otherwise.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Protocol

from backend.engine.decision import Decided
from backend.engine.engine import Engine
from backend.engine.interstitials import Open
from backend.errors import InputError
from backend.phones.agent.host import OnMessage, OnState
from backend.phones.agent.messages import (
    Answered,
    Configure,
    Effects,
    FetchTree,
    FromAgent,
    Hello,
    Image,
    Lifecycle,
    Problem,
    Texts,
    ToAgent,
    TreeUpdate,
    Verdict,
)
from backend.phones.agent.scope import AppRef, Scope
from backend.phones.agent.state import HostState
from backend.phones.foreground import SYSTEM_UI
from backend.phones.live import LiveTrees
from backend.pipeline.content import Batch, ContentJudge
from backend.pipeline.contents import of_image, of_text
from backend.pipeline.live_apps import LiveApps
from backend.pipeline.phone_screen import On, PhoneScreen
from backend.pipeline.way import Passed
from backend.sinks.app import Carried
from backend.store.entries import ActionEntry, Entry, EventEntry
from interventions.sdk import Box

log = logging.getLogger(__name__)

_SETTLE_S = 0.02
"""Several changes of interventions that come together are told as one."""
_SILENT = Configure()


class Host(Protocol):
    """What is needed of `AgentHost`."""

    def start(self) -> object: ...

    def stop(self) -> None: ...

    @property
    def state(self) -> HostState: ...

    @property
    def attached(self) -> tuple[AppRef, ...]: ...

    def rescope(self, scope: Scope) -> None: ...

    def configure(self, configure: Configure) -> None: ...

    def verdicts(self, items: list[Verdict], forget: bool = False) -> int: ...

    def effects(self, package: str, effects: Effects) -> None: ...

    def send(self, package: str, message: ToAgent) -> bool: ...

    def noticed(self, package: str) -> None: ...


MakeHost = Callable[[Scope, OnMessage, OnState], Host]


class OnPhone:
    """The phone's own screen as a place where actions take effect.

    Args:
        serial: of the phone.
        on: inside its apps, or on an overlay over them.
        make_host: makes the agent's host for a scope.
        trees: where live UI trees go.
        engine: decides on frames; asked which apps the interventions concern.
        content: decides on contents; of `CONTENT_HANDLERS`.
        append: writes into the journal.
        answer: what to do when the participant answers an interstitial: its key, and the choice.
    """

    def __init__(
        self,
        serial: str,
        on: On,
        make_host: MakeHost,
        trees: LiveTrees,
        engine: Engine,
        content: Engine,
        append: Callable[[Entry], None],
        answer: Callable[[str, str], bool],
    ) -> None:
        self.on = on
        self.judge = ContentJudge(serial, content, self._judged)
        self.seconds: deque[tuple[float, float]] = deque(maxlen=900)
        """When batches of contents were judged (``time.monotonic``), and how long each took."""
        self.hidden: Counter[str] = Counter()
        """Contents that were hidden before they were shown, by intervention."""
        self._serial, self._make_host = serial, make_host
        self._engine, self._append, self._answer = engine, append, answer
        self._lock = threading.RLock()
        self._host: Host | None = None
        self._scope = Scope(())
        self._final = HostState("starting")
        self._told_generation = -1
        self._paused = False
        self._live = LiveApps(trees, self._fetch_tree)
        self._screen = PhoneScreen(on, self, self.judge.effect, self._live.views_of, self._note)
        self._said: set[tuple[str, str, str, str]] = set()
        self._rules = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"on phone {serial}", daemon=True)

    # -- life ------------------------------------------------------------------------------------------

    def start(self) -> None:
        self.judge.start()
        self._rules.set()
        self._thread.start()

    def stop(self) -> None:
        """Leave every app, so that it is as if nobody had been there. Waits for it."""
        self._stopping.set()
        self._rules.set()
        if self._thread.is_alive():
            self._thread.join(60.0)
        self.judge.stop()
        self.judge.engine.close()

    @property
    def state(self) -> HostState:
        host = self._host
        return host.state if host is not None else self._final

    @property
    def settled(self) -> bool:
        """Whether the agent is in all apps that it found to enter, or can be in none."""
        state = self.state
        inside = bool(state.apps) and all(one.kind != "entering" for one in state.apps)
        return state.kind == "unavailable" or (state.kind == "watching" and inside)

    def rules_changed(self) -> None:
        """An intervention was switched on or off, changed, or failed: everything is judged anew. Returns at once."""
        self._rules.set()

    def pause(self, paused: bool) -> None:
        """While paused, nothing is held back, hidden or changed on the phone."""
        self._paused = paused
        self._rules.set()

    # -- what the session asks -------------------------------------------------------------------------

    @property
    def drawn(self) -> tuple[Box, ...]:
        """Where the phone shows something of ours that perception must not take for the app's."""
        return self._screen.drawn

    def show(self, passed: Passed) -> None:
        """Carry out the standing actions of a decision, and no others from now on."""
        if not self._paused:
            self._screen.show(passed)

    def interstitial(self, shown: Open | None, now: float) -> None:
        """Have `shown`, and no other interstitial, open over the app in front."""
        self._screen.interstitial(None if self._paused else shown, now)

    def notify(self, message: str) -> None:
        """Tell the participant something, over the app in front."""
        self._screen.notify(message)

    # -- the agents, for what shows things there: their host may be another one tomorrow ---------------------

    def effects(self, package: str, effects: Effects) -> None:
        host = self._host
        if host is not None:
            host.effects(package, effects)

    def send(self, package: str, message: ToAgent) -> bool:
        host = self._host
        return host is not None and host.send(package, message)

    def is_in(self, package: str) -> bool:
        host = self._host
        return host is not None and any(app.package == package for app in host.attached)

    def noticed(self, package: str) -> None:
        host = self._host
        if host is not None:
            host.noticed(package)

    # -- the thread: what may take time ------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._rules.wait()
            if self._stopping.wait(_SETTLE_S):
                break
            self._rules.clear()
            self._apply_rules()
        host = self._host
        if host is not None:
            host.stop()
            self._final, self._host = host.state, None

    def _apply_rules(self) -> None:
        """Tell the agents what the interventions that are on now want."""
        scope = self._scope_now()
        host = self._host
        if host is None:
            host = self._enter(scope)
        elif scope != self._scope:
            self._scope = scope
            host.rescope(scope)
        with self._lock:
            generation = self.judge.engine.generation
            host.configure(_SILENT if self._paused or self.on == "overlay" else self.judge.configuration())
            host.send(SYSTEM_UI, _SILENT)
            if generation != self._told_generation or self._paused:
                self._told_generation = -1 if self._paused else generation
                host.verdicts([], forget=True)
        if self._paused:
            self._screen.clear()

    def _enter(self, scope: Scope) -> Host:
        """Have the agent in the apps of `scope`."""
        with self._lock:
            self._scope = scope
            self._host = host = self._make_host(scope, self._heard, self._state_changed)
        host.start()
        return host

    def _scope_now(self) -> Scope:
        if self.on == "overlay":
            return Scope((), system_ui=True)
        patterns: set[str] = set()
        for one in self._engine.kinds().values():
            patterns.update(one.apps if one.apps is not None else type(one.intervention).apps)
        return Scope(("*",) if "*" in patterns else tuple(sorted(patterns)), system_ui=True)

    # -- what the agent says; on the host's thread ---------------------------------------------------------

    def _heard(self, app: AppRef, message: FromAgent, data: bytes | None) -> None:
        match message:
            case Texts(items=items):
                self.judge.put(app.package, [of_text(one) for one in items])
            case Image():
                self._picture(app, message, data or b"")
            case TreeUpdate() if app.package != SYSTEM_UI:
                self._live.update(app.package, message)
            case Lifecycle() if app.package != SYSTEM_UI:
                self._live.lifecycle(app.package, message)
            case Answered(key=key, choice=choice):
                self._answer(key, choice)
            case Hello():
                self._begin(app)
            case Problem(where=where, message=text):
                log.warning("phone %s: the agent in %s: %s: %s", self._serial, app.package, where, text)
                self._event("agent.problem", f"{where}: {text.splitlines()[0] if text else ''}", app=app.package)

    def _fetch_tree(self, package: str) -> None:
        self.send(package, FetchTree())

    def _begin(self, app: AppRef) -> None:
        """A new agent, which has heard nothing of views, and tells the tree from the start."""
        self._live.begin(app.package)
        self._screen.begin(app.package)
        if app.package == SYSTEM_UI:
            self.send(SYSTEM_UI, _SILENT)

    def _picture(self, app: AppRef, told: Image, data: bytes) -> None:
        try:
            self.judge.put(app.package, [of_image(told, data)])
        except InputError as error:
            log.warning("phone %s: a picture of %s is not judged: %s", self._serial, app.package, error)

    def _state_changed(self, state: HostState) -> None:
        for one in state.apps:
            said = ("agent", one.app.package, str(one.app.pid), one.kind)
            if one.kind != "entering" and said not in self._said:
                self._said.add(said)
                self._event(f"agent.{one.kind}", one.detail, app=one.app.package)
            if one.kind in ("lost", "left"):
                self._live.end(one.app.package)
        if state.kind == "unavailable" and ("", "", "", state.detail) not in self._said:
            self._said.add(("", "", "", state.detail))
            log.warning("phone %s: %s (%s)", self._serial, state.detail, state.remedy)
            self._event("agent.unavailable", state.detail, remedy=state.remedy)

    # -- what the judge says; on its thread ------------------------------------------------------------------

    def _judged(self, batch: Batch) -> None:
        with self._lock:
            if batch.generation != self.judge.engine.generation:
                self.judge.put(batch.package, [one.content for one in batch.judged])
                return
            host = self._host
            if host is None or self._paused:
                return
            host.verdicts([Verdict(key=one.content.key, effect=one.effect) for one in batch.judged])
        self.seconds.append((monotonic(), batch.seconds))
        for one in batch.judged:
            if one.decided is not None:
                self.hidden[one.decided.intervention] += 1
                if one.content.is_picture:  # perception will never see it; a text it reads from the tree
                    self._append(_picture_entry(self._serial, batch.package, one.decided))

    # -- inside ----------------------------------------------------------------------------------------

    def _note(self, package: str, carried: list[Carried]) -> None:
        """Into the journal, which sink shows what: once for each kind of it."""
        for one in carried:
            name, action = one.decided.intervention, type(one.decided.action).__name__
            said = (package, name, action, one.where)
            if said not in self._said:
                self._said.add(said)
                self._event("sink.shown", f"{action}: {one.where}", app=package, intervention=name, sink=self.on)

    def _event(self, event: str, message: str, app: str = "", intervention: str = "", **detail: str) -> None:
        self._append(
            EventEntry(
                event=event, message=message, phone=self._serial, app=app, intervention=intervention, detail=detail
            )
        )


def _picture_entry(serial: str, package: str, decided: Decided) -> ActionEntry:
    action = decided.action
    entry = ActionEntry(
        phone=serial,
        frame=0,
        intervention=decided.intervention,
        action=type(action).__name__,
        app=package,
        label=action.label,
        score=action.score,
        why=action.why,
    )
    return replace(entry, why=f"{action.why} (before it was shown)".strip())
