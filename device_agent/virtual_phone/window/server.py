"""The window server: apps in and out of view, the screen, and input."""

from __future__ import annotations

import base64
import contextlib
import logging
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device_agent.virtual_phone.device import Package
from device_agent.virtual_phone.errors import AppError
from device_agent.virtual_phone.window import bars, fonts, gestures, tree
from device_agent.virtual_phone.window.app import App
from device_agent.virtual_phone.window.compose import compose
from device_agent.virtual_phone.window.node import Node
from device_agent.virtual_phone.window.pictures import Pictures
from device_agent.virtual_phone.window.raster import Raster, pack, to_bytes
from device_agent.virtual_phone.window.scene import Scene, Window
from device_agent.virtual_phone.window.shapes import Colour, solid
from device_agent.virtual_phone.window.splash import splash
from device_agent.virtual_phone.window.wire import Link, Message

log = logging.getLogger(__name__)

TURN_S = 0.5
START_S = 15.0
HELLO_S = 10.0
WHITE: Colour = (255, 255, 255, 255)
BLACK: Colour = (0, 0, 0, 255)
BACK, HOME, RECENTS = 4, 3, 187
Logger = Callable[[int, str, str, str], None]


class WindowServer:
    """Holds all apps' scenes under one lock; `changed` is notified at every new frame and every change of the
    foreground.

    `logger` takes pid, level, tag and message for the phone's log.
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
    ) -> None:
        self.size = size
        self.dpi = dpi
        self.rotation = 0
        self.screen_on = True
        self.clock = "10:24"
        self._seed = seed
        self._packages = {package.name: package for package in packages}
        self._home = packages[0].name
        self._jar = jar
        self._logger = logger
        self.pictures = Pictures(seed, content)
        self.changed = threading.Condition(threading.RLock())
        self._apps: dict[str, App] = {}
        self._order: list[str] = []
        self._frame = 1
        self._screen: tuple[int, NDArray[np.uint8]] | None = None
        self._tree: tuple[int, str] | None = None
        self._gesture = threading.Lock()
        self._down: tuple[App | None, int, int, float] | None = None
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
            app = next((a for a in self._apps.values() if hello and hello.get("token") == a.token), None)
            if app is None or hello is None or hello["t"] != "hello":
                log.warning("a connection to the window server without a valid token was closed")
                link.close()
                return
        connection.settimeout(None)
        app.attach(link, {**self._configuration(), "advances": fonts.advances()})
        app.read(link, self._handle)
        self._gone(app)

    # Apps

    def running(self) -> list[App]:
        with self.changed:
            return list(self._apps.values())

    def foreground(self) -> App | None:
        with self.changed:
            return self._front() if self.screen_on else None

    def _front(self) -> App | None:
        return self._apps.get(self._order[-1]) if self._order else None

    def open(self, name: str, activity: str | None = None, wait: bool = True) -> None:
        """Bring an app to the front, starting its process when it has none; wait for its first frame.

        Raises:
            AppError: no such package or activity, or it did not show anything in time.
        """
        package = self._packages.get(name)
        if package is None:
            raise AppError(f"no package {name} is installed; `pm list packages` names those that are")
        with self.changed:
            self._pause_front(name)
            app = self._apps.get(name)
            if app is None or app.ending:
                app = self._apps[name] = App(package, Scene(self.pictures), self._jar, self._port)
                self._logger(0, "I", "ActivityManager", f"Start proc {app.pid}:{name}/u0a for {package.activity}")
            if name in self._order:
                self._order.remove(name)
            self._order.append(name)
            app.send({"t": "launch", "activity": activity or package.activity})
            self._new_frame()
        if wait and not app.ready.wait(START_S):
            raise AppError(f"{name} showed nothing within {START_S:.0f} s; see logcat")
        if wait and app.ending and not self._stopping:
            raise AppError(f"{name} ended before it showed anything; see logcat")

    def _pause_front(self, next_name: str) -> None:
        front = self._front()
        if front is not None and front.package.name != next_name:
            front.send({"t": "pause"})

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
                self._logger(0, "I", "ActivityManager", f"Process {name} (pid {app.pid}) has died")
                if front and (name != self._home or app.ready.is_set()):
                    self.go_home()
                self._new_frame()
        app.end()
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
        with self.changed:
            if "c" in message:
                app.scene.apply(message["c"])
            if kind in ("layout", "items"):
                self._lay_out(app, message)
            elif kind == "commit":
                app.turn_open = False
                self._committed(app)
            elif kind == "unwindow":
                app.scene.remove_window(message["id"])
                self._committed(app)
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
            bounds = app.scene.layout(self.size)
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
            self._logger(app.pid, "E", "ActivityTaskManager", str(failed))

    def _committed(self, app: App) -> None:
        if app.scene.windows and not app.ready.is_set():
            app.ready.set()
        if app is self._front():
            self._new_frame()

    def _new_frame(self) -> None:
        self._frame += 1
        self.changed.notify_all()

    # The screen

    def _configuration(self) -> Message:
        return {
            "t": "configure",
            "width": self.size[0],
            "height": self.size[1],
            "dpi": self.dpi,
            "top": self.dp(bars.STATUS_DP),
            "bottom": self.dp(bars.NAVIGATION_DP),
            "seed": self._seed,
        }

    def dp(self, dp: float) -> int:
        return round(dp * self.dpi / 160)

    def configure(self, size: tuple[int, int], dpi: int, rotation: int) -> None:
        """Another size, density or rotation: every app lays itself out anew."""
        with self.changed:
            if (size, dpi, rotation) != (self.size, self.dpi, self.rotation):
                self.size, self.dpi, self.rotation = size, dpi, rotation
                for app in self._apps.values():
                    app.send(self._configuration())
                self._new_frame()

    def switch_screen(self, on: bool) -> None:
        with self.changed:
            self.screen_on = on
            front = self._front()
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
        self.changed.wait_for(lambda: not ((app := self._front()) and app.turn_open), TURN_S)

    def screenshot(self) -> NDArray[np.uint8]:
        """The screen (height, width, 4), read-only; drawn once for each frame number."""
        with self.changed:
            self._settled()
            if self._screen is None or self._screen[0] != self._frame:
                self._screen = self._frame, self._draw()
            return self._screen[1]

    def _draw(self) -> NDArray[np.uint8]:
        width, height = self.size
        raster: Raster = np.empty((height, width), np.uint32)
        app = self._front()
        if not self.screen_on or app is None:
            raster[:] = pack(BLACK)
        elif not app.scene.windows:
            raster[:] = splash(app.package.name, width, height)
        elif any(window.secure for window in app.scene.shown()):
            raster[:] = pack(BLACK)
        else:
            self._draw_windows(raster, app.scene.shown())
        screen = to_bytes(raster)
        screen.flags.writeable = False
        return screen

    def _draw_windows(self, raster: Raster, windows: list[Window]) -> None:
        width, height = self.size
        ground = solid(windows[0].root.background) or WHITE
        raster[:] = pack(ground)
        for window in windows:
            root = window.root
            backdrop = ground if window is windows[0] else None
            compose(raster, root, root.x, root.y, (0, 0, width, height), backdrop, self.pictures)
        top, bottom = self.dp(bars.STATUS_DP), self.dp(bars.NAVIGATION_DP)
        raster[:top] = bars.status_bar(width, top, ground, self.clock)
        raster[height - bottom :] = bars.navigation_bar(width, bottom, ground)

    def dump_tree(self) -> str:
        with self.changed:
            self._settled()
            if self._tree is None or self._tree[0] != self._frame:
                app = self._front() if self.screen_on else None
                shown = app.scene.shown() if app is not None else []
                root: Node | None = shown[0].root if shown else None
                self._tree = self._frame, tree.dump(root, self.size, self.rotation)
            return self._tree[1]

    # Input

    def play(self, touches: Iterator[gestures.Touch]) -> None:
        """Play a whole gesture; returns when its last event is handled."""
        with self._gesture:
            begin = round(time.monotonic() * 1000)
            for touch in gestures.paced(touches):
                self._touch(touch.action, touch.x, touch.y, begin, begin + touch.at_ms)

    def motion(self, action: int, x: int, y: int) -> None:
        """One event of a gesture that somebody makes live."""
        with self._gesture:
            now = round(time.monotonic() * 1000)
            begin = round(self._down[3]) if self._down is not None and action != gestures.DOWN else now
            self._touch(action, x, y, begin, now)

    def _touch(self, action: int, x: int, y: int, down_ms: int, time_ms: int) -> None:
        with self.changed:
            if not self.screen_on:
                return
            if action == gestures.DOWN:
                app = self._front() if y < self.size[1] - self.dp(bars.NAVIGATION_DP) else None
                self._down = (app, self._window_at(app, x, y), x, down_ms)
            if self._down is None:
                return
            app, window, down_x, _ = self._down
            if action in (gestures.UP, gestures.CANCEL):
                self._down = None
        if app is None:
            code = bars.button_at(down_x, self.size[0])
            if action == gestures.UP and code is not None:
                self.key(code)
        elif window:
            event = {"t": "touch", "action": action, "x": x, "y": y, "down": down_ms, "time": time_ms}
            self._input(app, {**event, "window": window})

    @staticmethod
    def _window_at(app: App | None, x: int, y: int) -> int:
        for window in reversed(app.scene.shown() if app is not None else []):
            if window.takes(x, y):
                return window.root.number
        return 0

    def _input(self, app: App, message: Message) -> None:
        if not app.input(message) and not app.ending:
            name = app.package.name
            self._logger(0, "E", "ActivityManager", f"ANR in {name}: Input dispatching timed out")

    def key(self, code: int) -> None:
        """Home and recents are the system's; every other key goes to the focused window."""
        if code == HOME:
            self.go_home()
        elif code == RECENTS:
            with self.changed:
                others = self._order[:-1]
            if others:
                self.open(others[-1], wait=False)
        else:
            self._to_focused({"t": "key", "code": code})

    def type(self, text: str) -> None:
        self._to_focused({"t": "type", "text": text})

    def _to_focused(self, message: Message) -> None:
        with self.changed:
            app = self._front() if self.screen_on else None
            shown = app.scene.shown() if app is not None else []
        if app is not None and shown:
            self._input(app, {**message, "window": shown[0].root.number})
