"""The daemon: listens on loopback, gives every host a connection of its own, and survives all of them."""

from __future__ import annotations

import errno
import logging
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from device_agent.virtual_phone.adb.auth import TrustedHosts
from device_agent.virtual_phone.adb.connection import Connection
from device_agent.virtual_phone.adb.services import Services
from device_agent.virtual_phone.device import Device
from device_agent.virtual_phone.errors import VirtualPhoneError

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 64
FEATURES = ("shell_v2", "cmd", "stat_v2", "ls_v2", "fixed_push_mkdir", "sendrecv_v2")
"""What hosts may rely on; each is implemented in `services`."""


class AdbDaemon:
    """``adbd`` for `device`.

    Args:
        device: the phone that the services act on.
        host: the address to listen on; anything but loopback opens the phone to the network.
        port: 0 takes a free one, see `port`.
        trusted_keys: the file of host keys that may connect; by default the phone's own ``/data/misc/adb/adb_keys``.
        accept_first: remember an unknown host the first time that it offers its key. Otherwise it is refused, and its
            client says "unauthorized". A phone with the property ``ro.adb.secure=0`` asks nobody.
        serial: what ``ro.serialno`` says in the shell; by default the device's own property.
    """

    def __init__(
        self,
        device: Device,
        host: str = "127.0.0.1",
        port: int = 5555,
        trusted_keys: Path | None = None,
        accept_first: bool = False,
        serial: str | None = None,
    ) -> None:
        self._device = device
        self._host = host
        self._wanted_port = port
        self._trusted: TrustedHosts | None = None
        if device.properties.get("ro.adb.secure", "1") != "0":
            self._trusted = TrustedHosts(
                trusted_keys or device.root / "data/misc/adb/adb_keys", accept_first=accept_first
            )
        self._services = Services(device, serial)
        self._listener: socket.socket | None = None
        self._lock = threading.Lock()
        self._connections: dict[Connection, threading.Thread] = {}
        self._acceptor: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on.

        Raises:
            VirtualPhoneError: it has not been started.
        """
        if self._listener is None:
            raise VirtualPhoneError("the ADB daemon is not running; call start() first")
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        """Listen and serve in threads of its own.

        Raises:
            VirtualPhoneError: the port is taken, or may not be listened on.
        """
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._wanted_port))
            listener.listen(32)
        except OSError as error:
            listener.close()
            raise VirtualPhoneError(_cannot_listen(self._host, self._wanted_port, error)) from error
        self._listener = listener
        self._acceptor = threading.Thread(target=self._accept, args=(listener,), name="adb acceptor", daemon=True)
        self._acceptor.start()
        log.info("virtual phone: ADB on %s:%d", self._host, self.port)

    def stop(self) -> None:
        """Close the port and all connections, and wait for their threads. Harmless when it does not run."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        try:
            listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        except OSError as error:
            log.debug("listener: %s", error)
        listener.close()
        if self._acceptor is not None:
            self._acceptor.join(5)
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            connection.close()
        for thread in connections.values():
            thread.join(5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, address = listener.accept()
            except OSError:
                if self._listener is None:
                    return
                log.exception("virtual phone: a connection could not be accepted; still listening")
                threading.Event().wait(0.1)  # out of file descriptors, most likely: let some close
                continue
            peer = f"{address[0]}:{address[1]}"
            try:
                self._welcome(sock, peer)
            except (OSError, RuntimeError) as error:  # it left already, or there can be no more threads
                log.warning("host %s could not be served: %s", peer, error)
                sock.close()

    def _welcome(self, sock: socket.socket, peer: str) -> None:
        with self._lock:
            if len(self._connections) >= MAX_CONNECTIONS:
                log.warning("host %s refused: %d hosts are connected already", peer, MAX_CONNECTIONS)
                sock.close()
                return
            connection = Connection(sock, peer, self._banner(), self._trusted, self._services.find)
            thread = threading.Thread(target=self._serve, args=(connection,), name=f"adb {peer}", daemon=True)
            thread.start()
            self._connections[connection] = thread

    def _serve(self, connection: Connection) -> None:
        try:
            connection.run()
        finally:
            with self._lock:
                self._connections.pop(connection, None)

    def _banner(self) -> bytes:
        names = ("ro.product.name", "ro.product.model", "ro.product.device")
        told = [f"{name}={self._device.properties.get(name, 'virtual')}" for name in names]
        return f"device::{';'.join([*told, 'features=' + ','.join(FEATURES)])}".encode()


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; stop the program that uses it, or choose another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} on {host} needs privileges; choose one above 1023 with --port"
    return f"cannot listen on {host}:{port}: {error.strerror}; choose another address or port"
