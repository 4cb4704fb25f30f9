"""Which apps the agent may enter."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from backend.phones.foreground import SYSTEM_UI

NEVER = frozenset({"android", "system", "system_server", "com.android.phone", "com.android.settings"})
"""Processes whose crash takes the phone down, or in which a participant must be able to undo what we do."""


@dataclass(frozen=True, slots=True)
class AppRef:
    """One process of one app: its package and its process id on the phone."""

    package: str
    pid: int


@dataclass(frozen=True, slots=True)
class Scope:
    """The apps to enter, as interventions name them: package names, ``*`` and ``?`` allowed.

    SystemUI, the host of overlays, is entered only when `system_ui` says so, whatever `apps` match.
    """

    apps: tuple[str, ...] = ("*",)
    system_ui: bool = False

    def takes(self, package: str) -> bool:
        """Whether the agent may enter `package`."""
        if package == SYSTEM_UI:
            return self.system_ui
        return package not in NEVER and any(fnmatchcase(package, pattern) for pattern in self.apps)
