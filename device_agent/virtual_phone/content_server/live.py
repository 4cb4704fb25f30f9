"""What happens, told at once to every app that listens: ``wss://live.mindproof.test/events``."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from device_agent.virtual_phone.content_server.websocket import WebSocket


class Live:
    """The open WebSockets."""

    def __init__(self) -> None:
        self._listening: list[WebSocket] = []
        self._lock = threading.Lock()

    @property
    def listeners(self) -> int:
        """How many there are."""
        with self._lock:
            return len(self._listening)

    @contextmanager
    def listening(self, listener: WebSocket) -> Iterator[None]:
        """While the block runs, `listener` hears what is told."""
        with self._lock:
            self._listening.append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listening.remove(listener)

    def tell(self, event: dict[str, Any]) -> bool:
        """Send an event to whoever listens; whether anybody does."""
        with self._lock:
            listening = list(self._listening)
        for listener in listening:
            listener.send(json.dumps(event, ensure_ascii=False, separators=(",", ":")))
        return bool(listening)
