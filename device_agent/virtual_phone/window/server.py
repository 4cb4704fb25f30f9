"""The window server: apps in and out of view, the screen, and input."""

from __future__ import annotations

import base64
import contextlib
import logging
import queue
import socket
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device_agent.virtual_phone.debug_app import DebugApp
from device_agent.virtual_phone.device import Package
from device_agent.virtual_phone.errors import AppError
from device_agent.virtual_phone.network import PhoneNetwork
from device_agent.virtual_phone.window import fonts, tree
from device_agent.virtual_phone.window.app import App
from device_agent.virtual_phone.window.display import Display
from device_agent.virtual_phone.window.input import Input
from device_agent.virtual_phone.window.pictures import Pictures, decoded
from device_agent.virtual_phone.window.scene import Scene, Window
from device_agent.virtual_phone.window.tombstones import Tombstones
from device_agent.virtual_phone.window.wire import Link, Message

log = logging.getLogger(__name__)

SYSTEM_SERVER_PID = 1012
TURN_S = 0.5
START_S = 15.0
HELLO_S = 10.0
Logger = Callable[[int, str, str, str], None]


class WindowServer:
    """Holds all apps' scenes under one lock; `changed` is notified at every new frame and every change of the
    foreground.

    `logger` takes pid, level, tag and message for the phone's log; `debug_app` says whether an app that starts is to
    wait for its tracer. `network` is what apps are told about it; without, they have no servers. Virtual machines that
    die leave their reports in the folder `tombstones`, by default that for temporary files.
    """

    def __init__(
        self,
        size: tuple[int, int],
        dpi: int,
        seed: int,
        packages: tuple[Package, ...],
        jar: Path,
        logger: Logger,
        content: Path | None = None,
        debug_app: DebugApp | None = None,
        network: PhoneNetwork | None = None,
        tombstones: Path | None = None,
    ) -> None:
        self.display = Display(size, dpi)
        self.input = Input(self)
        self._seed = seed
        self._packages = {package.name: package for package in packages}
        self._home = packages[0].name
        self._persistent = [package for package in packages if not package.activity]
        self._jar = jar
        self._logger = logger
        self._debug_app = debug_app or DebugApp({})
        self._network = network
        self._tombstones = Tombstones(tombstones or Path(tempfile.gettempdir()), logger)
        self.pictures = Pictures(seed, content)
        self.changed = threading.Condition(threading.RLock())
        self._apps: dict[str, App] = {}
        self._order: list[str] = []
        self._frame = 1
        self._screen: tuple[int, NDArray[np.uint8]] | None = None
        self._tree: tuple[int, str] | None = None
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._ahead: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]

    # Life

    def start(self) -> None:
        self._spawn(self._accept, "window-accept")
        self._spawn(self._draw_ahead, "window-pictures")
        self.open(self._home)
        with self.changed:
            for package in self._persistent:
                self._start_process(package)

    def stop(self) -> None:
        with self.changed:
            self._stopping = True
            apps = list(self._apps.values())
            self.changed.notify_all()
        with contextlib.suppress(OSError):  # a listener that never accepted is not connected
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._ahead.put(None)
        for app in apps:
            app.end()
        for thread in self._threads:
            thread.join(5)

    def _spawn(self, target: Callable[..., None], name: str, *arguments: object) -> None:
        thread = threading.Thread(target=target, name=name, args=arguments, daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._spawn(self._serve, "window-app", connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(HELLO_S)
        link = Link(connection)
        try:
            hello = link.receive()
        except AppError as broken:
            log.warning("a connection to the window server did not begin with a message: %s", broken)
            hello = None
        with self.changed:
            app = next((a for a in self._apps.values() if hello and a.redeem(hello.get("token"))), None)
            if app is None or hello is None or hello["t"] != "hello":
                log.warning("a connection to the window server without a valid token was closed")
                link.close()
                return
        connection.settimeout(None)
        first: Message = {"advances": fonts.advances()}
        if self._network is not None:
            first["network"] = self._network.describe(app.package.name)
        app.attach(link, {**self.display.configuration(self._seed), **first})
        app.read(link, self._handle)
        self._gone(app)

    # Apps

    def running(self) -> list[App]:
        with self.changed:
            return list(self._apps.values())

    def foreground(self) -> App | None:
        with self.changed:
            return self.front() if self.display.on else None

    def front(self) -> App | None:
        """The app that is in front, whether the screen is on or not; under the lock."""
        return self._apps.get(self._order[-1]) if self._order else None

    def stack(self) -> list[tuple[App, Window]]:
        """All windows on the screen from the bottom up, each with its app; under the lock."""
        front = self.front()
        shown = [(front, window) for window in front.scene.shown()] if front is not None else []
        return shown + [(app, window) for app in self._apps.values() for window in app.scene.system_windows()]

    def focused(self) -> tuple[App, Window] | None:
        """The window that keys go to, and its app; under the lock."""
        return next((pair for pair in reversed(self.stack()) if pair[1].focusable), None)

    def open(self, name: str, activity: str | None = None, wait: bool = True) -> None:
        """Bring an app to the front, starting its process when it has none; wait for its first frame.

        Raises:
            AppError: no such package or activity, or it did not show anything in time.
        """
        package = self._packages.get(name)
        if package is None:
            raise AppError(f"no package {name} is installed; `pm list packages` names those that are")
        if not package.activity:
            raise AppError(f"{name} has no activity to show")
        with self.changed:
            self._pause_front(name)
            app = self._apps.get(name)
            if app is None or app.ending:
                app = self._start_process(package)
            if name in self._order:
                self._order.remove(name)
            self._order.append(name)
            app.send({"t": "launch", "activity": activity or package.activity})
            self._new_frame()
        if wait and not app.ready.wait(START_S):
            raise AppError(f"{name} showed nothing within {START_S:.0f} s; see logcat")
        if wait and app.ending and not self._stopping:
            raise AppError(f"{name} ended before it showed anything; see logcat")

    def _start_process(self, package: Package) -> App:
        waits = self._debug_app.waits(package.name)
        flags = self._tombstones.jvm_flags + (self._network.jvm_flags if self._network is not None else ())
        app = self._apps[package.name] = App(package, Scene(self.pictures), self._jar, self._port, waits, flags)
        reason = package.activity or "added application"
        self.report("I", f"Start proc {app.pid}:{package.name}/u0a{package.uid - 10000} for {reason}")
        return app

    def traced(self, pid: int, connected: bool) -> bool:
        """A tracer of the process `pid` came or went; whether there is such an app."""
        with self.changed:
            found = next((app for app in self._apps.values() if app.pid == pid), None)
        if found is not None:
            found.traced(connected)
        return found is not None

    def _pause_front(self, next_name: str) -> None:
        front = self.front()
        if front is not None and front.package.name != next_name:
            front.send({"t": "pause"})

    def open_previous(self) -> None:
        """Bring forward the app that was in front before."""
        with self.changed:
            before = self._order[-2:-1]
        for name in before:
            self.open(name, wait=False)

    def go_home(self) -> None:
        self.open(self._home, wait=False)

    def _go_back(self, app: App) -> None:
        """The app's last activity ended: it leaves the order; its process stays for a while, here until stopped."""
        name = app.package.name
        if name in self._order and name != self._home:
            front = self._order[-1] == name
            self._order.remove(name)
            if front:
                self.go_home()

    def close(self, name: str) -> None:
        """Stop an app's process, as ``am force-stop`` does.

        Raises:
            AppError: no such package.
        """
        if name not in self._packages:
            raise AppError(f"no package {name} is installed; `pm list packages` names those that are")
        with self.changed:
            app = self._apps.get(name)
        if app is not None:
            app.end()
            self._gone(app)

    def _gone(self, app: App) -> None:
        name = app.package.name
        with self.changed:
            if self._apps.get(name) is not app:
                return
            app.ending = True
            del self._apps[name]
            front = bool(self._order) and self._order[-1] == name
            if name in self._order:
                self._order.remove(name)
            if not self._stopping:
                self.report("I", f"Process {name} (pid {app.pid}) has died")
                if front and (name != self._home or app.ready.is_set()):
                    self.go_home()
                if app.package in self._persistent:
                    self._start_process(app.package)
                self._new_frame()
        app.end()
        self._tombstones.tell(app.pid, name)
        app.ready.set()

    # Messages

    def _handle(self, app: App, message: Message) -> None:
        kind = message["t"]
        if kind == "log":
            self._logger(app.pid, str(message["level"]), str(message["tag"]), str(message["message"]))
            return
        if kind == "start":
            self._start_from(app, message)
            return
        if kind == "decode":
            self._decode(app, message)
            return
        with self.changed:
            if "c" in message:
                app.scene.apply(message["c"])
            if kind in ("layout", "items"):
                self._lay_out(app, message)
            elif kind == "commit":
                app.turn_open = False
                self._committed(app)
            elif kind == "unwindow":
                system = bool(app.scene.system_windows())
                app.scene.remove_window(message["id"])
                self._committed(app, system)
            elif kind == "resumed":
                app.activity = message["activity"]
            elif kind == "finished":
                app.ready.clear()
                self._go_back(app)
            elif kind == "done":
                app.done(message["n"])
            elif kind in ("picture", "pixels", "encode"):
                self._answer_picture(app, message)

    def _lay_out(self, app: App, message: Message) -> None:
        app.turn_open = True
        if message["t"] == "layout":
            bounds = app.scene.layout(self.display.size)
        else:
            bounds = app.scene.layout_items(message["ids"], message["w"])
        app.send({"t": "reply", "n": message["n"], "b": bounds})

    def _answer_picture(self, app: App, message: Message) -> None:
        reply: Message = {"t": "reply", "n": message["n"]}
        if message["t"] == "picture":
            reply["w"], reply["h"] = self.pictures.size(message["name"])
            if self.pictures.is_worth_drawing_ahead(message["name"]):
                self._ahead.put(message["name"])
        elif message["t"] == "pixels":
            box = message["x"], message["y"], message["w"], message["h"]
            reply["data"] = base64.b64encode(self.pictures.read(message["name"], box)).decode()
        else:
            data = self.pictures.encode(message["name"], message["format"], message["quality"])
            reply["data"] = base64.b64encode(data).decode()
        app.send(reply)

    def _decode(self, app: App, message: Message) -> None:
        """Keep the picture in a file that an app fetched; a file that holds none gets the size 0, 0."""
        picture = decoded(base64.b64decode(message["data"]))
        with self.changed:
            app.scene.apply(message["c"])
            if picture is not None:
                self.pictures.add(message["name"], picture)
        width, height = picture.size if picture is not None else (0, 0)
        app.send({"t": "reply", "n": message["n"], "w": width, "h": height})

    def _draw_ahead(self) -> None:
        """Draw pictures as soon as an app has decoded them, so that the frame that shows them need not wait."""
        while (name := self._ahead.get()) is not None:
            with self.changed:
                wanted = self.pictures.is_worth_drawing_ahead(name)
            if wanted:
                picture = self.pictures.draw(name)
                with self.changed:
                    self.pictures.put(name, picture)

    def _start_from(self, app: App, message: Message) -> None:
        try:
            self.open(message["package"], message.get("activity"), wait=False)
        except AppError as failed:
            self.report("E", str(failed))

    def _committed(self, app: App, system: bool = False) -> None:
        """Something of the app changed; `system` says that it had a window over all apps, and may have none now."""
        if app.scene.windows and not app.ready.is_set():
            app.ready.set()
            if app.untraced:  # whoever set it is gone: let no further app wait
                self.report("W", f"No debugger came to {app.package.name}: the debug app is cleared")
                self._debug_app.clear()
        if system or app is self.front() or app.scene.system_windows():
            self._new_frame()

    def report(self, level: str, message: str) -> None:
        """Write to the phone's log as the system does of its apps."""
        self._logger(SYSTEM_SERVER_PID, level, "ActivityManager", message)

    def _new_frame(self) -> None:
        self._frame += 1
        self.changed.notify_all()

    # The screen

    def configure(self, size: tuple[int, int], dpi: int, rotation: int) -> None:
        """Another size, density or rotation: every app lays itself out anew."""
        with self.changed:
            wanted = replace(self.display, size=size, dpi=dpi, rotation=rotation)
            if wanted != self.display:
                self.display = wanted
                for app in self._apps.values():
                    app.send(self.display.configuration(self._seed))
                self._new_frame()

    def network_changed(self) -> None:
        """Tell every app what the network is like now."""
        with self.changed:
            for app in self._apps.values():
                if self._network is not None:
                    app.send({"t": "network", "network": self._network.describe(app.package.name)})

    def switch_screen(self, on: bool) -> None:
        with self.changed:
            self.display = replace(self.display, on=on)
            front = self.front()
            if front is not None:
                front.send({"t": "resume" if on else "pause"})
            self._new_frame()

    def frame_number(self) -> int:
        return self._frame

    def wait_for_frame(self, after: int, timeout_s: float) -> int:
        with self.changed:
            self.changed.wait_for(lambda: self._frame > after or self._stopping, timeout_s)
            return self._frame

    def _settled(self) -> None:
        """Wait while the front app is inside a turn; an app that never ends its turn is shown as it is."""
        self.changed.wait_for(lambda: not ((app := self.front()) and app.turn_open), TURN_S)

    def screenshot(self) -> NDArray[np.uint8]:
        """The screen (height, width, 4), read-only; drawn once for each frame number."""
        with self.changed:
            self._settled()
            if self._screen is None or self._screen[0] != self._frame:
                app = self.front()
                name, windows = (app.package.name, app.scene.shown()) if app is not None else ("", [])
                over = [window for _, window in self.stack() if window.is_system]
                self._screen = self._frame, self.display.draw(name, windows, over, self.pictures)
            return self._screen[1]

    def dump_tree(self) -> str:
        with self.changed:
            self._settled()
            if self._tree is None or self._tree[0] != self._frame:
                focused = self.focused() if self.display.on else None
                root = focused[1].root if focused is not None else None
                self._tree = self._frame, tree.dump(root, self.display.size, self.display.rotation)
            return self._tree[1]
