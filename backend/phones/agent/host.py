"""The agent in all apps of one phone.

One thread does everything that may take time: it reaches Frida, watches which apps start and come to the front, enters
them, and tries again what failed. Another (`Delivery`) tells the listeners. Messages to agents are posted from the
caller's thread: Frida takes them without waiting.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from backend.errors import AgentError, MindproofError, PhoneError
from backend.phones.agent.agents import Agents
from backend.phones.agent.apps import Apps, Entry
from backend.phones.agent.delivery import Delivery
from backend.phones.agent.frida_library import LinkLost
from backend.phones.agent.gate import DebugAppGate, GadgetGate, Gate, NoGate, SpawnGate
from backend.phones.agent.link import APP_ENDED, LINK_BROKE, AgentLink
from backend.phones.agent.messages import Configure, Effects, FromAgent, Hello, Problem, ToAgent, Verdict
from backend.phones.agent.reach import FridaOptions, Reach
from backend.phones.agent.scope import AppRef, Scope
from backend.phones.agent.script import agent_script
from backend.phones.agent.starts import Starts
from backend.phones.agent.state import AppKind, HostKind, HostState
from backend.phones.backoff import Backoff
from backend.phones.phone import Phone

log = logging.getLogger(__name__)

OnMessage = Callable[[AppRef, FromAgent, bytes | None], None]
OnState = Callable[[HostState], None]

LOOK_S = 1.0
SOON_S = 0.02
"""How often it is seen whether an app that starts can be entered yet."""
HELLO_S = 8.0
STOP_S = 30.0
_TWO = "end the other backend that works with this phone, or restart the app"


class AgentHost:
    """Keeps the agent inside every app of `phone` that `scope` takes, for as long as it runs.

    `on_message` and `on_state` are called on one thread of the host's own, in order; what they raise is logged. All
    other methods return at once, may be called from any thread, and raise nothing for a phone that is gone.

    Args:
        phone: connected or not; over TCP the host has connections of its own.
        scope: the apps to enter.
        on_message: hears every valid message of every agent, with its binary part.
        on_state: hears every change of `state`.
        options: what a person says of Frida on this phone.
        cache: the folder where the built agent is kept.
        script: gives the agent's script; by default builds the agent.
    """

    def __init__(
        self,
        phone: Phone,
        scope: Scope,
        on_message: OnMessage,
        on_state: OnState,
        *,
        options: FridaOptions | None = None,
        cache: Path | None = None,
        script: Callable[[], str] | None = None,
    ) -> None:
        self._shared, self._scope = phone, scope
        self._phone = phone
        self._on_message, self._on_state = on_message, on_state
        self._options = options or FridaOptions()
        self._script = script or partial(agent_script, phone.serial, cache)
        self._delivery = Delivery(f"agent messages {phone.serial}")
        self._todo: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._agents = Agents()
        self._apps = Apps()
        self._state = HostState("stopped")
        self._reach: Reach | None = None
        self._gate: Gate = NoGate()
        self._source = ""

    # -- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Begin, on threads of its own. Raises nothing: `state` tells how it goes."""
        if self._thread is None:
            self._stopping.clear()
            self._delivery.start()
            self._thread = threading.Thread(target=self._run, name=f"agent {self._phone.serial}", daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """Leave every app (all is undone there), end what was started on the phone, end all threads."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping.set()
        self._do(lambda: None)
        thread.join(STOP_S)
        self._say("stopped")
        self._delivery.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- what callers ask and tell ------------------------------------------------------------------------------------

    @property
    def state(self) -> HostState:
        return self._state

    @property
    def attached(self) -> tuple[AppRef, ...]:
        """The apps whose agent has said hello and is configured."""
        return self._agents.begun

    def configure(self, configure: Configure) -> None:
        """What all agents are to do from now on, and those that come later at once."""
        self._agents.configure(configure)

    def verdicts(self, items: Iterable[Verdict], forget: bool = False) -> int:
        """Tell all agents, now and later; returns the number that `Applied` will carry. `forget` drops earlier ones."""
        return self._agents.verdicts(items, forget)

    def effects(self, package: str, effects: Effects) -> None:
        """Tell the agents in `package`. Not remembered: views of another process are other views."""
        self.send(package, effects)

    def send(self, package: str, message: ToAgent) -> bool:
        """Tell the agents in `package`; whether there is one."""
        return self._agents.send(package, message)

    def rescope(self, scope: Scope) -> None:
        """From now on only apps in `scope`: those that are out of it are left, those in both are not touched."""
        self._do(partial(self._take_scope, scope))

    def noticed(self, package: str) -> None:
        """`package` was just seen in front: enter it now, if it is in scope, instead of when the host sees it."""
        self._do(partial(self._enter_running, package))

    # -- the host's thread --------------------------------------------------------------------------------------------

    def _do(self, task: Callable[[], None]) -> None:
        self._todo.put(task)

    def _run(self) -> None:
        backoff = Backoff(limit_s=2.0)
        self._phone = self._shared.beside()  # a long command of somebody else's must not hold up an app's start
        self._say("starting")
        while not self._stopping.is_set():
            try:
                self._source = self._script()
                self._reach = Reach(self._phone, self._options)
                backoff.reset()
                self._work(self._reach)
            except MindproofError as error:
                self._say("unavailable", error.message, error.remedy)
            except Exception as error:
                log.exception("the agent's host of %s failed", self._phone.serial)
                self._say("unavailable", f"an error in Mindproof itself: {error!r}", "see the log, and report it")
            finally:
                self._retreat()
            self._stopping.wait(backoff.delay_s())
        if self._phone is not self._shared:
            self._phone.close()

    def _work(self, reach: Reach) -> None:
        """Watch and enter, until told to stop. Raises LinkLost when Frida is no longer there."""
        starts = Starts(self._phone, lambda app: self._do(partial(self._enter, app)))
        try:
            self._gate = self._opened_gate(reach)
            if self._phone.takes_lanes:
                starts.start()
            self._say("watching", f"{reach.where}")
            next_look = 0.0
            while not self._stopping.is_set():
                if reach.lost:
                    raise LinkLost(self._phone.serial, LINK_BROKE)
                if time.monotonic() >= next_look:
                    self._look(reach)
                    next_look = time.monotonic() + LOOK_S
                for app in self._apps.starting:
                    self._enter(app)
                self._next_task(time.monotonic() + SOON_S if self._apps.starting else next_look)
        finally:
            starts.stop()

    def _next_task(self, until: float) -> None:
        try:
            task = self._todo.get(timeout=max(0.01, until - time.monotonic()))
        except queue.Empty:
            return
        task()

    def _opened_gate(self, reach: Reach) -> Gate:
        """The way by which apps are held at their start here; none where the phone has no such way."""
        serial = self._phone.serial
        gate: Gate
        if reach.where == "local":
            gate = DebugAppGate(self._phone, self._scope)
        elif reach.where == "gadget":
            gate = GadgetGate(serial, reach.device)
        else:
            gate = SpawnGate(serial, reach.device, self._scope, lambda app: self._do(partial(self._enter, app)))
        try:
            gate.open()
        except AgentError as error:
            log.warning("apps of %s are entered while they start, not before: %s", serial, error.message)
            gate.close()
            return NoGate()
        return gate

    def _retreat(self) -> None:
        """Leave all apps, close the gate, let Frida go."""
        gate, self._gate = self._gate, NoGate()
        gate.close()
        links = self._agents.drop_all()
        for link in links:
            link.say_leave()
        for link in links:
            undone = link.leave()
            self._tell(link.app, "left", "" if undone else "the agent did not say that all is undone")
        self._apps.forget_all()
        reach, self._reach = self._reach, None
        if reach is not None:
            reach.close()

    def _take_scope(self, scope: Scope) -> None:
        self._scope = scope
        try:
            self._gate.rescope(scope)
        except PhoneError as error:
            log.warning("apps that are new in scope are entered while they start: %s", error.message)
        links = [link for link in self._agents.links if not scope.takes(link.app.package)]
        for link in links:
            self._agents.drop(link)
            link.say_leave()
        for link in links:
            self._gate.release(link.app)
            undone = link.leave()
            self._apps.left(link.app)
            self._tell(link.app, "left", "" if undone else "the agent did not say that all is undone")
        if self._reach is not None:
            self._look(self._reach)

    # -- apps ---------------------------------------------------------------------------------------------------------

    def _look(self, reach: Reach) -> None:
        """Enter what is in front, and whatever else is wanted; give up on agents that do not begin."""
        for link in self._apps.overdue():
            self._give_up(link, f"the agent did not begin within {HELLO_S:g} s", "bring the app to the front")
        try:
            self._gate.renew()
            everything = reach.where == "local"
            for app in self._apps.running(self._phone, self._scope, everything):
                self._enter(app)
        except PhoneError as error:
            if isinstance(error, AgentError):
                raise
            self._say("unavailable", error.message, error.remedy)
            return
        if self._state.kind != "watching":
            self._say("watching", reach.where)

    def _enter_running(self, package: str) -> None:
        if not self._scope.takes(package):
            return
        try:
            told = self._phone.shell(f"pidof {package}").out.split()
        except PhoneError as error:
            log.debug("%s came to the front, and then: %s", package, error)
            return
        if told and told[0].isdigit():
            self._enter(AppRef(package, int(told[0])))

    def _enter(self, app: AppRef) -> None:
        """Put the agent into `app`, unless it is there, or failed too often. Raises LinkLost."""
        reach = self._reach
        if reach is None or not self._scope.takes(app.package) or not self._apps.may_try(app):
            return
        stage = reach.stage(app)
        self._apps.wait_for(app, stage == "starting")
        if stage != "up":
            return
        self._tell(app, "entering")
        link = AgentLink(
            self._phone.serial, reach.device, app, self._source, reach.where == "local", self._heard, self._ended
        )
        self._apps.trying(app, Entry(link, time.monotonic() + HELLO_S))
        self._gate.hold(app)
        try:
            link.enter()
        except AgentError as error:
            self._gate.release(app)
            self._apps.failed(app)
            self._tell(app, "failed", error.message, error.remedy)
            if isinstance(error, LinkLost):
                raise
            return
        self._agents.admit(link)
        if not self._gate.waits_for_hello:
            self._gate.release(app)

    def _settle(self, link: AgentLink) -> None:
        """The agent has said hello, or that it will not work here."""
        self._gate.release(link.app)
        if not self._agents.has(link):
            return  # it was left, or has ended, meanwhile
        if link.hello is not None:
            self._apps.entered(link.app)
            self._tell(link.app, "attached")
        else:
            self._give_up(link, f"the agent cannot work in {link.app.package}: {link.refusal}", _TWO)

    def _give_up(self, link: AgentLink, why: str, remedy: str) -> None:
        self._gate.release(link.app)
        self._agents.drop(link)
        self._apps.failed(link.app)
        link.leave()
        self._tell(link.app, "failed", why, remedy)

    def _after_end(self, link: AgentLink, why: str) -> None:
        """The agent is gone from an app. One whose app goes on is put in again, at the next look."""
        self._agents.drop(link)  # it may have ended before it was admitted
        self._apps.ended(link.app, gone=why == APP_ENDED)
        self._tell(link.app, "lost", why)
        if why == LINK_BROKE:
            raise LinkLost(self._phone.serial, LINK_BROKE, "see: mindproof doctor")

    # -- what Frida's thread tells ------------------------------------------------------------------------------------

    def _heard(self, link: AgentLink, message: FromAgent, data: bytes | None) -> None:
        self._delivery.put(partial(self._on_message, link.app, message, data))
        if isinstance(message, Hello) or (isinstance(message, Problem) and link.refusal):
            self._do(partial(self._settle, link))

    def _ended(self, link: AgentLink, why: str) -> None:
        self._agents.drop(link)
        self._do(partial(self._after_end, link, why))

    # -- state --------------------------------------------------------------------------------------------------------

    def _tell(self, app: AppRef, kind: AppKind, detail: str = "", remedy: str = "") -> None:
        self._apps.say(app, kind, detail, remedy)
        self._publish(HostState(self._state.kind, self._apps.states, self._state.detail, self._state.remedy))

    def _say(self, kind: HostKind, detail: str = "", remedy: str = "") -> None:
        self._publish(HostState(kind, self._apps.states, detail, remedy))

    def _publish(self, state: HostState) -> None:
        if state != self._state:
            self._state = state
            self._delivery.put(partial(self._on_state, state), must=True)
