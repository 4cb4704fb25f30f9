"""A port of this machine's as a port of the phone's: what ``adb reverse`` does, without Google's adb.

On a connection of its own the phone is asked to listen on its loopback (``reverse:forward:``, AOSP
``adb/SERVICES.TXT``); for each connection that comes in there, it opens a stream the other way (AOSP
``adb/protocol.txt``), which is joined to a connection to our port. The phone forgets the port when the connection ends,
however that comes about.
"""

from __future__ import annotations

import logging
import queue
import socket
import threading
from types import TracebackType
from typing import Self

from adb_shell.adb_message import AdbMessage
from adb_shell.constants import CLSE, ID_TO_WIRE, OKAY, OPEN, WRTE
from adb_shell.exceptions import TcpTimeoutException

from backend.errors import PhoneError, PhoneUnauthorised
from backend.phones.backoff import Backoff
from backend.phones.duplex import HEADER, LARGEST, Link
from backend.phones.phone import Phone
from backend.phones.transport import USE_TCP

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
CONNECT_S = 5.0
ANSWER_S = 5.0
_OKAY, _WRTE, _CLSE, _OPEN = (ID_TO_WIRE[command] for command in (OKAY, WRTE, CLSE, OPEN))
_SERVICE = 1
"""Our id of the stream that asks for the port."""


class Reverse:
    """The phone listens on its loopback, on `remote_port`, for whoever listens on our `local_port`, while this is open.

    When the link breaks it is made anew, with the same port on the phone, for as long as it takes.

    Args:
        remote_port: 0 takes a free one, which then stays.

    Raises:
        PhoneError: the phone does not do it, or is not reached over TCP.
    """

    def __init__(self, phone: Phone, local_port: int, remote_port: int = 0) -> None:
        if not phone.takes_lanes:
            raise PhoneError(phone.serial, "over USB no port of this machine can be given to it", USE_TCP)
        self._phone, self._local_port = phone, local_port
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._first: queue.Queue[int | PhoneError] = queue.Queue()
        self._lane: _Lane | None = None
        self._thread = threading.Thread(
            target=self._run, args=(remote_port,), name=f"reverse {phone.serial}", daemon=True
        )
        self._thread.start()
        answer = self._first.get()
        if isinstance(answer, PhoneError):
            self.close()
            raise answer
        self.port: int = answer

    @property
    def address(self) -> str:
        """As the phone reaches it."""
        return f"{HOST}:{self.port}"

    @property
    def is_up(self) -> bool:
        """Whether the phone listens now."""
        return self._lane is not None

    def close(self) -> None:
        """The phone listens no more; all connections end."""
        self._closed.set()
        with self._lock:
            lane = self._lane
        if lane is not None:
            lane.abort()
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, remote_port: int) -> None:
        backoff, told = Backoff(limit_s=5.0), False
        while not self._closed.is_set():
            try:
                with self._phone.lane() as transport:
                    link, max_payload = transport.take()
                    lane = _Lane(link, max_payload, self._phone.serial, self._local_port)
                    remote_port = lane.ask(remote_port)
                    with self._lock:
                        self._lane = lane
                    if self._closed.is_set():
                        return
                    if not told:
                        told = True
                        self._first.put(remote_port)
                    backoff.reset()
                    lane.serve()
            except PhoneError as error:
                if not told or isinstance(error, PhoneUnauthorised):
                    self._first.put(error)
                    return
                log.debug("the reverse of %s is to be made anew: %s", self._phone.serial, error)
            finally:
                with self._lock:
                    self._lane = None
            self._closed.wait(backoff.delay_s())


