"""The virtual phone: implements `Device` over the window server and the apps."""

from __future__ import annotations

import os
import tempfile
from collections import UserDict
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from device_agent.virtual_phone import build, host, installed
from device_agent.virtual_phone.content_server import ContentServer
from device_agent.virtual_phone.debug_app import DebugApp
from device_agent.virtual_phone.device import LogLine, Package, Process
from device_agent.virtual_phone.errors import AppError, VirtualPhoneError
from device_agent.virtual_phone.logcat import LogBuffer
from device_agent.virtual_phone.network import PORT_PROPERTY, USER_STORE, PhoneNetwork
from device_agent.virtual_phone.window import gestures, tombstones
from device_agent.virtual_phone.window.server import SYSTEM_SERVER_PID, WindowServer

REFERENCE_WIDTH = 1080
REFERENCE_DPI = 420
SMALLEST, LARGEST = 240, 4096
POWER, WAKEUP, SLEEP = 26, 224, 223
LONG_PRESS_MS = 600
FOLDERS = (
    "data/local/tmp",
    "data/app",
    USER_STORE,
    tombstones.FOLDER,
    "sdcard/Android",
    "sdcard/DCIM/Camera",
    "sdcard/Download",
    "sdcard/Documents",
    "sdcard/Pictures",
    "system/bin",
    "system/etc",
    "proc",
    "dev",
)
SYSTEM_PROCESSES = (
    (1, 0, "root", "init"),
    (212, 1, "root", "zygote64"),
    (297, 1, "shell", "adbd"),
    (SYSTEM_SERVER_PID, 212, "system", "system_server"),
)


class SettingsTable(UserDict[str, str]):
    """One namespace of ``settings``; says when it changed."""

    def __init__(self, values: Mapping[str, str], changed: Callable[[], None]) -> None:
        self._changed: Callable[[], None] = lambda: None
        super().__init__(values)
        self._changed = changed

    def __setitem__(self, key: str, item: str) -> None:
        super().__setitem__(key, item)
        self._changed()

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._changed()


