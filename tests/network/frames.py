"""The least of RFC 6455 that a test needs, for both ends."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import BinaryIO

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept(key: str) -> str:
    return base64.b64encode(hashlib.sha1(key.encode() + _MAGIC).digest()).decode()


def frame(text: str, masked: bool) -> bytes:
    data = text.encode()
    mask = os.urandom(4) if masked else b""
    size = bytes([len(data) | (0x80 if masked else 0)]) if len(data) < 126 else b""
    assert size, "short messages only"
    payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)) if masked else data
    return b"\x81" + size + mask + payload


def read(stream: BinaryIO) -> str | None:
    """One text message; None when the other side closes."""
    head = stream.read(2)
    if len(head) < 2 or head[0] & 15 == 8:
        return None
    mask = stream.read(4) if head[1] & 0x80 else bytes(4)
    data = stream.read(head[1] & 0x7F)
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)).decode()
