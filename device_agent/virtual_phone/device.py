"""The seam between the two halves of the virtual phone.

The ADB daemon (`adb/`, `shell/`) speaks to the outside and knows only this protocol; the window server and the apps
(`window/`, `apps/`) implement it. All methods may be called from many threads at once.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from device_agent.virtual_phone.debug_app import DebugApp


@dataclass(frozen=True, slots=True)
class Package:
    """An installed app: ``org.mindproof.feed``, its launcher activity ``.FeedActivity``, its path and user id."""

    name: str
    activity: str
    path: str
    uid: int
    version: str = "1.0"
    system: bool = False


@dataclass(frozen=True, slots=True)
class Process:
    """A row of ``ps``: `pid` is the process id on the phone (for an app, the JVM's own)."""

    pid: int
    ppid: int
    user: str
    name: str
    rss_kib: int = 0


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of logcat. `time_s` is seconds since the epoch, `level` one of V D I W E F."""

    time_s: float
    pid: int
    level: str
    tag: str
    message: str


class Device(Protocol):
    """A phone, as the daemon sees it."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the screen in pixels, as it is now rotated."""
        ...

    @property
    def density(self) -> int:
        """Dots per inch."""
        ...

    @property
    def rotation(self) -> int:
        """0 to 3, in quarter turns."""
        ...

    @property
    def properties(self) -> Mapping[str, str]:
        """What ``getprop`` lists."""
        ...

    @property
    def settings(self) -> Mapping[str, MutableMapping[str, str]]:
        """``settings`` tables by namespace: system, secure, global."""
        ...

    @property
    def root(self) -> Path:
        """The folder on the host that is the phone's ``/``; holds ``sdcard``, ``data/local/tmp`` and so on."""
        ...

    def screenshot(self) -> NDArray[np.uint8]:
        """The screen as ``(height, width, 4)`` RGBA; black where a window forbids capture."""
        ...

    def frame_number(self) -> int:
        """Grows by one with every change of the screen."""
        ...

    def wait_for_frame(self, after: int, timeout_s: float) -> int:
        """Block until `frame_number` exceeds `after` or the time is up; the number then."""
        ...

    def dump_tree(self) -> str:
        """The UI tree as ``uiautomator dump`` writes it (XML, UTF-8 text)."""
        ...

    def tap(self, x: int, y: int) -> None: ...

    def swipe(self, x1: int, y1: int, x2: int, y2: int, duration_ms: int) -> None:
        """Press, move along the line and release; returns when the finger is up (a fling goes on by itself)."""
        ...

    def motion(self, action: str, x: int, y: int) -> None:
        """One touch event: `action` is DOWN, MOVE, UP or CANCEL (``input motionevent``)."""
        ...

    def text(self, text: str) -> None:
        """Type into the focused field."""
        ...

    def key(self, code: int, long_press: bool = False) -> None:
        """Press a key by its Android key code (3 home, 4 back, 26 power, 66 enter, 67 del, 187 recents ...)."""
        ...

    def packages(self) -> Sequence[Package]: ...

    def foreground(self) -> tuple[Package, str, int] | None:
        """The resumed app: its package, its activity's full class name, its pid; None with the screen off."""
        ...

    def start_activity(self, package: str, activity: str | None) -> None:
        """Raises AppError when there is no such package or activity."""
        ...

    def force_stop(self, package: str) -> None: ...

    def processes(self) -> Sequence[Process]: ...

    @property
    def debug_app(self) -> DebugApp:
        """Which app waits at its start."""
        ...

    def traced(self, pid: int, connected: bool) -> bool:
        """A tracer of an app's process came or went; False when there is no such app."""
        ...

    def log(self, since: int) -> tuple[Sequence[LogLine], int]:
        """The log lines from position `since` on, and the position after them."""
        ...
