"""The ADB library, with what a live video stream needs and it lacks. Its inner names are touched here alone.

- `TcpLink` replaces its TCP transport, which leaves Nagle's algorithm on (a header and its payload travel 40 ms
  apart), drops what a full socket buffer did not take, and spins at full speed when the peer has closed.
- `checksum` replaces its sum over payload bytes, a Python loop over integers: 54 ms for one raw 1080x2220 frame,
  4 ms here.
- `AdbConnection` opens any service by name, for streams both ways too, and notices a refusal at once instead of after
  the timeout.
"""

from __future__ import annotations

import logging
import select
import socket
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from adb_shell import adb_device, adb_message, constants
from adb_shell.adb_device import AdbDevice
from adb_shell.exceptions import TcpTimeoutException
from adb_shell.hidden_helpers import _AdbTransactionInfo
from adb_shell.transport.base_transport import BaseTransport

from backend.phones.duplex import Duplex

# At DEBUG the library logs every packet with its contents: screens and texts, which no log may hold.
logging.getLogger("adb_shell").setLevel(logging.INFO)

FEATURES = b"features=shell_v2,cmd,stat_v2,ls_v2"
"""What we tell the phone that we understand (``adb/transport.cpp``)."""

KEEP_ALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3}
"""A phone that leaves the network says nothing, and neither does the video of a still screen: ask it, after 5 s."""


class ServiceRefused(Exception):
    """The phone closed a stream instead of opening it."""


def checksum(data: bytes) -> int:
    """The sum of all bytes modulo 2**32, as ADB packets of protocol version 0x01000000 carry it."""
    if not data:
        return 0
    return int(np.frombuffer(data, np.uint8).sum(dtype=np.uint64)) & 0xFFFFFFFF


adb_device.checksum = checksum
adb_message.checksum = checksum


class TcpLink(BaseTransport):  # type: ignore[misc]
    """A socket to the phone's ADB daemon."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._socket: socket.socket | None = None

    def connect(self, transport_timeout_s: float | None) -> None:
        self._socket = socket.create_connection((self._host, self._port), transport_timeout_s)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEP_ALIVE.items():
            if hasattr(socket, option):
                self._socket.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def abort(self) -> None:
        """End the connection from any thread: whoever reads from it gets an error at once."""
        if self._socket is not None:
            with suppress(OSError):  # it was not connected any more
                self._socket.shutdown(socket.SHUT_RDWR)

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytearray:
        """Exactly `numbytes`, however many pieces they come in."""
        connection = self._open_socket(transport_timeout_s)
        data = bytearray(numbytes)
        view = memoryview(data)
        while view:
            try:
                got = connection.recv_into(view)
            except TimeoutError as error:
                if error.errno:  # the system's: keep-alive went unanswered
                    raise ConnectionResetError("the phone has stopped answering") from error
                raise TcpTimeoutException(f"nothing came within {transport_timeout_s} s") from error
            if not got:
                raise ConnectionResetError("the phone closed the connection")
            view = view[got:]
        return data

    def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int:
        try:
            self._open_socket(transport_timeout_s).sendall(data)
        except TimeoutError as error:
            raise TcpTimeoutException(f"nothing was taken within {transport_timeout_s} s") from error
        return len(data)

    def readable(self, timeout_s: float) -> bool:
        """Whether something can be read now, or comes within `timeout_s`."""
        if self._socket is None:
            return True  # a read then says what happened
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(timeout_s * 1000))

    def _open_socket(self, timeout_s: float | None) -> socket.socket:
        if self._socket is None:
            raise ConnectionResetError("the connection is closed")
        self._socket.settimeout(timeout_s)
        return self._socket


class AdbConnection(AdbDevice):  # type: ignore[misc]
    """One authenticated connection. Its streams share one lock: a reader that waits blocks all others."""

    def __init__(self, link: BaseTransport) -> None:
        super().__init__(link, banner=FEATURES)

    @property
    def max_payload(self) -> int:
        """Bytes of one packet that the phone takes."""
        return int(self._maxdata)

    def service(self, name: str, argument: str, timeout_s: float | None, silence_s: float) -> Iterator[bytes]:
        """Start the service ``name:argument``; the iterator gives what it writes, until it closes.

        `timeout_s` bounds the whole, `silence_s` each wait for the next packet.
        """
        stream = self._open(f"{name}:{argument}".encode(), None, silence_s, timeout_s)
        chunks: Iterator[bytes] = self._read_until_close(stream)
        return chunks

    def duplex(self, service: str, link: TcpLink, timeout_s: float) -> Duplex:
        """A stream both ways to `service`, such as ``tcp:27042``. It takes the connection over `link` for itself."""
        stream = self._open(service.encode(), timeout_s, timeout_s, timeout_s)
        return Duplex(link, stream.local_id, stream.remote_id, self._maxdata)

    def _open(
        self,
        destination: bytes,
        transport_timeout_s: float | None,
        read_timeout_s: float,
        timeout_s: float | None,
    ) -> _AdbTransactionInfo:
        with self._local_id_lock:
            self._local_id: int = self._local_id % 0xFFFFFFFF + 1
            info = _AdbTransactionInfo(self._local_id, None, transport_timeout_s, read_timeout_s, timeout_s)
        self._io_manager.send(adb_message.AdbMessage(constants.OPEN, info.local_id, 0, destination + b"\0"), info)
        command, info.remote_id, _, _ = self._io_manager.read([constants.OKAY, constants.CLSE], info)
        if command == constants.CLSE:
            raise ServiceRefused(destination.partition(b":")[0].decode("ascii", "replace"))
        return info
