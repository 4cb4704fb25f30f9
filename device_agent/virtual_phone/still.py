"""A phone with one picture, one UI tree and one app: enough for the ADB daemon, without a window server.

For tests, and for showing a screenshot to a tool as if a phone showed it.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from device_agent.virtual_phone.debug_app import DebugApp
from device_agent.virtual_phone.device import LogLine, Package, Process
from device_agent.virtual_phone.errors import AppError

APP = Package("org.mindproof.still", ".StillActivity", "/data/app/org.mindproof.still/base.apk", 10100)
APP_PID = 4242

PROPERTIES = {
    "ro.build.version.release": "14",
    "ro.build.version.sdk": "34",
    "ro.debuggable": "0",
    "ro.product.brand": "Mindproof",
    "ro.product.cpu.abi": "x86_64",
    "ro.product.device": "still",
    "ro.product.manufacturer": "Mindproof",
    "ro.product.model": "Still Phone",
    "ro.product.name": "still",
    "ro.serialno": "STILL0001",
    "sys.boot_completed": "1",
}


class StillDevice:
    """Implements `Device`.

    Args:
        picture: the screen, ``(height, width, 4)`` RGBA, uint8.
        tree_xml: what ``uiautomator dump`` gives.
        size: width and height in pixels; by default the picture's.
        root: the folder that is the phone's ``/``; by default a temporary one, gone with the device.
        properties: added to `PROPERTIES`.

    Attributes:
        touches: every input in order: ``("tap", x, y)``, ``("swipe", x1, y1, x2, y2, duration_ms)``,
            ``("motion", action, x, y)``, ``("text", text)``, ``("key", code, long_press)``.
        started: the components that were started, as ``(package, activity)``.
    """

    def __init__(
        self,
        picture: NDArray[np.uint8],
        tree_xml: str,
        size: tuple[int, int] | None = None,
        *,
        root: Path | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> None:
        self._changed = threading.Condition()
        self._picture = _checked(picture)
        self._size = size or (picture.shape[1], picture.shape[0])
        self._frame_number = 1
        self._tree = tree_xml
        self._properties = {**PROPERTIES, **(properties or {})}
        self._settings: dict[str, MutableMapping[str, str]] = {
            "system": {"screen_brightness": "102", "font_scale": "1.0"},
            "secure": {"android_id": "6d696e6470726f6f"},
            "global": {"adb_enabled": "1", "airplane_mode_on": "0"},
        }
        self._debug_app = DebugApp(self._settings["global"])
        self._folder = None if root else tempfile.TemporaryDirectory(prefix="still-phone-")
        self._root = root or Path(self._folder.name)  # type: ignore[union-attr]
        for name in ("sdcard/Download", "sdcard/DCIM", "data/local/tmp", "system/bin"):
            (self._root / name).mkdir(parents=True, exist_ok=True)
        self._running = True
        self._log: list[LogLine] = []
        self.touches: list[tuple[object, ...]] = []
        self.started: list[tuple[str, str | None]] = []

    def close(self) -> None:
        """Remove the temporary folder."""
        if self._folder is not None:
            self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What a test changes.

    def show(self, picture: NDArray[np.uint8], tree_xml: str | None = None) -> None:
        """Show another picture, and another tree with it if one is given; the frame number grows by one."""
        with self._changed:
            self._picture = _checked(picture)
            self._size = (picture.shape[1], picture.shape[0])
            self._tree = self._tree if tree_xml is None else tree_xml
            self._frame_number += 1
            self._changed.notify_all()

    def say(self, level: str, tag: str, message: str) -> None:
        """Add a line to the log, from the app's process."""
        with self._changed:
            self._log.append(LogLine(time.time(), APP_PID, level, tag, message))

    # Device.

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    @property
    def density(self) -> int:
        return 420

    @property
    def rotation(self) -> int:
        return 0

    @property
    def properties(self) -> Mapping[str, str]:
        return self._properties

    @property
    def settings(self) -> Mapping[str, MutableMapping[str, str]]:
        return self._settings

    @property
    def root(self) -> Path:
        return self._root

    def screenshot(self) -> NDArray[np.uint8]:
        with self._changed:
            return self._picture

    def frame_number(self) -> int:
        with self._changed:
            return self._frame_number

    def wait_for_frame(self, after: int, timeout_s: float) -> int:
        with self._changed:
            self._changed.wait_for(lambda: self._frame_number > after, timeout_s)
            return self._frame_number

    def dump_tree(self) -> str:
        with self._changed:
            return self._tree

    def tap(self, x: int, y: int) -> None:
        self._touched("tap", x, y)

    def swipe(self, x1: int, y1: int, x2: int, y2: int, duration_ms: int) -> None:
        self._touched("swipe", x1, y1, x2, y2, duration_ms)

    def motion(self, action: str, x: int, y: int) -> None:
        self._touched("motion", action, x, y)

    def text(self, text: str) -> None:
        self._touched("text", text)

    def key(self, code: int, long_press: bool = False) -> None:
        self._touched("key", code, long_press)

    def packages(self) -> Sequence[Package]:
        return [Package("android", "", "/system/framework/framework-res.apk", 1000, "14", system=True), APP]

    def foreground(self) -> tuple[Package, str, int] | None:
        return (APP, APP.name + APP.activity, APP_PID) if self._running else None

    def start_activity(self, package: str, activity: str | None) -> None:
        if package != APP.name or activity not in (None, APP.activity, APP.name + APP.activity):
            raise AppError(f"there is no activity {package}/{activity}; see `pm list packages`")
        self.started.append((package, activity))
        self._running = True

    def force_stop(self, package: str) -> None:
        if package == APP.name:
            self._running = False

    def processes(self) -> Sequence[Process]:
        running = [Process(APP_PID, 1, "u0_a100", APP.name, 65536)] if self._running else []
        return [Process(1, 0, "root", "init", 4096), *running]

    @property
    def debug_app(self) -> DebugApp:
        return self._debug_app

    def traced(self, pid: int, connected: bool) -> bool:
        return self._running and pid == APP_PID

    def log(self, since: int) -> tuple[Sequence[LogLine], int]:
        with self._changed:
            return self._log[since:], len(self._log)

    def _touched(self, *touch: object) -> None:
        with self._changed:
            self.touches.append(touch)


def _checked(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A private copy that cannot be changed under a reader's hands."""
    if picture.ndim != 3 or picture.shape[2] != 4 or picture.dtype != np.uint8:
        raise ValueError(f"the picture is {picture.dtype} {picture.shape}; expected uint8 (height, width, 4) RGBA")
    copy = np.ascontiguousarray(picture).copy()
    copy.setflags(write=False)
    return copy
