"""Counts what happens, and tells it about once a second: ten thousand equal events are one message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_MOST = 1000


class Notes:
    """`tell` gets the messages; `flush` is called from time to time."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self._counted: dict[tuple[str, str, int], dict[str, Any]] = {}

    def add(self, what: str, host: str = "", client: str = "", listener: int = 0, reason: str = "") -> None:
        note = self._counted.get((what, host, listener))
        if note is None:
            if len(self._counted) >= _MOST:
                self.flush()
            note = self._counted[what, host, listener] = {"type": "note", "what": what, "count": 0, "host": host}
        note.update(client=client, listener=listener, reason=reason or note.get("reason", ""))
        note["count"] += 1

    def flush(self) -> None:
        for note in self._counted.values():
            self._tell(note)
        self._counted.clear()
