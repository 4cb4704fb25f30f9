"""A phone for tests: the virtual phone's ADB protocol, with commands that a test writes."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import settings

from backend.phones.phone import Phone
from device_agent.virtual_phone.adb import shell_protocol as v2
from device_agent.virtual_phone.adb.auth import TrustedHosts
from device_agent.virtual_phone.adb.connection import Connection, Refused
from device_agent.virtual_phone.adb.forward import connect, relay
from device_agent.virtual_phone.adb.stream import Stream, StreamClosed
from device_agent.virtual_phone.adb.sync import SyncService
from device_agent.virtual_phone.shell.files import PhoneFiles
from tests.phones.echo import echo  # noqa: F401  a fixture

settings.register_profile("no deadline", deadline=None)  # other work on the machine is not a failure
settings.load_profile("no deadline")

Answer = bytes | tuple[bytes, bytes, int] | Callable[[Stream], None]

NODE = (
    '<node index="0" text="{text}" resource-id="org.example:id/{name}" class="android.widget.TextView" '
    'package="org.example" content-desc="" checkable="false" checked="false" clickable="true" enabled="true" '
    'focusable="true" focused="false" scrollable="false" long-clickable="false" password="false" selected="false" '
    'bounds="[0,0][100,50]" />'
)
DISPLAYS = b"""WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)
  Display: mDisplayId=0
    init=96x128 160dpi cur=96x128 app=96x128 rng=96x96-128x128
  mCurrentFocus=Window{1a2b3c u0 org.example/org.example.MainActivity}
  mFocusedApp=ActivityRecord{4d5e6f u0 org.example/.MainActivity t7}
    mRotation=0
"""


def tree_xml(text: str = "hello", rotation: int = 0) -> bytes:
    body = NODE.format(text=text, name="greeting")
    return f"<?xml version='1.0' encoding='UTF-8' ?><hierarchy rotation=\"{rotation}\">{body}</hierarchy>".encode()


def picture(shade: int, size: tuple[int, int] = (96, 128)) -> np.ndarray:
    """``(height, width, 4)`` RGBA of one colour with a white corner."""
    pixels = np.full((size[1], size[0], 4), shade, np.uint8)
    pixels[:16, :16] = 255
    return pixels


def screencap(pixels: np.ndarray, header: int = 16) -> bytes:
    height, width = pixels.shape[:2]
    words = (width, height, 1, 0) if header == 16 else (width, height, 1)
    return struct.pack(f"<{len(words)}I", *words) + pixels.tobytes()


def encoder(width: int, height: int) -> av.CodecContext:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.time_base = Fraction(1, 30)
    codec.options = {"tune": "zerolatency", "preset": "ultrafast"}
    return codec


class ScriptedPhone:
    """Answers `commands` (by what a command line begins with) over real ADB on a loopback port that it keeps."""

    def __init__(self, folder: Path) -> None:
        self.trusted: TrustedHosts | None = None
        self.folder = folder
        self.pixels = picture(100)
        self.tree = tree_xml()
        self.asked: list[str] = []
        self.commands: dict[str, Answer] = {
            "getprop": b"[ro.product.model]: [Scripted]\n[ro.build.version.sdk]: [34]\n"
            b"[ro.build.version.release]: [14]\n",
            "dumpsys window": DISPLAYS,
            "uiautomator dump": lambda stream: stream.write(self.tree + b"UI hierchary dumped to: /dev/tty\n"),
            "screencap": lambda stream: stream.write(screencap(self.pixels)),
            "input": b"",
        }
        self.ports: dict[int, int] = {}
        """Ports on which the phone's programs listen, as ports of this machine."""
        self.takes_files = False
        self._changed = threading.Condition()
        self._number = 1
        self._listener: socket.socket | None = None
        self._port = 0
        self._connections: dict[Connection, threading.Thread] = {}
        self._acceptor: threading.Thread | None = None

    picture = staticmethod(picture)
    screencap = staticmethod(screencap)
    tree_xml = staticmethod(tree_xml)
    encoder = staticmethod(encoder)

    @property
    def serial(self) -> str:
        return f"127.0.0.1:{self._port}"

    def show(self, pixels: np.ndarray, tree: bytes | None = None) -> None:
        with self._changed:
            self.pixels = pixels
            self.tree = self.tree if tree is None else tree
            self._number += 1
            self._changed.notify_all()

    def start(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, args=(self._listener,))
        self._acceptor.start()

    def stop(self) -> None:
        listener, self._listener = self._listener, None
        if listener is None:
            return
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection, thread in list(self._connections.items()):
            connection.close()
            thread.join(5)
        with self._changed:
            self._changed.notify_all()
        assert self._acceptor is not None
        self._acceptor.join(5)
        self._connections.clear()

    def video(self, stream: Stream) -> None:
        """What screenrecord does: one H.264 picture for each change of the screen."""
        shown = 0
        codec: av.CodecContext | None = None
        while self._listener is not None and not stream.closed:
            with self._changed:
                if self._number == shown:
                    self._changed.wait(0.2)
                    continue
                shown, pixels = self._number, self.pixels
            height, width = pixels.shape[:2]
            if codec is None or (codec.width, codec.height) != (width, height):
                codec = encoder(width, height)
            for packet in codec.encode(av.VideoFrame.from_ndarray(pixels[..., :3].copy(), "rgb24")):
                stream.write(bytes(packet))

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            connection = Connection(sock, "test", b"device::ro.product.name=scripted", self.trusted, self._find)
            thread = threading.Thread(target=connection.run)
            self._connections[connection] = thread
            thread.start()

    def _find(self, name: str) -> Callable[[Stream], None]:
        kind, _, command = name.partition(":")
        self.asked.append(command)
        if kind == "sync" and self.takes_files:
            return lambda stream: SyncService(stream, PhoneFiles(self.folder)).run()
        if kind == "tcp" and int(command) in self.ports:
            try:
                sock = connect(self.ports[int(command)])
            except OSError as error:
                raise Refused(f"nothing listens on tcp:{command}") from error
            return lambda stream: relay(stream, sock)
        answer = next((found for start, found in self.commands.items() if command.startswith(start)), None)
        if kind not in ("exec", "shell,v2,raw"):
            raise Refused(f"no service {kind}")
        return lambda stream: _serve(stream, kind, command, answer)


def _serve(stream: Stream, kind: str, command: str, answer: Answer | None) -> None:
    if answer is None:
        answer = (b"", f"/system/bin/sh: {command}: inaccessible or not found\n".encode(), 127)
    if callable(answer):
        try:
            answer(stream)
        except StreamClosed:
            return
        if kind != "exec":
            stream.write(v2.encode(v2.EXIT, b"\0"))
        return
    out, err, code = answer if isinstance(answer, tuple) else (answer, b"", 0)
    if kind == "exec":
        stream.write(out + err)
        return
    for packet_kind, data in ((v2.STDOUT, out), (v2.STDERR, err), (v2.EXIT, bytes([code]))):
        if data:
            stream.write(v2.encode(packet_kind, data))


def eventually(condition: Callable[[], object], within_s: float = 20.0) -> None:
    """Wait until `condition` holds; fail when it does not in time."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        pause.wait(0.01)


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., None]:
    return eventually


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[ScriptedPhone]:
    phone = ScriptedPhone(tmp_path)
    phone.start()
    yield phone
    phone.stop()


@pytest.fixture(scope="session")
def key_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def phone(scripted: ScriptedPhone, key_dir: Path) -> Iterator[Phone]:
    with Phone(scripted.serial, key_dir, accept_timeout_s=0.3) as connected:
        yield connected