class _Lane:
    """One connection, with the streams that the phone has opened on it; `serve` belongs to one thread."""

    def __init__(self, link: Link, max_payload: int, serial: str, local_port: int) -> None:
        self._link, self._max_payload = link, max_payload
        self._serial, self._local_port = serial, local_port
        self._sending = threading.Lock()
        self._streams: dict[int, _Stream] = {}
        self._last_id = _SERVICE

    def abort(self) -> None:
        self._link.abort()

    def ask(self, remote_port: int) -> int:
        """Have the phone listen; the port. Raises PhoneError."""
        name = f"reverse:forward:tcp:{remote_port};tcp:{self._local_port}"
        try:
            self.send(OPEN, _SERVICE, 0, name.encode() + b"\0")
            said = self._answer()
        except (OSError, ValueError, TcpTimeoutException) as error:
            raise PhoneError(self._serial, f"it broke off when asked for a reversed port: {error}", "") from error
        if not said.startswith(b"OKAY"):
            why = said[8:].decode("utf-8", "replace") or "it has no such service"
            raise PhoneError(self._serial, f"it does not reverse a port: {why}", "Mindproof needs Android 8 or later")
        return remote_port or int(said[8:])

    def _answer(self) -> bytes:
        """What the service says until it closes."""
        said = b""
        while True:
            command, remote_id, local_id, payload = self._packet(ANSWER_S)
            if local_id != _SERVICE:
                continue
            if command == _WRTE:
                said += payload
                self.send(OKAY, _SERVICE, remote_id)
            elif command == _CLSE:
                return said

    def serve(self) -> None:
        """Carry what the phone sends until the connection ends."""
        try:
            while True:
                self._handle(*self._packet(None))
        except (OSError, ValueError) as error:
            log.debug("a reverse of %s ended: %s", self._serial, error)
        finally:
            for stream in list(self._streams.values()):
                stream.end()
            self._link.abort()

    def _handle(self, command: int, remote_id: int, local_id: int, payload: bytes) -> None:
        if command == _OPEN:
            self._last_id += 1
            self._streams[self._last_id] = _Stream(self, self._last_id, remote_id, self._local_port, self._max_payload)
            return
        stream = self._streams.get(local_id)
        if stream is None:
            return
        if command == _WRTE:
            stream.inbound.put(payload)
        elif command == _OKAY:
            stream.may_write.set()
        elif command == _CLSE:
            stream.end()

    def forget(self, local_id: int) -> None:
        self._streams.pop(local_id, None)

    def send(self, command: bytes, local_id: int, remote_id: int, payload: bytes = b"") -> None:
        """Raises OSError."""
        message = AdbMessage(command, local_id, remote_id, payload)
        with self._sending:
            self._link.bulk_write(message.pack() + payload, None)

    def _packet(self, timeout_s: float | None) -> tuple[int, int, int, bytes]:
        header = HEADER.unpack(self._link.bulk_read(HEADER.size, timeout_s))
        command, remote_id, local_id, size, _, magic = header
        if command ^ magic != 0xFFFFFFFF or size > LARGEST:
            raise ConnectionAbortedError("what came is no ADB packet")
        return command, remote_id, local_id, bytes(self._link.bulk_read(size, timeout_s)) if size else b""


class _Stream:
    """One connection that came in on the phone, joined to one to our port by two threads."""

    def __init__(self, lane: _Lane, local_id: int, remote_id: int, port: int, max_payload: int) -> None:
        self._lane, self._local_id, self._remote_id = lane, local_id, remote_id
        self._port, self._max_payload = port, max_payload
        self.inbound: queue.Queue[bytes | None] = queue.Queue()
        self.may_write = threading.Event()
        self.may_write.set()
        self._ended = False
        threading.Thread(target=self._carry, name=f"reverse stream {local_id}", daemon=True).start()

    def end(self) -> None:
        """The phone closed it, or is gone."""
        self._ended = True
        self.inbound.put(None)
        self.may_write.set()

    def _carry(self) -> None:
        try:
            near = socket.create_connection((HOST, self._port), CONNECT_S)
        except OSError as error:
            log.debug("nobody takes a connection from the phone on port %d: %s", self._port, error)
            self._close(taken=False)
            return
        near.settimeout(None)
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with near:
            inward = threading.Thread(
                target=self._from_near, args=(near,), name=f"reverse stream {self._local_id}", daemon=True
            )
            try:
                self._lane.send(OKAY, self._local_id, self._remote_id)
                inward.start()
                while (data := self.inbound.get()) is not None:
                    near.sendall(data)
                    # Only now: whoever does not read slows the phone's app, and fills no memory here.
                    self._lane.send(OKAY, self._local_id, self._remote_id)
            except OSError as error:
                log.debug("a connection from the phone ended: %s", error)
            finally:
                self._close()
                _shut(near)
                if inward.ident is not None:
                    inward.join()

    def _from_near(self, near: socket.socket) -> None:
        try:
            while data := near.recv(self._max_payload):
                self.may_write.wait()
                if self._ended:
                    return
                self.may_write.clear()
                self._lane.send(WRTE, self._local_id, self._remote_id, data)
        except OSError as error:
            log.debug("a connection to port %d ended: %s", self._port, error)
        finally:
            self.end()

    def _close(self, taken: bool = True) -> None:
        """Tell the phone that nothing more follows, or that its stream was never `taken`."""
        self._ended = True
        self.may_write.set()
        self._lane.forget(self._local_id)
        try:
            self._lane.send(CLSE, self._local_id if taken else 0, self._remote_id)
        except OSError as error:
            log.debug("the phone left before a stream was closed: %s", error)


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError as error:
        log.debug("already shut: %s", error)