class VirtualPhone:
    """An Android 14 phone in processes of this machine.

    Args:
        size: width and height of the upright screen, pixels.
        seed: of all content; the same seed shows the same posts, pictures and videos.
        density: dots per inch; by default so that the screen is as wide in dp as a 1080 px screen at 420.
        serial: the serial number that the phone reports.
        content_dir: a folder with pictures (and folders of pictures by subject) that the apps show as well.
        online: whether the apps fetch their content over HTTPS, from a server of the phone's own that serves what they
            would show without. Then they go by the setting ``http_proxy`` and the phone's certificate stores.

    Use it as a context manager, or call `start` and `stop`. No process outlives it.

    Raises:
        VirtualPhoneError: the size cannot be a screen, or the jar of the apps is missing.
    """

    def __init__(
        self,
        size: tuple[int, int] = (1080, 2220),
        seed: int = 1,
        *,
        density: int | None = None,
        serial: str = "virtual-1",
        content_dir: Path | None = None,
        online: bool = False,
    ) -> None:
        if not all(SMALLEST <= side <= LARGEST for side in size):
            raise VirtualPhoneError(f"a screen of {size[0]}x{size[1]} is not possible; take {SMALLEST} to {LARGEST} px")
        if content_dir is not None and not content_dir.is_dir():
            raise VirtualPhoneError(f"the content folder {content_dir} is not there; name a folder with pictures")
        if not build.JAR.is_file():
            raise VirtualPhoneError(f"{build.JAR} is missing; run python -m device_agent.virtual_phone.build")
        self._upright = size
        self._dpi = density or max(120, round(min(size) / REFERENCE_WIDTH * REFERENCE_DPI))
        self._properties = installed.properties(size, self._dpi, serial) | {host.PROPERTY: host.mark()}
        self._settings = {
            name: SettingsTable(table, self._apply_settings) for name, table in installed.settings().items()
        }
        self._debug_app = DebugApp(self._settings["global"])
        self._log = LogBuffer()
        self._folder = tempfile.TemporaryDirectory(prefix="virtual-phone-")
        self._content_server = ContentServer(seed, content_dir) if online else None
        self._network = self._connected(self._content_server) if self._content_server is not None else None
        self._server = WindowServer(
            size,
            self._dpi,
            seed,
            installed.PACKAGES,
            build.JAR,
            self._log.write,
            content_dir,
            self._debug_app,
            self._network,
            self.root / tombstones.FOLDER,
        )

    def _connected(self, server: ContentServer) -> PhoneNetwork:
        return PhoneNetwork(self.root, server, lambda: self._settings["global"].get("http_proxy", ""))

    def start(self) -> None:
        """Boot: make the file system and show the home screen."""
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        if self._network is not None and self._content_server is not None:
            self._network.install()
            self._content_server.start()
            self._properties[PORT_PROPERTY] = str(self._content_server.port)
        lines = [f"{key}={value}" for key, value in self._properties.items() if key.startswith("ro.")]
        (self.root / "system/build.prop").write_text("\n".join(lines) + "\n")
        self._log.write(1, "I", "boot", "Virtual phone, Android 14 (SDK 34)")
        try:
            self._server.start()
        except AppError:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process and remove the file system; harmless when done twice."""
        self._server.stop()
        if self._content_server is not None:
            self._content_server.stop()
        self._folder.cleanup()

    def __enter__(self) -> VirtualPhone:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # What it is

    @property
    def size(self) -> tuple[int, int]:
        return self._server.display.size

    @property
    def density(self) -> int:
        return self._server.display.dpi

    @property
    def rotation(self) -> int:
        return self._server.display.rotation

    @property
    def properties(self) -> Mapping[str, str]:
        return self._properties

    @property
    def settings(self) -> Mapping[str, MutableMapping[str, str]]:
        return self._settings

    @property
    def root(self) -> Path:
        return Path(self._folder.name)

    @property
    def content_server(self) -> ContentServer | None:
        """What the apps fetch their content from; None where they are offline."""
        return self._content_server

    def _apply_settings(self) -> None:
        system = self._settings["system"]
        turns = system.get("user_rotation", "0")
        locked = system.get("accelerometer_rotation", "0") != "1"
        rotation = int(turns) if locked and turns in ("0", "1", "2", "3") else 0
        width, height = self._upright
        self._server.configure((height, width) if rotation % 2 else (width, height), self._dpi, rotation)
        self._server.network_changed()

    # What it shows

    def screenshot(self) -> NDArray[np.uint8]:
        return self._server.screenshot()

    def frame_number(self) -> int:
        return self._server.frame_number()

    def wait_for_frame(self, after: int, timeout_s: float) -> int:
        return self._server.wait_for_frame(after, timeout_s)

    def dump_tree(self) -> str:
        return self._server.dump_tree()

    # What is done to it

    def tap(self, x: int, y: int) -> None:
        self._server.input.play(gestures.tap(x, y))

    def swipe(self, x1: int, y1: int, x2: int, y2: int, duration_ms: int) -> None:
        self._server.input.play(gestures.swipe(x1, y1, x2, y2, max(0, duration_ms)))

    def motion(self, action: str, x: int, y: int) -> None:
        if action not in gestures.ACTIONS:
            raise VirtualPhoneError(f"no motion {action!r}; take one of {', '.join(gestures.ACTIONS)}")
        self._server.input.motion(gestures.ACTIONS[action], x, y)

    def text(self, text: str) -> None:
        self._server.input.type(text)

    def key(self, code: int, long_press: bool = False) -> None:
        """`long_press` makes no difference to any key this phone knows."""
        if code in (POWER, WAKEUP, SLEEP):
            self._server.switch_screen(code == WAKEUP or (code == POWER and not self._server.display.on))
        else:
            self._server.input.key(code)

    # What runs on it

    def packages(self) -> Sequence[Package]:
        return installed.PACKAGES

    def foreground(self) -> tuple[Package, str, int] | None:
        app = self._server.foreground()
        return None if app is None else (app.package, app.activity, app.pid)

    def start_activity(self, package: str, activity: str | None) -> None:
        found = next((p for p in installed.PACKAGES if p.name == package), None)
        if found is None:
            raise AppError(f"no package {package} is installed; `pm list packages` names those that are")
        full = package + activity if activity is not None and activity.startswith(".") else activity
        if full is not None and full != found.activity:
            raise AppError(f"Activity class {{{package}/{full}}} does not exist; start {found.activity}")
        self._server.open(package, full)

    def force_stop(self, package: str) -> None:
        self._server.close(package)

    def processes(self) -> Sequence[Process]:
        rows = [Process(pid, ppid, user, name) for pid, ppid, user, name in SYSTEM_PROCESSES]
        for app in self._server.running():
            user = f"u0_a{app.package.uid - 10000}"
            rows.append(Process(app.pid, SYSTEM_PROCESSES[1][0], user, app.package.name, _resident_kib(app.pid)))
        return rows

    @property
    def debug_app(self) -> DebugApp:
        return self._debug_app

    def traced(self, pid: int, connected: bool) -> bool:
        return self._server.traced(pid, connected)

    def log(self, since: int) -> tuple[Sequence[LogLine], int]:
        return self._log.since(since)


def _resident_kib(pid: int) -> int:
    """Resident memory of a process of the host; 0 when it is gone or the host has no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024
