"""The packets of ``shell,v2`` (``adb/shell_protocol.h``): one byte id, four bytes length (little-endian), payload."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from backend.errors import PhoneError

_HEADER = struct.Struct("<BI")
_STDOUT, _STDERR, _EXIT = 1, 2, 3
MAX_PACKET = 16 << 20


@dataclass(frozen=True, slots=True)
class ShellResult:
    """What a command on the phone wrote, and its exit code."""

    out: str
    err: str
    code: int

    @property
    def ok(self) -> bool:
        return self.code == 0


def read_shell(serial: str, chunks: Iterable[bytes]) -> ShellResult:
    """The result that `chunks`, cut anywhere, add up to.

    Raises:
        PhoneError: when they end before the exit code, or claim a packet beyond `MAX_PACKET`.
    """
    buffer = bytearray()
    parts: dict[int, bytearray] = {_STDOUT: bytearray(), _STDERR: bytearray()}
    code: int | None = None
    for chunk in chunks:
        buffer += chunk
        while len(buffer) >= _HEADER.size:
            kind, length = _HEADER.unpack_from(buffer)
            if length > MAX_PACKET:
                raise PhoneError(serial, f"its shell announced a packet of {length} bytes", "reconnect the phone")
            end = _HEADER.size + length
            if len(buffer) < end:
                break
            payload = bytes(buffer[_HEADER.size : end])
            del buffer[:end]
            if kind == _EXIT and payload:
                code = payload[0]
            elif kind in parts:
                parts[kind] += payload
    if code is None:
        raise PhoneError(serial, "its shell ended without an exit code", "reconnect the phone and try again")
    out, err = (parts[kind].decode("utf-8", "replace") for kind in (_STDOUT, _STDERR))
    return ShellResult(out, err, code)
