"""Whole packets over one socket, with patience for a slow peer and an end to it."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable

from device_agent.virtual_phone.adb.packet import Packet, encode_header, read_packet
from device_agent.virtual_phone.errors import ProtocolError

log = logging.getLogger(__name__)

POLL_S = 1.0
"""How often whoever waits for the socket looks at the clock."""
STALL_TIMEOUT_S = 60.0
"""How long a peer may stop in the middle of a packet, ours or its own, before it counts as dead."""


class Link:
    """A socket of a peer's. One thread may receive; any may send or close.

    Args:
        sock: an accepted socket, which the link owns from now on.
        peer: how messages call the host.
    """

    def __init__(self, sock: socket.socket, peer: str) -> None:
        self._sock = sock
        self._peer = peer
        self._send_lock = threading.Lock()
        self._between_packets = True
        sock.settimeout(POLL_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def receive(self, *, max_payload: int, verify: bool, while_idle: Callable[[], None]) -> Packet:
        """The next packet; see `read_packet` for the arguments.

        Args:
            while_idle: called now and then while no packet has begun; may raise to give up.

        Raises:
            ProtocolError: what came is no packet, or stopped in the middle of one.
            OSError: the peer left.
        """
        self._between_packets = True

        def exactly(size: int) -> bytearray:
            return self._read_exactly(size, while_idle)

        return read_packet(exactly, max_payload=max_payload, verify=verify)

    def send(self, packet: Packet, *, with_checksum: bool) -> None:
        """Send one packet, whole.

        Raises:
            ConnectionError: the peer left, or has read nothing for `STALL_TIMEOUT_S`.
        """
        parts = [memoryview(encode_header(packet, with_checksum=with_checksum)), memoryview(packet.payload)]
        with self._send_lock:
            moved = time.monotonic()
            while parts:
                try:
                    sent = self._sock.sendmsg(parts)
                except TimeoutError:
                    if time.monotonic() - moved > STALL_TIMEOUT_S:
                        log.warning("host %s has read nothing for %g s: disconnected", self._peer, STALL_TIMEOUT_S)
                        self._shut_down()
                        raise ConnectionAbortedError("the host does not read") from None
                    continue
                except OSError as error:
                    raise ConnectionResetError(f"the host left: {error.strerror}") from error
                moved = time.monotonic()
                parts = _after(parts, sent)

    def close(self) -> None:
        """End both directions and wake whoever waits."""
        self._shut_down()
        self._sock.close()

    def _shut_down(self) -> None:
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            log.debug("host %s had left already: %s", self._peer, error)

    def _read_exactly(self, size: int, while_idle: Callable[[], None]) -> bytearray:
        buffer = bytearray(size)
        view, filled, moved = memoryview(buffer), 0, time.monotonic()
        while filled < size:
            try:
                count = self._sock.recv_into(view[filled:])
                self._acknowledge_at_once()
            except TimeoutError:
                if self._between_packets:
                    while_idle()
                elif time.monotonic() - moved > STALL_TIMEOUT_S:
                    raise ProtocolError(f"stopped in the middle of a packet for {STALL_TIMEOUT_S:g} s") from None
                continue
            if count == 0:
                if self._between_packets:
                    raise ConnectionResetError("closed by the host")
                raise ProtocolError("left in the middle of a packet")
            self._between_packets = False
            filled += count
            moved = time.monotonic()
        return buffer

    def _acknowledge_at_once(self) -> None:
        """Spare hosts that send a header and its payload apart 40 ms.

        Nagle's algorithm holds their payload back until the header is acknowledged, and Linux, alone in having this
        option, takes its time with that unless told otherwise.
        """
        if hasattr(socket, "TCP_QUICKACK"):
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _after(parts: list[memoryview], sent: int) -> list[memoryview]:
    """What is left of `parts` when their first `sent` bytes are gone."""
    while parts and sent >= len(parts[0]):
        sent -= len(parts[0])
        parts = parts[1:]
    return [parts[0][sent:], *parts[1:]] if parts else []
