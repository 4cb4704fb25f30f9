"""How it goes with the agent on one phone, in words for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backend.phones.agent.scope import AppRef

HostKind = Literal["starting", "watching", "unavailable", "stopped"]
AppKind = Literal["entering", "attached", "failed", "lost", "left"]


@dataclass(frozen=True, slots=True)
class AppState:
    """The agent in one app. "failed": it could not get in. "lost": it was in and is not. `detail` says why."""

    app: AppRef
    kind: AppKind
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class HostState:
    """The agent on one phone. "unavailable": no app can be entered; it is tried again, and `remedy` says what helps."""

    kind: HostKind
    apps: tuple[AppState, ...] = ()
    detail: str = ""
    remedy: str = ""
