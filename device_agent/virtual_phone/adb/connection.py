"""One host's connection: handshake, then many streams over one socket."""

from __future__ import annotations

import itertools
import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable

from device_agent.virtual_phone.adb import packet as wire
from device_agent.virtual_phone.adb.auth import TOKEN_SIZE, TrustedHosts
from device_agent.virtual_phone.adb.packet import Packet
from device_agent.virtual_phone.adb.stream import Stream
from device_agent.virtual_phone.errors import ProtocolError, VirtualPhoneError

log = logging.getLogger(__name__)

MAX_STREAMS = 256
HANDSHAKE_TIMEOUT_S = 30.0
"""How long a peer may take to say something that makes sense before it is dropped."""
POLL_S = 1.0
"""How often a waiting connection looks at the clock."""
STALL_TIMEOUT_S = 60.0
"""How long a peer may stop in the middle of a packet, ours or its own, before it counts as dead."""

Service = Callable[[Stream], None]


class Refused(VirtualPhoneError):
    """A stream cannot be opened; the host is told by a CLSE, as by a phone."""


class Connection:
    """Reads packets until the peer leaves or breaks the protocol. `run` belongs to one thread; each stream has its own.

    Args:
        sock: the accepted socket, which the connection owns from now on.
        peer: how messages call the host: ``127.0.0.1:40312``.
        banner: what CNXN tells: ``device::ro.product.name=...;features=...``.
        trusted: who may come in; None lets everybody (``ro.adb.secure=0``).
        find_service: from the name in OPEN to what runs; raises `Refused`.
    """

    def __init__(
        self,
        sock: socket.socket,
        peer: str,
        banner: bytes,
        trusted: TrustedHosts | None,
        find_service: Callable[[str], Service],
    ) -> None:
        self.peer = peer
        self._sock = sock
        self._banner = banner
        self._trusted = trusted
        self._find_service = find_service
        self._send_lock = threading.Lock()
        self._streams_lock = threading.Lock()
        self._streams: dict[int, Stream] = {}
        self._ids = itertools.count(1)
        self._version = wire.VERSION_MIN
        self._max_payload = wire.MAX_PAYLOAD_V1
        self._online = False
        self._token = b""
        self._refusals = 0
        self._started = time.monotonic()
        # One timeout for both directions: the reader uses it to look at the clock, the writer as its patience.
        sock.settimeout(POLL_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def run(self) -> None:
        """Serve the connection until it ends; raises nothing."""
        try:
            while True:
                limit = wire.MAX_PAYLOAD if self._online else wire.MAX_PAYLOAD_V1
                verify = self._version < wire.VERSION_SKIP_CHECKSUM
                self._handle(wire.read_packet(self._read_exactly, max_payload=limit, verify=verify))
        except ProtocolError as error:
            log.warning("host %s broke the protocol and is disconnected: %s", self.peer, error)
        except OSError as error:
            log.debug("host %s left: %s", self.peer, error)
        finally:
            self.close()

    def close(self) -> None:
        """End the connection and wake everything that waits on it."""
        self._shut_down()
        self._sock.close()
        self._abandon_streams()

    # Handshake.

    def _handle(self, packet: Packet) -> None:
        if packet.command == wire.CNXN:
            self._connect(packet)
        elif packet.command == wire.AUTH:
            self._authenticate(packet)
        elif not self._online:
            raise ProtocolError(f"{wire.name_of(packet.command)} before the connection is established")
        elif packet.command == wire.OPEN:
            self._open(packet)
        elif packet.command in (wire.OKAY, wire.WRTE, wire.CLSE):
            self._route(packet)
        else:
            log.debug("host %s sent %#010x, which nobody knows; ignored", self.peer, packet.command)

    def _connect(self, packet: Packet) -> None:
        if packet.arg0 < wire.VERSION_MIN or packet.arg1 < 1:
            raise ProtocolError(f"CNXN with version {packet.arg0:#x} and payload limit {packet.arg1}")
        self._abandon_streams()
        self._online = False
        self._version = min(packet.arg0, wire.VERSION_SKIP_CHECKSUM)
        self._max_payload = min(packet.arg1, wire.MAX_PAYLOAD)
        if self._trusted is None:
            self._go_online()
        else:
            self._ask_for_signature()

    def _ask_for_signature(self) -> None:
        self._token = secrets.token_bytes(TOKEN_SIZE)
        self._send(Packet(wire.AUTH, wire.AUTH_TOKEN, 0, self._token))

    def _authenticate(self, packet: Packet) -> None:
        trusted, payload = self._trusted, bytes(packet.payload)
        if trusted is None or self._online or not self._token:
            raise ProtocolError("AUTH that nobody asked for")
        if packet.arg0 == wire.AUTH_SIGNATURE:
            token, self._token = self._token, b""
            if trusted.verify(token, payload):
                self._go_online()
            else:
                self._ask_for_signature()
        elif packet.arg0 == wire.AUTH_RSAPUBLICKEY:
            if trusted.offer(payload):
                self._go_online()
            elif self._refusals == 0:
                # Once, so that a host with another key can try it. Google's client answers every token with the same
                # key again, so a second answer would start an endless exchange; a phone stays silent too.
                self._refusals += 1
                self._ask_for_signature()
        else:
            raise ProtocolError(f"AUTH of kind {packet.arg0}")

    def _go_online(self) -> None:
        self._send(Packet(wire.CNXN, wire.VERSION_SKIP_CHECKSUM, wire.MAX_PAYLOAD, self._banner))
        self._online = True
        log.info("host %s connected (version %#x, payload %d)", self.peer, self._version, self._max_payload)

    # Streams.

    def _open(self, packet: Packet) -> None:
        remote_id = packet.arg0
        if remote_id == 0:
            raise ProtocolError("OPEN with stream id 0")
        name = bytes(packet.payload).rstrip(b"\0").decode("utf-8", "surrogateescape")
        stream = Stream(next(self._ids), remote_id, self._max_payload, self._send)
        with self._streams_lock:
            full = len(self._streams) >= MAX_STREAMS
            if not full:
                self._streams[stream.local_id] = stream
        if full:
            log.warning("host %s has %d streams open; %r is refused", self.peer, MAX_STREAMS, name)
            self._send(Packet(wire.CLSE, 0, remote_id))
            return
        threading.Thread(
            target=self._serve, args=(stream, name), name=f"adb {self.peer} {name[:40]!r}", daemon=True
        ).start()

    def _serve(self, stream: Stream, name: str) -> None:
        try:
            service = self._find_service(name)
            stream.accept()
            service(stream)
        except Refused as error:
            log.info("host %s: %s", self.peer, error)
            stream.abandon()
            self._send_or_drop(Packet(wire.CLSE, 0, stream.remote_id))
        except ConnectionError as error:
            log.debug("host %s: %r ended early: %s", self.peer, name, error)
        except Exception:
            log.exception("host %s: service %r failed; its stream is closed, the rest goes on", self.peer, name)
        finally:
            self._close_stream(stream)

    def _close_stream(self, stream: Stream) -> None:
        with self._streams_lock:
            self._streams.pop(stream.local_id, None)
        try:
            stream.close()
        except ConnectionError as error:
            log.debug("host %s left before its stream was closed: %s", self.peer, error)

    def _route(self, packet: Packet) -> None:
        with self._streams_lock:
            stream = self._streams.get(packet.arg1)
        if stream is None or (packet.arg0 not in (0, stream.remote_id)):
            return  # it closed while this packet was under way
        if packet.command == wire.OKAY:
            stream.acknowledge()
        elif packet.command == wire.WRTE:
            stream.deliver(packet.payload)
        else:
            with self._streams_lock:
                self._streams.pop(stream.local_id, None)
            stream.close()

    def _abandon_streams(self) -> None:
        with self._streams_lock:
            streams, self._streams = list(self._streams.values()), {}
        for stream in streams:
            stream.abandon()

    # The socket.

    def _shut_down(self) -> None:
        """End both directions, which wakes whoever waits on the socket."""
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            log.debug("host %s had left already: %s", self.peer, error)

    def _read_exactly(self, size: int) -> bytearray:
        buffer = bytearray(size)
        view, filled, stalled_since = memoryview(buffer), 0, time.monotonic()
        while filled < size:
            try:
                count = self._sock.recv_into(view[filled:])
                self._acknowledge_at_once()
            except TimeoutError:
                now = time.monotonic()
                if not self._online and now - self._started > HANDSHAKE_TIMEOUT_S and not self._refusals:
                    raise ProtocolError(f"no handshake within {HANDSHAKE_TIMEOUT_S:g} s") from None
                if filled and now - stalled_since > STALL_TIMEOUT_S:
                    raise ProtocolError(f"stopped in the middle of a packet for {STALL_TIMEOUT_S:g} s") from None
                continue
            if count == 0:
                if filled:
                    raise ProtocolError(f"left in the middle of a packet ({filled} of {size} bytes)")
                raise ConnectionResetError("closed by the host")
            filled += count
            stalled_since = time.monotonic()
        return buffer

    def _acknowledge_at_once(self) -> None:
        """Spare hosts that send a header and its payload apart 40 ms.

        Nagle's algorithm holds their payload back until the header is acknowledged, and Linux, alone in having this
        option, takes its time with that unless told otherwise.
        """
        if hasattr(socket, "TCP_QUICKACK"):
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _send(self, packet: Packet) -> None:
        """Send one packet, whole.

        Raises:
            ConnectionError: the host left, or has read nothing for `STALL_TIMEOUT_S`.
        """
        checked = not self._online or self._version < wire.VERSION_SKIP_CHECKSUM
        parts = [memoryview(wire.encode_header(packet, with_checksum=checked)), memoryview(packet.payload)]
        with self._send_lock:
            moved = time.monotonic()
            while parts:
                try:
                    sent = self._sock.sendmsg(parts)
                except TimeoutError:
                    if time.monotonic() - moved > STALL_TIMEOUT_S:
                        log.warning("host %s has read nothing for %g s: disconnected", self.peer, STALL_TIMEOUT_S)
                        self._shut_down()
                        raise ConnectionAbortedError("the host does not read") from None
                    continue
                except OSError as error:
                    raise ConnectionResetError(f"the host left: {error.strerror}") from error
                moved = time.monotonic()
                parts = _after(parts, sent)

    def _send_or_drop(self, packet: Packet) -> None:
        try:
            self._send(packet)
        except ConnectionError as error:
            log.debug("host %s left before %s: %s", self.peer, wire.name_of(packet.command), error)


def _after(parts: list[memoryview], sent: int) -> list[memoryview]:
    """What is left of `parts` when their first `sent` bytes are gone."""
    while parts and sent >= len(parts[0]):
        sent -= len(parts[0])
        parts = parts[1:]
    return [parts[0][sent:], *parts[1:]] if parts else []
