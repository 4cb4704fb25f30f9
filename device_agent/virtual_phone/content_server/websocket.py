"""The server's end of a WebSocket (RFC 6455): texts go out; of what comes in, only pings and the close are answered."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import queue
import select
import socket
import ssl

from device_agent.virtual_phone.errors import ProtocolError

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
LONGEST_FRAME = 64 * 1024
WRITE_S = 10.0
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_key(key: str) -> str:
    """What ``Sec-WebSocket-Accept`` says to a client's ``Sec-WebSocket-Key``."""
    return base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()


def encode(opcode: int, payload: bytes) -> bytes:
    """A whole message in one frame, not masked, of up to 65535 bytes."""
    head = bytes([0x80 | opcode])
    if len(payload) < 126:
        return head + bytes([len(payload)]) + payload
    return head + bytes([126]) + len(payload).to_bytes(2, "big") + payload


def take_frame(data: bytearray) -> tuple[int, bytes] | None:
    """Remove the first frame of a client from `data`: its opcode and payload; None while it is not complete.

    Raises:
        ProtocolError: it is too long, or not masked as a client's must be.
    """
    if len(data) < 2:
        return None
    length, start = data[1] & 0x7F, 2
    if length >= 126:
        start = 4 if length == 126 else 10
        length = int.from_bytes(data[2:start], "big")
    if not data[1] & 0x80 or (length > LONGEST_FRAME and len(data) >= start):
        raise ProtocolError("a client's WebSocket frame is not masked, or too long")
    if len(data) < start + 4 + length:
        return None
    mask, body = data[start : start + 4], data[start + 4 : start + 4 + length]
    opcode = data[0] & 0x0F
    del data[: start + 4 + length]
    return opcode, bytes(byte ^ mask[i % 4] for i, byte in enumerate(body))


class WebSocket:
    """One connection. Any thread may `send`; one thread runs `serve`, which alone touches the connection."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self._connection = connection
        self._outgoing: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._woken, self._waking = socket.socketpair()
        self._incoming = bytearray()

    def send(self, text: str) -> None:
        self._outgoing.put(encode(TEXT, text.encode()))
        with contextlib.suppress(OSError):  # it ended meanwhile
            self._waking.send(b"!")

    def serve(self) -> None:
        """Until either side closes.

        Raises:
            OSError: the connection broke.
            ProtocolError: the client broke the protocol.
        """
        with self._woken, self._waking:
            while True:
                waiting = self._connection.pending() > 0
                ready, _, _ = select.select([self._connection, self._woken], [], [], 0 if waiting else None)
                if self._woken in ready:
                    self._woken.recv(1 << 12)
                if (waiting or self._connection in ready) and not self._read():
                    return
                self._flush()

    def _flush(self) -> None:
        self._connection.settimeout(WRITE_S)
        with contextlib.suppress(queue.Empty):
            while True:
                self._connection.sendall(self._outgoing.get_nowait())

    def _read(self) -> bool:
        """Take what came; False when the connection is at its end."""
        self._connection.settimeout(0)
        try:
            data = self._connection.recv(1 << 12)
        except ssl.SSLWantReadError:  # a part of a record
            return True
        self._incoming += data
        while (frame := take_frame(self._incoming)) is not None:
            opcode, payload = frame
            if opcode == PING:
                self._outgoing.put(encode(PONG, payload))
            elif opcode == CLOSE:
                self._outgoing.put(encode(CLOSE, payload))
                self._flush()
                return False
        return bool(data)
