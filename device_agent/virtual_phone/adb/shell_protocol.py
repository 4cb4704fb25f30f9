"""The packets inside a ``shell,v2`` stream: one byte of kind, four of length, then data (AOSP ``shell_protocol.h``)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from device_agent.virtual_phone.errors import ProtocolError

STDIN = 0
STDOUT = 1
STDERR = 2
EXIT = 3
CLOSE_STDIN = 4
WINDOW_SIZE = 5

HEADER = struct.Struct("<BI")
MAX_DATA = 1024 * 1024


def encode(kind: int, data: bytes | bytearray | memoryview) -> bytes:
    return HEADER.pack(kind, len(data)) + bytes(data)


class Decoder:
    """Packets from the pieces in which they arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The packets, as ``(kind, data)``, that are complete with `data`.

        Raises:
            ProtocolError: one is over `MAX_DATA` bytes.
        """
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            kind, length = HEADER.unpack_from(self._buffer)
            if length > MAX_DATA:
                raise ProtocolError(f"shell packet of {length} bytes is over the limit of {MAX_DATA}")
            end = HEADER.size + length
            if len(self._buffer) < end:
                return
            packet = bytes(self._buffer[HEADER.size : end])
            del self._buffer[:end]
            yield kind, packet
