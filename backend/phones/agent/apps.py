"""What the host knows of a phone's apps: which run, which the agent is in, which failed and when to try them again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from backend.phones.agent.link import AgentLink
from backend.phones.agent.scope import AppRef, Scope
from backend.phones.agent.state import AppKind, AppState
from backend.phones.backoff import Backoff
from backend.phones.foreground import SYSTEM_UI
from backend.phones.phone import Phone

MOST_TRIES = 5
MOST_FAILED = 200
MOST_STATES = 40
LIST_EVERY = 10
"""All processes are listed at every so many looks; the app in front is looked for at each."""


@dataclass(slots=True)
class Entry:
    """An agent on its way in. It must have begun by `deadline`, ``time.monotonic``."""

    link: AgentLink
    deadline: float


@dataclass(slots=True)
class _Tries:
    count: int = 0
    next_s: float = 0.0
    backoff: Backoff = field(default_factory=lambda: Backoff(first_s=0.5, limit_s=20.0))


class Apps:
    """For the host's thread alone; `states` may be read by any."""

    def __init__(self) -> None:
        self.states: tuple[AppState, ...] = ()
        self._starting: dict[AppRef, None] = {}
        self._entering: dict[AppRef, Entry] = {}
        self._inside: set[AppRef] = set()
        self._tries: dict[AppRef, _Tries] = {}
        self._looks = 0

    # -- what runs ----------------------------------------------------------------------------------------------------

    def running(self, phone: Phone, scope: Scope, everything: bool) -> Iterator[AppRef]:
        """Apps in scope that should be entered: the one in front, those that `scope` names outright, or `everything`.

        Raises:
            PhoneError: the phone does not tell.
        """
        front, _ = phone.front()
        if self._looks % LIST_EVERY == 0 or everything:
            yield from self._listed(phone, scope, front.package if front is not None else "", everything)
        elif front is not None and scope.takes(front.package) and not self._is_in(front.package):
            told = phone.shell(f"pidof {front.package}").out.split()
            if told and told[0].isdigit():
                yield AppRef(front.package, int(told[0]))
        self._looks += 1

    def _listed(self, phone: Phone, scope: Scope, front: str, everything: bool) -> Iterator[AppRef]:
        named = {pattern for pattern in scope.apps if not set("*?[") & set(pattern)} | {front, SYSTEM_UI}
        for line in phone.shell("ps -A -o PID,NAME").out.splitlines():
            words = line.split()
            if len(words) == 2 and words[0].isdigit() and "." in words[1]:
                app = AppRef(words[1], int(words[0]))
                if scope.takes(app.package) and (everything or app.package in named):
                    yield app

    def _is_in(self, package: str) -> bool:
        return any(app.package == package for app in (*self._inside, *self._entering))

    # -- entering and leaving -----------------------------------------------------------------------------------------

    def may_try(self, app: AppRef) -> bool:
        """Whether `app` is to be entered now: it is not, and its last failure is long enough ago."""
        tries = self._tries.get(app)
        if app in self._inside or app in self._entering:
            return False
        return tries is None or (tries.count < MOST_TRIES and time.monotonic() >= tries.next_s)

    @property
    def starting(self) -> tuple[AppRef, ...]:
        """Apps that are to be entered as soon as they can be."""
        return tuple(self._starting)

    def wait_for(self, app: AppRef, wait: bool) -> None:
        """`app` starts, and cannot be entered yet; or no longer so."""
        if wait:
            self._starting[app] = None
        else:
            self._starting.pop(app, None)

    def trying(self, app: AppRef, entry: Entry) -> None:
        self._entering[app] = entry

    def entered(self, app: AppRef) -> None:
        self._entering.pop(app, None)
        self._inside.add(app)

    def failed(self, app: AppRef) -> None:
        """It did not work; `may_try` says when to try again."""
        self._entering.pop(app, None)
        self._inside.discard(app)
        tries = self._tries.setdefault(app, _Tries())
        while len(self._tries) > MOST_FAILED:  # processes come and go; the oldest are long gone
            del self._tries[next(iter(self._tries))]
        tries.count += 1
        tries.next_s = time.monotonic() + tries.backoff.delay_s()

    def ended(self, app: AppRef, gone: bool) -> None:
        """The agent is out of `app`; `gone` says that its process ended too."""
        if gone:
            self._entering.pop(app, None)
            self._inside.discard(app)
            self._tries.pop(app, None)
        else:
            self.failed(app)

    def left(self, app: AppRef) -> None:
        """The agent was taken out of `app`, which goes on without it."""
        self._entering.pop(app, None)
        self._inside.discard(app)

    def overdue(self) -> list[AgentLink]:
        """Agents that should have begun by now."""
        now = time.monotonic()
        return [entry.link for entry in self._entering.values() if now > entry.deadline]

    def forget_all(self) -> None:
        self._starting.clear()
        self._entering.clear()
        self._inside.clear()
        self._tries.clear()

    # -- what is told -------------------------------------------------------------------------------------------------

    def say(self, app: AppRef, kind: AppKind, detail: str, remedy: str) -> None:
        """Note how it goes with `app`: one state a package, and no old process's end after a new one's beginning."""
        before = next((state for state in self.states if state.app.package == app.package), None)
        if kind in ("lost", "left") and before is not None and before.app != app:
            return
        others = [state for state in self.states if state.app.package != app.package]
        self.states = (*others, AppState(app, kind, detail, remedy))[-MOST_STATES:]
