"""Touches, keys and text, on their way to the window that they are for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from device_agent.virtual_phone.window import bars, gestures
from device_agent.virtual_phone.window.app import App
from device_agent.virtual_phone.window.wire import Message

if TYPE_CHECKING:
    from device_agent.virtual_phone.window.server import WindowServer

HOME, RECENTS = 3, 187


class Input:
    """One gesture at a time; each call returns when the app has handled what it was sent."""

    def __init__(self, server: WindowServer) -> None:
        self._server = server
        self._playing = threading.Lock()
        self._down: tuple[App | None, int, int, float] | None = None

    def play(self, touches: Iterator[gestures.Touch]) -> None:
        """Play a whole gesture; returns when its last event is handled."""
        with self._playing:
            begin = round(time.monotonic() * 1000)
            for touch in gestures.paced(touches):
                self._touch(touch.action, touch.x, touch.y, begin, begin + touch.at_ms)

    def motion(self, action: int, x: int, y: int) -> None:
        """One event of a gesture that somebody makes live."""
        with self._playing:
            now = round(time.monotonic() * 1000)
            begin = round(self._down[3]) if self._down is not None and action != gestures.DOWN else now
            self._touch(action, x, y, begin, now)

    def _touch(self, action: int, x: int, y: int, down_ms: int, time_ms: int) -> None:
        with self._server.changed:
            display = self._server.display
            if not display.on:
                return
            if action == gestures.DOWN:
                app, window = self._target(x, y)
                self._down = (app, window, x, down_ms)
            if self._down is None:
                return
            app, window, down_x, _ = self._down
            if action in (gestures.UP, gestures.CANCEL):
                self._down = None
        if app is None:
            code = bars.button_at(down_x, self._server.display.size[0])
            if action == gestures.UP and code is not None:
                self.key(code)
        elif window:
            event = {"t": "touch", "action": action, "x": x, "y": y, "down": down_ms, "time": time_ms}
            self._send(app, {**event, "window": window})

    def _target(self, x: int, y: int) -> tuple[App | None, int]:
        """The app and the window that a touch goes to; no app where it is the navigation bar's."""
        display = self._server.display
        bar = y >= display.size[1] - display.navigation_height
        for app, window in reversed(self._server.stack()):
            if not (bar and not window.is_system) and window.takes(x, y):
                return app, window.root.number
        return (None if bar else self._server.front()), 0

    def _send(self, app: App, message: Message) -> None:
        if not app.input(message) and not app.ending:
            self._server.report("E", f"ANR in {app.package.name}: Input dispatching timed out")

    def key(self, code: int) -> None:
        """Home and recents are the system's; every other key goes to the focused window."""
        if code == HOME:
            self._server.go_home()
        elif code == RECENTS:
            self._server.open_previous()
        else:
            self._to_focused({"t": "key", "code": code})

    def type(self, text: str) -> None:
        self._to_focused({"t": "type", "text": text})

    def _to_focused(self, message: Message) -> None:
        with self._server.changed:
            focused = self._server.focused() if self._server.display.on else None
        if focused is not None:
            app, window = focused
            self._send(app, {**message, "window": window.root.number})
