"""One stream of a connection: bytes both ways, at most one unacknowledged packet in each direction."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from device_agent.virtual_phone.adb.packet import CLSE, OKAY, WRTE, Buffer, Packet
from device_agent.virtual_phone.errors import ProtocolError

log = logging.getLogger(__name__)


class StreamClosed(ConnectionError):
    """The peer closed the stream, or its connection ended, while somebody still wrote to it."""


class Stream:
    """A service's end of a stream, for one reading thread and any number of writing ones.

    Flow control: a WRTE is acknowledged when `read` takes it, so a service that does not read slows its own peer only;
    `write` waits for the peer's OKAY between packets, so a slow reader slows its own service only.

    A stream that this side opens has `remote_id` 0 until the peer's first OKAY tells it.
    """

    def __init__(self, local_id: int, remote_id: int, max_payload: int, send: Callable[[Packet], None]) -> None:
        self.local_id = local_id
        self.remote_id = remote_id
        self.max_payload = max_payload
        self._send = send
        self._changed = threading.Condition()
        self._inbound: Buffer | None = None
        self._may_write = remote_id != 0
        self._closed = False
        self._on_close: list[Callable[[], None]] = []

    @property
    def closed(self) -> bool:
        return self._closed

    def on_close(self, callback: Callable[[], None]) -> None:
        """Call `callback` once when the stream closes (now, if it has)."""
        with self._changed:
            if not self._closed:
                self._on_close.append(callback)
                return
        callback()

    def read(self) -> bytes:
        """The next payload; waits for it. Empty when the stream is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._inbound is not None or self._closed)
            payload, self._inbound = self._inbound, None
            if payload is None:
                return b""
        try:
            if not self._closed:
                self._send(Packet(OKAY, self.local_id, self.remote_id))
        except ConnectionError as error:
            log.debug("stream %d ended while it was read: %s", self.remote_id, error)
        return bytes(payload)

    def write(self, data: Buffer) -> None:
        """Send all of `data`, in packets of at most `max_payload` bytes, between which other threads' may come.

        Raises:
            StreamClosed: the peer will not take any more.
        """
        view = memoryview(data).cast("B")
        for start in range(0, len(view), self.max_payload):
            with self._changed:
                self._changed.wait_for(lambda: self._may_write or self._closed)
                if self._closed:
                    raise StreamClosed("the stream is closed")
                self._may_write = False
            self._send(Packet(WRTE, self.local_id, self.remote_id, view[start : start + self.max_payload]))

    def accept(self) -> None:
        """Tell the peer that its OPEN succeeded."""
        self._send(Packet(OKAY, self.local_id, self.remote_id))

    def close(self) -> None:
        """Tell the peer, once, that nothing more follows."""
        if self._end():
            self._send(Packet(CLSE, self.local_id, self.remote_id))

    # What the connection's reader calls.

    def deliver(self, payload: Buffer) -> None:
        """A WRTE came.

        Raises:
            ProtocolError: it came before the one before was acknowledged.
        """
        with self._changed:
            if self._closed:
                return
            if self._inbound is not None:
                raise ProtocolError(f"WRTE on stream {self.remote_id} before the last one was acknowledged")
            self._inbound = payload
            self._changed.notify_all()

    def acknowledge(self) -> None:
        """An OKAY came."""
        with self._changed:
            self._may_write = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """The connection is gone: wake everybody, send nothing."""
        self._end()

    def _end(self) -> bool:
        with self._changed:
            if self._closed:
                return False
            self._closed = True
            callbacks, self._on_close = self._on_close, []
            self._changed.notify_all()
        for callback in callbacks:
            callback()
        return True
