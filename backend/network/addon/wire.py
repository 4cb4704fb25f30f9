"""Messages between the addon and the backend, over a pair of sockets that nobody else can open.

A message is a JSON header and a body of bytes::

    u32  length of the header, big-endian      1 .. MOST_HEADER
    u32  length of the body, big-endian        0 .. MOST_BODY
    header: a JSON object in UTF-8, with "type" and, in the first message of the addon, "v": VERSION
    body

From the addon: ``hello`` (v, mitmproxy, pid, port), ``request``, ``response``, ``websocket``, ``pushed`` (each with id,
due and what `backend.network.messages.FlowMessage` holds), ``note`` (what, count, host, client, listener, reason),
``configured`` (number), ``alive`` (every second).
To the addon: ``configure`` (number, and `backend.network.messages.Rules`), ``verdict`` (id and what
`backend.network.messages.FlowVerdict` holds). ``due`` is a reading of the machine's monotonic clock, in seconds.

Only the standard library is used here, because both sides import this file.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

VERSION = 1
MOST_HEADER = 1 << 20
MOST_BODY = 64 << 20
_LENGTHS = struct.Struct(">II")


class WireError(ValueError):
    """The other side does not speak this protocol."""


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """One message.

    Raises:
        WireError: header or body is longer than may be sent.
    """
    head = json.dumps(header, separators=(",", ":")).encode()
    if len(head) > MOST_HEADER or len(body) > MOST_BODY:
        raise WireError(f"a message of {len(head)} + {len(body)} bytes is too long")
    return _LENGTHS.pack(len(head), len(body)) + head + body


class Unpacker:
    """Cuts a stream of bytes into messages. Holds one incomplete message at most."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Every message that `data` completes.

        Raises:
            WireError: a length out of bounds, or a header that is no JSON object with a type.
        """
        self._buffer += data
        while len(self._buffer) >= _LENGTHS.size:
            head_size, body_size = _LENGTHS.unpack_from(self._buffer)
            if not 0 < head_size <= MOST_HEADER or body_size > MOST_BODY:
                raise WireError(f"a message of {head_size} + {body_size} bytes")
            body_at = _LENGTHS.size + head_size
            end = body_at + body_size
            if len(self._buffer) < end:
                return
            with memoryview(self._buffer) as view:
                head, body = bytes(view[_LENGTHS.size : body_at]), bytes(view[body_at:end])
            del self._buffer[:end]
            yield _header(head), body


def _header(head: bytes) -> dict[str, Any]:
    try:
        header = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise WireError("a header that is not JSON") from error
    if not isinstance(header, dict) or not isinstance(header.get("type"), str):
        raise WireError("a header without a type")
    return header
