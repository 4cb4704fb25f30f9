"""The agent in all apps of one phone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from backend.phones.agent.messages import Configure, Effects, FromAgent, ToAgent, Verdict
from backend.phones.agent.scope import AppRef, Scope
from backend.phones.agent.state import HostState
from backend.phones.phone import Phone

OnMessage = Callable[[AppRef, FromAgent, bytes | None], None]
OnState = Callable[[HostState], None]


class AgentHost:
    """Keeps the agent inside every app of `phone` that `scope` takes, for as long as it runs.

    `on_message` and `on_state` are called on one thread of the host's own, in order; what they raise is logged. All
    other methods return at once, may be called from any thread, and raise nothing for a phone that is gone.

    Args:
        phone: connected or not; its connection is shared, its lanes are the host's own.
        scope: the apps to enter.
        on_message: hears every valid message of every agent, with its binary part.
        on_state: hears every change of `state`.
    """

    def __init__(self, phone: Phone, scope: Scope, on_message: OnMessage, on_state: OnState) -> None: ...

    def start(self) -> Self:
        """Begin, on threads of its own. Raises nothing: `state` tells how it goes."""
        raise NotImplementedError

    def stop(self) -> None:
        """Leave every app (all is undone there), end what was started on the phone, end all threads."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def state(self) -> HostState:
        raise NotImplementedError

    @property
    def attached(self) -> tuple[AppRef, ...]:
        """The apps whose agent has said hello and is configured."""
        raise NotImplementedError

    def configure(self, configure: Configure) -> None:
        """What all agents are to do from now on, and those that come later at once."""

    def verdicts(self, items: Iterable[Verdict], forget: bool = False) -> int:
        """Tell all agents, now and later; returns the number that `Applied` will carry. `forget` drops earlier ones."""
        raise NotImplementedError

    def effects(self, package: str, effects: Effects) -> None:
        """Tell the agents in `package`. Not remembered: views of another process are other views."""

    def send(self, package: str, message: ToAgent) -> bool:
        """Tell the agents in `package`; whether there is one."""
        raise NotImplementedError

    def noticed(self, package: str) -> None:
        """`package` was just seen in front: enter it now, if it is in scope, instead of when the host sees it."""
