"""Which app waits at its start until somebody who traces it is there (``am set-debug-app -w``).

Android keeps one such app: for its next start only, or, persistent, in the global settings ``debug_app`` and
``wait_for_debugger`` (AOSP ``ActivityManagerService.setDebugApp``). Here that setting takes several packages, separated
by commas, so that an observer of several apps misses the start of none.
"""

from __future__ import annotations

import threading
from collections.abc import MutableMapping

APP, WAIT = "debug_app", "wait_for_debugger"


class DebugApp:
    """The debug app of one phone; `settings` is its global table."""

    def __init__(self, settings: MutableMapping[str, str]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._next: tuple[str, bool] | None = None

    def set(self, package: str, wait: bool, persistent: bool) -> None:
        """Make `package` the debug app, for its next start or for good; with `wait` it waits there."""
        with self._lock:
            if persistent:
                self._next = None
                self._settings[APP], self._settings[WAIT] = package, str(int(wait))
            else:
                self._next = (package, wait)

    def clear(self) -> None:
        """No app is the debug app any more."""
        with self._lock:
            self._next = None
            for name in (APP, WAIT):
                self._settings.pop(name, None)

    def waits(self, package: str) -> bool:
        """Whether `package`, which starts now, waits."""
        with self._lock:
            if self._next is not None:
                wanted, wait = self._next
                if wanted == package:
                    self._next = None
                return wanted == package and wait
            names = self._settings.get(APP, "").split(",")
            return package in names and self._settings.get(WAIT) == "1"
