"""One phone, as the rest of the backend uses it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from backend.errors import CaptureError, PhoneError
from backend.phones import foreground, input
from backend.phones.capture.raw import COMMAND as SCREENCAP
from backend.phones.capture.raw import parse_screencap
from backend.phones.display import Display, parse_displays, parse_wm
from backend.phones.dump import TreeDumper
from backend.phones.frame import Tree
from backend.phones.keys import host_key
from backend.phones.shell_protocol import ShellResult
from backend.phones.transport import ACCEPT_TIMEOUT_S, CONNECT_TIMEOUT_S, AdbTransport
from interventions.sdk import App, Pixels

_PROPERTY = re.compile(r"^\[([^\]]+)\]: \[(.*)\]$", re.MULTILINE)
_RETRY = "see whether the phone still responds: mindproof doctor"


@dataclass(frozen=True, slots=True)
class PhoneInfo:
    """What a phone is. `size` is (width, height) in pixels, as now rotated; `rotation` in quarter turns."""

    serial: str
    model: str
    android: str
    sdk: int
    size: tuple[int, int]
    density: int
    rotation: int


class Phone:
    """A phone named by its serial: ``127.0.0.1:5555``, ``emulator-5554``, or the serial number of one on USB.

    Args:
        key_dir: the folder with our host key; see `keys.settings_folder`.
        accept_timeout_s: how long connecting waits for somebody to accept our key on the phone.
        connect_timeout_s: how long it waits for an answer at all.

    Methods raise PhoneGone, PhoneUnauthorised or PhoneError, connect when needed, and may be called from any thread.
    """

    def __init__(
        self,
        serial: str,
        key_dir: Path | None = None,
        accept_timeout_s: float = ACCEPT_TIMEOUT_S,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
    ) -> None:
        self.serial = serial
        self._key_dir = key_dir
        self._control = AdbTransport(serial, host_key(key_dir), accept_timeout_s, connect_timeout_s)
        self._trees = TreeDumper(self._control)
        self._trees_lock = threading.Lock()
        self._foreground_command: str | None = None

    def connect(self) -> Self:
        self._control.connect()
        return self

    def close(self) -> None:
        """Close the connection; lanes go when their takers leave them."""
        self._control.close()

    def __enter__(self) -> Self:
        return self.connect()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def takes_lanes(self) -> bool:
        """Whether video, trees and touches can travel side by side (TCP), or take turns (USB)."""
        return self._control.takes_lanes

    @contextmanager
    def lane(self) -> Iterator[AdbTransport]:
        """A connection for somebody who must not wait for others; over USB the one that all share."""
        if not self.takes_lanes:
            yield self._control
            return
        with closing(self._control.lane()) as own:
            yield own

    def beside(self) -> Phone:
        """The same phone over a connection of its own, which the caller closes; over USB this one, which all share."""
        return Phone(self.serial, self._key_dir) if self.takes_lanes else self

    # -- what it is ---------------------------------------------------------------------------------------------------

    @property
    def info(self) -> PhoneInfo:
        """Asked anew each time: the screen may have turned."""
        properties = dict(_PROPERTY.findall(self.shell("getprop").out))
        display = self.display()
        sdk = properties.get("ro.build.version.sdk", "")
        return PhoneInfo(
            serial=self.serial,
            model=properties.get("ro.product.model", "unknown"),
            android=properties.get("ro.build.version.release", "unknown"),
            sdk=int(sdk) if sdk.isdigit() else 0,
            size=display.size,
            density=display.density,
            rotation=display.rotation,
        )

    def display(self) -> Display:
        """The screen's size, density and rotation now."""
        found = parse_displays(self.shell("dumpsys window displays").out)
        if found is None:
            found = parse_wm(self.shell("wm size").out, self.shell("wm density").out)
        if found is None:
            raise PhoneError(self.serial, "it does not tell the size of its screen", _RETRY)
        return found

    # -- what it shows ------------------------------------------------------------------------------------------------

    def screenshot(self) -> Pixels:
        """The screen as ``(height, width, 3)`` RGB."""
        return parse_screencap(self._control.exec_out(SCREENCAP), self.serial)

    def tree(self) -> Tree:
        """The UI tree. Raises CaptureError when the phone gives none right now."""
        with self._trees_lock:
            return self._trees.dump()

    def foreground(self) -> App:
        """The app in front. Raises CaptureError when the phone does not tell."""
        if self._foreground_command is not None:
            app = foreground.parse_foreground(self.shell(self._foreground_command).out)
            if app is not None:
                return app
        for command in foreground.COMMANDS:
            app = foreground.parse_foreground(self.shell(command).out)
            if app is not None:
                self._foreground_command = command
                return app
        raise CaptureError(self.serial, "it does not tell which app is in front", "wake and unlock its screen")

    def front(self) -> tuple[App | None, Display | None]:
        """The app in front and the screen's geometry, as far as one question tells; the app by further questions."""
        told = self.shell("dumpsys window displays").out
        app = foreground.parse_foreground(told)
        if app is None:
            with suppress(CaptureError):
                app = self.foreground()
        return app, parse_displays(told)

    def forbids_capture(self) -> bool:
        """Whether the window in front is marked secure, and therefore captured as black."""
        windows = self.shell("dumpsys window windows").out
        focus = windows if "mCurrentFocus=Window" in windows else self.shell("dumpsys window displays").out
        return foreground.forbids_capture(windows, focus)

    # -- what it is told ----------------------------------------------------------------------------------------------

    def shell(self, command: str, timeout_s: float = 10.0) -> ShellResult:
        """Run a command line in the phone's shell."""
        return self._control.shell(command, timeout_s)

    def tap(self, x: int, y: int) -> None:
        self._do(input.tap(x, y))

    def swipe(self, x1: int, y1: int, x2: int, y2: int, duration_ms: int = 300) -> None:
        self._do(input.swipe(x1, y1, x2, y2, duration_ms))

    def motion(self, action: str, x: int, y: int) -> None:
        """One touch event: `action` is DOWN, MOVE, UP or CANCEL."""
        self._do(input.motion(action, x, y))

    def text(self, content: str) -> None:
        """Type into the focused field. Raises PhoneError, before anything is typed, for what Android cannot type."""
        for command in input.text(self.serial, content):
            self._do(command)

    def key(self, name: str | int, long_press: bool = False) -> None:
        """Press a key: a name of `input.KEYS` or an Android key code."""
        self._do(input.key(self.serial, name, long_press))

    def push(self, content: bytes | Path, remote: str) -> None:
        self._control.push(content, remote)

    def pull(self, remote: str) -> bytes:
        return self._control.pull(remote)

    def _do(self, command: str) -> None:
        result = self.shell(command)
        if not result.ok:
            said = (result.err or result.out).strip().splitlines() or ["nothing"]
            raise PhoneError(
                self.serial,
                f"{command.split(' ')[1]} was refused with exit code {result.code}: {said[-1]}",
                "on some phones, allow 'USB debugging (security settings)' in the developer options",
            )
