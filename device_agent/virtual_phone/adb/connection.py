"""One host's connection: handshake, then many streams over one link."""

from __future__ import annotations

import itertools
import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable
from functools import partial

from device_agent.virtual_phone.adb import packet as wire
from device_agent.virtual_phone.adb.auth import TOKEN_SIZE, TrustedHosts
from device_agent.virtual_phone.adb.link import Link
from device_agent.virtual_phone.adb.packet import Packet
from device_agent.virtual_phone.adb.reverse import Reverses
from device_agent.virtual_phone.adb.stream import Stream
from device_agent.virtual_phone.errors import ProtocolError, VirtualPhoneError

log = logging.getLogger(__name__)

MAX_STREAMS = 256
HANDSHAKE_TIMEOUT_S = 30.0
"""How long a peer may take to say something that makes sense before it is dropped."""
JOIN_TIMEOUT_S = 4.0
"""How long the services of a host that left may take to end."""

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
        self._link = Link(sock, peer)
        self._reverses = Reverses(self._open_to_host, peer)
        self._banner = banner
        self._trusted = trusted
        self._find_service = find_service
        self._streams_lock = threading.Lock()
        self._streams: dict[int, Stream] = {}
        self._services: set[threading.Thread] = set()
        self._ids = itertools.count(1)
        self._version = wire.VERSION_MIN
        self._max_payload = wire.MAX_PAYLOAD_V1
        self._online = False
        self._token = b""
        self._refusals = 0
        self._started = time.monotonic()

    def run(self) -> None:
        """Serve the connection until it ends and its services have ended too; raises nothing."""
        try:
            while True:
                packet = self._link.receive(
                    max_payload=wire.MAX_PAYLOAD if self._online else wire.MAX_PAYLOAD_V1,
                    verify=self._version < wire.VERSION_SKIP_CHECKSUM,
                    while_idle=self._check_handshake,
                )
                self._handle(packet)
        except ProtocolError as error:
            log.warning("host %s broke the protocol and is disconnected: %s", self.peer, error)
        except OSError as error:
            log.debug("host %s left: %s", self.peer, error)
        finally:
            self.close()
            self._join_services()

    def close(self) -> None:
        """End the connection and wake everything that waits on it."""
        self._reverses.close()
        self._link.close()
        self._abandon_streams()

    # Handshake.

    def _check_handshake(self) -> None:
        """A host that was refused may stay and wait for its owner; one that says nothing may not."""
        if not self._online and not self._refusals and time.monotonic() - self._started > HANDSHAKE_TIMEOUT_S:
            raise ProtocolError(f"no handshake within {HANDSHAKE_TIMEOUT_S:g} s")

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
            log.warning("host %s has %d streams open already; one more is refused", self.peer, MAX_STREAMS)
            self._send(Packet(wire.CLSE, 0, remote_id))
            return
        thread = threading.Thread(
            target=self._serve,
            args=(stream, name),
            # Without the arguments, in which people type their texts: names of threads get into logs.
            name=f"adb {self.peer} {name.partition(':')[0][:20]!r} {stream.local_id}",
            daemon=True,
        )
        with self._streams_lock:
            self._services.add(thread)
        thread.start()

    def _open_to_host(self, name: str) -> Stream:
        """Open a stream to a service of the host's; it may be written to once the host has taken it."""
        stream = Stream(next(self._ids), 0, self._max_payload, self._send)
        with self._streams_lock:
            if len(self._streams) >= MAX_STREAMS:
                raise ConnectionRefusedError(f"{MAX_STREAMS} streams are open already")
            self._streams[stream.local_id] = stream
        stream.on_close(partial(self._forget, stream.local_id))
        self._send(Packet(wire.OPEN, stream.local_id, 0, name.encode() + b"\0"))
        return stream

    def _serve(self, stream: Stream, name: str) -> None:
        try:
            service = self._reverses.find(name) or self._find_service(name)
            stream.accept()
            service(stream)
        except Refused as error:
            log.info("host %s: %s", self.peer, error)
            stream.abandon()
            self._send_or_drop(Packet(wire.CLSE, 0, stream.remote_id))
        except ConnectionError as error:
            log.debug("host %s: stream %d ended early: %s", self.peer, stream.local_id, error)
        except Exception:
            kind = name.partition(":")[0]
            log.exception("host %s: service %r failed; its stream is closed, the rest goes on", self.peer, kind)
        finally:
            self._close_stream(stream)
            with self._streams_lock:
                self._services.discard(threading.current_thread())

    def _close_stream(self, stream: Stream) -> None:
        with self._streams_lock:
            self._streams.pop(stream.local_id, None)
        try:
            stream.close()
        except ConnectionError as error:
            log.debug("host %s left before its stream was closed: %s", self.peer, error)

    def _forget(self, local_id: int) -> None:
        with self._streams_lock:
            self._streams.pop(local_id, None)

    def _route(self, packet: Packet) -> None:
        with self._streams_lock:
            stream = self._streams.get(packet.arg1)
        if stream is not None and stream.remote_id == 0 and packet.command == wire.OKAY:
            stream.remote_id = packet.arg0
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

    def _join_services(self) -> None:
        deadline = time.monotonic() + JOIN_TIMEOUT_S
        with self._streams_lock:
            services = list(self._services)
        for thread in services:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                log.warning("host %s has left, but %s still runs", self.peer, thread.name)

    def _abandon_streams(self) -> None:
        with self._streams_lock:
            streams, self._streams = list(self._streams.values()), {}
        for stream in streams:
            stream.abandon()

    def _send(self, packet: Packet) -> None:
        checked = not self._online or self._version < wire.VERSION_SKIP_CHECKSUM
        self._link.send(packet, with_checksum=checked)

    def _send_or_drop(self, packet: Packet) -> None:
        try:
            self._send(packet)
        except ConnectionError as error:
            log.debug("host %s left before %s: %s", self.peer, wire.name_of(packet.command), error)
