"""One ADB stream that carries bytes both ways, alone on a connection of its own.

The library's streams take turns: asked for bytes, it holds the connection until some come. A stream both ways cannot
wait for that, so the packets of such a connection are read and written here (AOSP ``adb/protocol.txt``): a WRTE is
answered by an OKAY, and the next WRTE waits for the OKAY to the last.
"""

from __future__ import annotations

import struct
import threading
from typing import Protocol

from adb_shell.adb_message import AdbMessage
from adb_shell.constants import CLSE, OKAY, WRTE

HEADER = struct.Struct("<6I")
LARGEST = 1 << 20
_WRTE, _OKAY, _CLSE = (struct.unpack("<I", command)[0] for command in (WRTE, OKAY, CLSE))


class Link(Protocol):
    """What packets travel over."""

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytearray: ...

    def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int: ...

    def abort(self) -> None: ...


class Duplex:
    """A stream, for one reading thread and one writing thread. `close` may come from any.

    Args:
        link: the connection, on which nobody else reads or writes any more.
        local_id, remote_id: of the open stream.
        max_payload: bytes of one packet that the phone takes.
    """

    def __init__(self, link: Link, local_id: int, remote_id: int, max_payload: int) -> None:
        self._link = link
        self._local_id, self._remote_id = local_id, remote_id
        self._max_payload = max_payload
        self._sending = threading.Lock()
        self._may_write = threading.Event()
        self._may_write.set()
        self._closed = False

    def read(self) -> bytes:
        """The next bytes; waits for them. Empty when the stream has ended, by whomever."""
        while not self._closed:
            try:
                command, payload = self._packet()
                if command == _OKAY:
                    self._may_write.set()
                elif command == _WRTE:
                    self._send(OKAY)
                    return payload
                elif command == _CLSE:
                    break
            except OSError:
                break
        self.close()
        return b""

    def write(self, data: bytes) -> None:
        """Send all of `data`. Somebody must be reading meanwhile: it is `read` that takes the phone's consent.

        Raises:
            ConnectionError: the stream has ended.
        """
        for start in range(0, len(data), self._max_payload):
            self._may_write.wait()
            if self._closed:
                raise ConnectionResetError("the stream has ended")
            self._may_write.clear()
            self._send(WRTE, data[start : start + self._max_payload])

    def close(self) -> None:
        """End the stream and its connection; whoever reads or writes returns."""
        if self._closed:
            return
        self._closed = True
        self._may_write.set()
        self._link.abort()

    def _packet(self) -> tuple[int, bytes]:
        command, _, _, size, _, magic = HEADER.unpack(self._link.bulk_read(HEADER.size, None))
        if command ^ magic != 0xFFFFFFFF or size > LARGEST:
            raise ConnectionAbortedError("what came is no ADB packet")
        return command, bytes(self._link.bulk_read(size, None)) if size else b""

    def _send(self, command: bytes, payload: bytes = b"") -> None:
        message = AdbMessage(command, self._local_id, self._remote_id, payload)
        with self._sending:
            self._link.bulk_write(message.pack() + payload, None)
