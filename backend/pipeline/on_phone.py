"""What Mindproof does on the phone itself: the agent in its apps, the judge of their contents, and the sinks there.

It stands beside the session of a phone. From the agent come contents, which the judge answers, and live UI trees, which
join the frames; from the session come decisions, which the sinks carry out in the app or on the overlay. Nothing here
waits for the phone: the agent does what it was told until it hears otherwise.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Literal, Protocol

from backend.engine.decision import Decided
from backend.engine.engine import Engine
from backend.engine.interstitials import DISMISS, LEAVE, Open
from backend.errors import CaptureError, InputError
from backend.phones.agent.host import OnMessage, OnState
from backend.phones.agent.live_tree import LiveTree
from backend.phones.agent.messages import (
    Answered,
    Configure,
    FetchTree,
    FromAgent,
    Hello,
    Image,
    Interstitial,
    Lifecycle,
    Problem,
    Texts,
    ToAgent,
    Toast,
    TreeUpdate,
    Verdict,
)
from backend.phones.agent.scope import AppRef, Scope
from backend.phones.agent.state import HostState
from backend.phones.foreground import SYSTEM_UI
from backend.phones.frame import Tree
from backend.phones.live import LiveTrees
from backend.pipeline.content import Batch, ContentJudge
from backend.pipeline.contents import of_image, of_text
from backend.pipeline.way import Passed
from backend.sinks.app import Agents, AppSink, Carried, LiveView
from backend.sinks.overlay import OverlaySink
from backend.store.entries import ActionEntry, Entry, EventEntry
from interventions.sdk import App, Box, Delay, Widget

log = logging.getLogger(__name__)

On = Literal["app", "overlay"]
_SETTLE_S = 0.02
"""Several changes of interventions that come together are told as one."""
_SILENT = Configure()
_TREES = 128
"""Live trees whose views are remembered: one that a frame was decided by may be followed by as many since."""


class Host(Agents, Protocol):
    """What is needed of `AgentHost`."""

    def start(self) -> object: ...

    def stop(self) -> None: ...

    @property
    def state(self) -> HostState: ...

    @property
    def attached(self) -> tuple[AppRef, ...]: ...

    def configure(self, configure: Configure) -> None: ...

    def verdicts(self, items: list[Verdict], forget: bool = False) -> int: ...

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
        self._serial, self._make_host, self._trees = serial, make_host, trees
        self._engine, self._append, self._answer = engine, append, answer
        self._lock = threading.RLock()
        self._host: Host | None = None
        self._scope = Scope(())
        self._final = HostState("starting")
        self._told_generation = -1
        self._paused = False
        self._live: dict[str, LiveTree] = {}
        self._told: deque[tuple[tuple[Widget, ...], Mapping[str, LiveView]]] = deque(maxlen=_TREES)
        self._app_sink = AppSink(self, self.judge.effect)
        self._overlay = OverlaySink(self)
        self._front = ""
        self._open: tuple[str, str] | None = None
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
        with self._lock:
            return (*self._app_sink.drawn, *self._overlay.drawn)

    def show(self, passed: Passed) -> None:
        """Carry out the standing actions of a decision, and no others from now on."""
        if self._paused:
            return
        scene, standing = passed.scene, passed.decision.standing
        with self._lock:
            package = scene.app.package
            if package != self._front:
                self._front = package
                if self._host is not None:
                    self._host.noticed(package)
            if self.on == "app" and self._is_inside(package):
                views = self._views_of(passed.frame.tree)
                if not views:  # not a scene of a live tree: what its views do holds until there is one
                    self._overlay.clear()
                    return
                made = self._app_sink.show(scene, standing, views)
                carried = [*made.carried, *self._overlay.show(scene, made.left)]
            else:
                carried = self._overlay.show(scene, standing)
        self._note(package, carried)

    def interstitial(self, shown: Open | None, now: float) -> None:
        """Have `shown`, and no other interstitial, open over the app in front."""
        with self._lock:
            host = self._there()
            wanted = (host, shown.key) if shown is not None and host else None
            if wanted == self._open:
                return
            if self._open is not None:
                self.send(self._open[0], Interstitial(key=self._open[1], open=False))
            sent = wanted is not None and shown is not None and self.send(wanted[0], _page(shown, now))
            self._open = wanted if sent else None

    def notify(self, message: str) -> None:
        """Tell the participant something, over the app in front."""
        if host := self._there():
            self.send(host, Toast(message=message))

    # -- `Agents`, for the sinks: the host may be another one tomorrow ---------------------------------------

    def effects(self, package: str, effects: object) -> None:
        host = self._host
        if host is not None:
            host.effects(package, effects)  # type: ignore[arg-type]

    def send(self, package: str, message: ToAgent) -> bool:
        host = self._host
        return host is not None and host.send(package, message)

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
        if self._host is None or scope != self._scope:
            self._enter(scope)
        host = self._host
        assert host is not None
        with self._lock:
            generation = self.judge.engine.generation
            host.configure(_SILENT if self._paused or self.on == "overlay" else self.judge.configuration())
            host.send(SYSTEM_UI, _SILENT)
            if generation != self._told_generation or self._paused:
                self._told_generation = -1 if self._paused else generation
                host.verdicts([], forget=True)
            if self._paused:
                self._clear(host)

    def _enter(self, scope: Scope) -> None:
        """Have the agent in the apps of `scope`, and in no others."""
        if self._host is not None:
            self._host.stop()
        with self._lock:
            self._scope = scope
            self._forget_all()
            self._host = self._make_host(scope, self._heard, self._state_changed)
        self._host.start()

    def _scope_now(self) -> Scope:
        if self.on == "overlay":
            return Scope((), system_ui=True)
        patterns: set[str] = set()
        for one in self._engine.kinds().values():
            patterns.update(one.apps if one.apps is not None else type(one.intervention).apps)
        return Scope(("*",) if "*" in patterns else tuple(sorted(patterns)), system_ui=True)

    def _clear(self, host: Host) -> None:
        for app in host.attached:
            self._app_sink.clear(app.package)
        self._overlay.clear()
        self.interstitial(None, monotonic())

    # -- what the agent says; on the host's thread ---------------------------------------------------------

    def _heard(self, app: AppRef, message: FromAgent, data: bytes | None) -> None:
        match message:
            case Texts(items=items):
                self.judge.put(app.package, [of_text(one) for one in items])
            case Image():
                self._picture(app, message, data or b"")
            case TreeUpdate():
                self._tree(app, message)
            case Lifecycle(state=state, activity=activity):
                self._lifecycle(app, state, activity)
            case Answered(key=key, choice=choice):
                self._answer(key, choice)
            case Hello():
                self._begin(app)
            case Problem(where=where, message=text):
                log.warning("phone %s: the agent in %s: %s: %s", self._serial, app.package, where, text)
                self._event("agent.problem", f"{where}: {text.splitlines()[0] if text else ''}", app=app.package)

    def _begin(self, app: AppRef) -> None:
        """A new agent, which has heard nothing of views, and tells the tree from the start."""
        with self._lock:
            self._live.pop(app.package, None)
            self._app_sink.forget(app.package)
            if app.package == SYSTEM_UI:
                self._overlay.forget()
                self.send(SYSTEM_UI, _SILENT)
            if self._open is not None and self._open[0] == app.package:
                self._open = None

    def _picture(self, app: AppRef, told: Image, data: bytes) -> None:
        try:
            self.judge.put(app.package, [of_image(told, data)])
        except InputError as error:
            log.warning("phone %s: a picture of %s is not judged: %s", self._serial, app.package, error)

    def _tree(self, app: AppRef, update: TreeUpdate) -> None:
        if app.package == SYSTEM_UI:
            return
        with self._lock:
            live = self._live.get(app.package)
            if live is None:
                fetch = partial(self._fetch_tree, app.package)
                live = self._live[app.package] = LiveTree(app.package, fetch)
            try:
                complete = live.apply(update)
            except CaptureError as error:
                log.warning("%s; %s", error.message, error.remedy)
                complete = False
        if complete:
            self._put(live)
        else:
            self._trees.end(app.package)

    def _fetch_tree(self, package: str) -> None:
        self.send(package, FetchTree())

    def _put(self, live: LiveTree) -> None:
        if (tree := live.tree) is not None:
            views = {name: LiveView(view, key) for name, (view, key) in live.views.items()}
            with self._lock:
                self._told.append((tree.widgets, views))
            self._trees.put(App(live.package, live.activity), tree.widgets, tree.time_s)

    def _lifecycle(self, app: AppRef, state: str, activity: str) -> None:
        if state == "resumed":
            self._trees.begin(App(app.package, activity))
            with self._lock:
                live = self._live.get(app.package)
            if live is not None:
                self._put(live)
        elif state == "paused":
            self._trees.end(app.package)

    def _state_changed(self, state: HostState) -> None:
        for one in state.apps:
            said = ("agent", one.app.package, str(one.app.pid), one.kind)
            if one.kind != "entering" and said not in self._said:
                self._said.add(said)
                self._event(f"agent.{one.kind}", one.detail, app=one.app.package)
            if one.kind in ("lost", "left"):
                self._trees.end(one.app.package)
                with self._lock:
                    self._live.pop(one.app.package, None)
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

    def _views_of(self, tree: Tree | None) -> Mapping[str, LiveView]:
        """What the agent called the widgets of `tree` when it told it; nothing where the tree is not an agent's."""
        widgets = tree.widgets if tree is not None else ()
        return next((views for told, views in reversed(self._told) if told is widgets), {})

    def _there(self) -> str:
        """The package whose agent can put something over the app in front; empty for none."""
        if self.on == "app" and self._is_inside(self._front):
            return self._front
        return SYSTEM_UI if self._is_inside(SYSTEM_UI) else ""

    def _is_inside(self, package: str) -> bool:
        host = self._host
        return host is not None and any(app.package == package for app in host.attached)

    def _forget_all(self) -> None:
        for package in list(self._live):
            self._trees.end(package)
            self._app_sink.forget(package)
        self._live.clear()
        self._overlay.forget()
        self._open = None

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


def _page(shown: Open, now: float) -> Interstitial:
    action = shown.action
    if isinstance(action, Delay):
        return Interstitial(
            key=shown.key,
            message=action.message,
            seconds=shown.wait_s(now),
            choices=[(DISMISS, action.dismiss), (LEAVE, action.leave)],
            at_once=[LEAVE],
        )
    return Interstitial(key=shown.key, message=action.question, choices=[(one, one) for one in action.answers])


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
