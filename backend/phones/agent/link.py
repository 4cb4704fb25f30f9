"""The agent in one process of one app: in, out, and what is said in between.

Frida calls back on a thread of its own on which nothing may wait; whoever is told here hands on and returns.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from backend.errors import AgentError
from backend.phones.agent.frida_library import frida_errors, library, within
from backend.phones.agent.messages import Bye, FromAgent, Hello, Leave, Problem, ToAgent, read
from backend.phones.agent.scope import AppRef

log = logging.getLogger(__name__)

ENTER_S = 10.0
LEAVE_S = 3.0
LEAVE_UNBEGUN_S = 0.5
"""An agent that never said hello has changed nothing, and may not answer."""
OUT_S = 2.0
AGENT = "agent"
"""`Problem.where` of an agent that cannot be: another is there already."""

OnMessage = Callable[["AgentLink", FromAgent, bytes | None], None]
OnEnd = Callable[["AgentLink", str], None]
_REASONS = {
    "application-requested": "the agent was told to leave",
    "process-replaced": "the app replaced itself by another program",
    "process-terminated": "the app ended",
    "connection-terminated": "the link to Frida on the phone broke",
    "device-lost": "the phone is gone",
}
APP_ENDED = _REASONS["process-terminated"]
SCRIPT_ENDED = "the agent ended, and the app goes on"
LINK_BROKE = _REASONS["connection-terminated"]


class AgentLink:
    """The agent in `app`, once `enter` has returned and until `on_end` is called or `leave` has returned.

    Args:
        serial: the phone's, for messages.
        device: Frida's, which reaches the app.
        script: the agent.
        local: whether the app is a process of this machine.
        on_message: hears every valid message, on Frida's thread.
        on_end: hears once, in plain words, why the agent is no longer there; not when it was `leave`.

    Attributes:
        dropped: how many messages were none of the protocol's.
    """

    def __init__(
        self,
        serial: str,
        device: Any,
        app: AppRef,
        script: str,
        local: bool,
        on_message: OnMessage,
        on_end: OnEnd,
    ) -> None:
        self.serial, self.app = serial, app
        self.dropped = 0
        self._device, self._source, self._local = device, script, local
        self._on_message, self._on_end = on_message, on_end
        self._lock = threading.Lock()
        self._session: Any = None
        self._script: Any = None
        self._over = False
        self._bye = threading.Event()
        self._undone = False
        self._hello: Hello | None = None
        self._refusal = ""

    @property
    def hello(self) -> Hello | None:
        """What the agent said when it was in place."""
        return self._hello

    @property
    def refusal(self) -> str:
        """Why the agent will not work in this app; empty when it will."""
        return self._refusal

    # -- in -----------------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Put the agent into the app. What is sent next it hears first of all.

        Raises:
            AgentError: it cannot be entered; nothing is left behind in it.
        """
        what = f"entering {self.app.package} (process {self.app.pid})"
        try:
            with within(self.serial, what, ENTER_S, self._local):
                self._session = self._device.attach(self.app.pid)
                self._session.on("detached", self._detached)
                self._script = self._session.create_script(self._source, name="mindproof")
                self._script.on("message", self._heard)
                self._script.on("destroyed", self._destroyed)
                self._script.load()
        except AgentError:
            self._out()
            raise

    # -- what is said -------------------------------------------------------------------------------------------------

    def send(self, message: ToAgent) -> bool:
        """Tell the agent; whether there is still one. Returns at once, from any thread."""
        with self._lock:
            script = None if self._over else self._script
        if script is None:
            return False
        try:
            script.post(message.model_dump(mode="json"))
        except frida_errors(library(self.serial)) as error:
            log.debug("%s did not hear of %s: %s", self.app.package, message.type, error)
            return False
        return True

    def _heard(self, message: dict[str, Any], data: bytes | None) -> None:
        if message.get("type") == "error":
            where = f"{message.get('fileName', 'agent')}:{message.get('lineNumber', 0)}"
            self._tell(Problem(where=where, message=str(message.get("stack") or message.get("description"))), None)
            return
        try:
            said = read(message.get("payload"))
        except ValueError as error:
            self._drop(str(error))
            return
        if isinstance(said, Hello):
            self._hello = said
        elif isinstance(said, Bye):
            self._undone = True
            self._bye.set()
        elif isinstance(said, Problem) and said.where == AGENT and self._hello is None:
            self._refusal = said.message
        self._tell(said, data)

    def _drop(self, why: str) -> None:
        """Count what is no message of ours; say so the first time."""
        self.dropped += 1
        if self.dropped == 1:
            log.warning("the agent in %s of %s sent %s", self.app.package, self.serial, why)
            self._tell(Problem(where="message", message=f"the agent sent {why}"), None)

    def _tell(self, message: FromAgent, data: bytes | None) -> None:
        self._on_message(self, message, data)

    # -- out ----------------------------------------------------------------------------------------------------------

    def say_leave(self) -> None:
        """Ask the agent to undo everything; `leave` then waits for it. So can many leave at once."""
        if not self.send(Leave()):
            self._bye.set()

    def leave(self, seconds: float | None = None) -> bool:
        """Have everything undone, and go. Whether the agent said so; if not, Frida takes it out all the same.

        `seconds` is how long it may take to say so; by default `LEAVE_S`, or less for an agent that never began.
        """
        if seconds is None:
            seconds = LEAVE_S if self._hello is not None else LEAVE_UNBEGUN_S
        if not self._bye.is_set():
            self.say_leave()
        self._bye.wait(seconds)
        self._out()
        return self._undone

    def _out(self) -> None:
        """Take the script out, end the session. Both may be gone already, or not answer: then so be it."""
        with self._lock:
            self._over = True
            script, session = self._script, self._session
        for name, leave in (("script", script and script.unload), ("session", session and session.detach)):
            if leave is None:
                continue
            try:
                with within(self.serial, f"leaving {self.app.package}", OUT_S):
                    leave()
            except AgentError as error:
                log.debug("the %s in %s: %s", name, self.app.package, error)

    def _detached(self, reason: str, *_crash: object) -> None:
        self._ended(_REASONS.get(reason, reason))

    def _destroyed(self) -> None:
        with self._lock:
            session = self._session
        if session is not None and not session.is_detached:
            self._ended(SCRIPT_ENDED)

    def _ended(self, why: str) -> None:
        with self._lock:
            if self._over:
                return
            self._over = True
        self._bye.set()
        self._on_end(self, why)
