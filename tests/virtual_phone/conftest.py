"""A still phone behind a real daemon and a host that speaks packets itself, for the tests of the ADB daemon; and a
whole phone with apps, for the tests of those."""

from __future__ import annotations

import re
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
import pytest

from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.adb import packet as wire
from device_agent.virtual_phone.adb import shell_protocol as v2
from device_agent.virtual_phone.adb.packet import Packet
from device_agent.virtual_phone.phone import VirtualPhone
from device_agent.virtual_phone.shell.files import PhoneFiles
from device_agent.virtual_phone.shell.interpreter import Collector, Ends, run_text
from device_agent.virtual_phone.shell.registry import Session, Shared
from device_agent.virtual_phone.shell.streams import Pipe
from device_agent.virtual_phone.still import StillDevice
from device_agent.virtual_phone.window import gestures
from tests.virtual_phone.probe_app import probe_jar  # noqa: F401  a fixture

TREE = (
    "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>"
    '<hierarchy rotation="0"><node text="Grüße" /></hierarchy>'
)


class Host:
    """One connection to a daemon, for tests that look at packets. Its stream ids are whatever the test chooses."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), 10)
        self.waiting: deque[Packet] = deque()

    def close(self) -> None:
        self.sock.close()

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.sock.recv(size - len(data))
            if not part:
                raise ConnectionResetError("the daemon closed the connection")
            data += part
        return data

    def receive(self) -> Packet:
        """The next packet, whichever it is."""
        return wire.read_packet(self._exactly, max_payload=wire.MAX_PAYLOAD, verify=False)

    def send(self, command: int, arg0: int, arg1: int, payload: bytes = b"") -> None:
        packet = Packet(command, arg0, arg1, payload)
        self.sock.sendall(wire.encode_header(packet, with_checksum=True) + payload)

    def handshake(self, version: int = wire.VERSION_SKIP_CHECKSUM, max_payload: int = wire.MAX_PAYLOAD) -> Packet:
        self.send(wire.CNXN, version, max_payload, b"host::features=shell_v2\0")
        return self.receive()

    def expect(self, command: int, stream: int) -> Packet:
        """The next packet of that kind for that stream of ours; other streams' packets are kept for later."""
        for packet in list(self.waiting):
            if packet.arg1 == stream:
                self.waiting.remove(packet)
                assert wire.name_of(packet.command) == wire.name_of(command)
                return packet
        while True:
            packet = self.receive()
            if packet.arg1 == stream:
                assert wire.name_of(packet.command) == wire.name_of(command)
                return packet
            self.waiting.append(packet)

    def open(self, service: str, stream: int = 1) -> int:
        """Open a service; the daemon's id of the stream."""
        self.send(wire.OPEN, stream, 0, service.encode() + b"\0")
        return self.expect(wire.OKAY, stream).arg0

    def read_to_end(self, theirs: int, stream: int = 1) -> bytes:
        """Everything that a stream says until the daemon closes it, acknowledged as it comes."""
        said = b""
        while True:
            packet = self.receive()
            if packet.arg1 != stream:
                continue
            if packet.command == wire.CLSE:
                self.send(wire.CLSE, stream, theirs)
                return said
            if packet.command == wire.WRTE:
                said += bytes(packet.payload)
                self.send(wire.OKAY, stream, theirs)

    def run(self, service: str, stream: int = 1) -> bytes:
        """What a service says in all."""
        return self.read_to_end(self.open(service, stream), stream)

    def shell_v2(self, command: str, stdin: bytes | None = None, arguments: str = "raw") -> tuple[int, bytes, bytes]:
        """Exit status, output and error output of a command."""
        theirs = self.open(f"shell,v2,{arguments}:{command}")
        if stdin is not None:
            self.send(wire.WRTE, 1, theirs, v2.encode(v2.STDIN, stdin) + v2.encode(v2.CLOSE_STDIN, b""))
        packets = list(v2.Decoder().feed(self.read_to_end(theirs)))
        parts = {kind: b"".join(data for k, data in packets if k == kind) for kind in (v2.STDOUT, v2.STDERR, v2.EXIT)}
        assert len(parts[v2.EXIT]) == 1
        return parts[v2.EXIT][0], parts[v2.STDOUT], parts[v2.STDERR]


@pytest.fixture
def picture() -> np.ndarray:
    """A small screen in which every pixel is its own."""
    return np.random.default_rng(7).integers(0, 256, (120, 64, 4), np.uint8) | np.array([0, 0, 0, 255], np.uint8)


@pytest.fixture
def still_device(picture: np.ndarray) -> Iterator[StillDevice]:
    """A still phone that asks no host who it is."""
    with StillDevice(picture, TREE, properties={"ro.adb.secure": "0"}) as device:
        yield device


@pytest.fixture
def adb_daemon(still_device: StillDevice) -> Iterator[AdbDaemon]:
    with AdbDaemon(still_device, port=0) as daemon:
        yield daemon


@pytest.fixture
def connect() -> Iterator[Callable[[int], Host]]:
    """Makes connections to any port, not yet introduced, and closes them at the end."""
    with ExitStack() as stack:

        def make(port: int) -> Host:
            host = Host(port)
            stack.callback(host.close)
            return host

        yield make


@pytest.fixture
def new_host(adb_daemon: AdbDaemon, connect: Callable[[int], Host]) -> Callable[[], Host]:
    """Makes connections to the daemon."""
    return lambda: connect(adb_daemon.port)


@pytest.fixture
def adb_host(new_host: Callable[[], Host]) -> Host:
    """A connection that is established."""
    host = new_host()
    host.handshake()
    return host


@pytest.fixture
def sh(still_device: StillDevice) -> Callable[..., tuple[int, str, str]]:
    """Runs a script in a shell of its own on the still phone; its status, output and error output."""
    shared = Shared()

    def run(script: str, stdin: bytes = b"") -> tuple[int, str, str]:
        out, err, source = Collector(), Collector(), Pipe()
        source.write(stdin)
        source.end()
        session = Session(still_device, PhoneFiles(still_device.root), shared, {"HOME": "/", "EMPTY": ""})
        status = run_text(script, session, Ends(source, out, err))
        return status, out.data.decode("utf-8", "replace"), err.data.decode("utf-8", "replace")

    return run


@dataclass(frozen=True)
class Seen:
    """A node of the UI tree that a hand can find."""

    attributes: dict[str, str]

    @property
    def box(self) -> tuple[int, int, int, int]:
        left, top, right, bottom = (int(n) for n in re.findall(r"-?\d+", self.attributes["bounds"]))
        return left, top, right, bottom

    @property
    def centre(self) -> tuple[int, int]:
        left, top, right, bottom = self.box
        return (left + right) // 2, (top + bottom) // 2

    @property
    def text(self) -> str:
        return self.attributes["text"]


class Hand:
    """Finds what the UI tree shows, touches it, and waits for what should happen."""

    def __init__(self, phone: VirtualPhone) -> None:
        self.phone = phone

    def all(self, name: str = "", **wanted: str) -> list[Seen]:
        """Nodes whose resource name ends in `name` and whose ``text``, ``desc``, ``class_`` are as wanted."""
        names = {"desc": "content-desc", "class_": "class"}
        nodes = [Seen(dict(node.attrib)) for node in ElementTree.fromstring(self.phone.dump_tree()).iter("node")]
        return [
            node
            for node in nodes
            if (not name or node.attributes["resource-id"].endswith(f":id/{name}"))
            and all(node.attributes[names.get(key, key)] == value for key, value in wanted.items())
        ]

    def find(self, name: str = "", **wanted: str) -> Seen:
        """The first such node; waits for it."""
        self.until(lambda: bool(self.all(name, **wanted)), f"{name} {wanted} to show")
        return self.all(name, **wanted)[0]

    def tap(self, name: str = "", **wanted: str) -> None:
        self.phone.tap(*self.find(name, **wanted).centre)

    def tap_nth(self, name: str, index: int) -> None:
        self.find(name)
        self.phone.tap(*self.all(name)[index].centre)

    def until(self, condition: Callable[[], bool], what: str, timeout_s: float = 10) -> None:
        """Wait, from frame to frame, until the condition holds."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            self.phone.wait_for_frame(self.phone.frame_number(), 0.05)

    def rest(self) -> None:
        """Wait until a third of a second, ten steps of a fling, passes without a new frame."""
        frame = self.phone.frame_number()
        while (after := self.phone.wait_for_frame(frame, 0.35)) != frame:
            frame = after

    def open(self, app: str) -> None:
        """Start an app anew."""
        self.phone.force_stop(f"org.mindproof.{app}")
        self.phone.start_activity(f"org.mindproof.{app}", None)

    def activity(self) -> str:
        """The class name of the activity in front, without its package."""
        front = self.phone.foreground()
        return front[1].rpartition(".")[2] if front is not None else ""

    def drag(self, dy: int) -> None:
        """Drag the middle of the screen by `dy` and hold still before letting go, so that nothing flings."""
        width, height = self.phone.size
        x, y = width // 2, height // 2 - dy // 2
        moves = [gestures.Touch(gestures.MOVE, x, y + dy * step // 10, step) for step in range(1, 11)]
        ends = gestures.Touch(gestures.DOWN, x, y, 0), gestures.Touch(gestures.UP, x, y + dy, 200)
        self.phone._server.input.play(iter([ends[0], *moves, ends[1]]))


@pytest.fixture(scope="session")
def virtual_phone() -> Iterator[VirtualPhone]:
    """A phone with its apps, shared by the tests; each opens the app it needs anew."""
    with VirtualPhone(seed=1) as phone:
        yield phone


@pytest.fixture
def hand(virtual_phone: VirtualPhone) -> Hand:
    return Hand(virtual_phone)


@pytest.fixture
def hand_for() -> type[Hand]:
    """For tests that boot a phone of their own."""
    return Hand
