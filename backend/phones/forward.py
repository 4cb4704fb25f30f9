"""A port of the phone's as a port of this machine's: what ``adb forward`` does, without Google's adb.

Every connection to it travels on an ADB connection of its own.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from backend.errors import PhoneError
from backend.phones.duplex import Duplex
from backend.phones.phone import Phone

log = logging.getLogger(__name__)

CHUNK = 1 << 16
HOST = "127.0.0.1"


def answers(phone: Phone, port: int) -> bool:
    """Whether something on the phone listens on its loopback `port`. Raises PhoneGone."""
    with phone.lane() as lane:
        try:
            lane.duplex(f"tcp:{port}").close()
        except PhoneError as error:
            if type(error) is not PhoneError:
                raise
            return False
    return True


class Forward:
    """Listens on a free loopback port, `port`, while open. Only phones that take lanes can be forwarded to."""

    def __init__(self, phone: Phone, remote_port: int) -> None:
        self._phone, self._remote_port = phone, remote_port
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._closed = False
        self._pairs: dict[Duplex, socket.socket] = {}
        self._threads: list[threading.Thread] = []
        self._spawn(self._accept)

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def close(self) -> None:
        """End all connections and threads."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            pairs = list(self._pairs.items())
        _shut(self._listener)
        self._listener.close()
        for stream, client in pairs:
            stream.close()
            _shut(client)
        for thread in list(self._threads):
            thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _spawn(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name=f"forward {self.port}", daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._spawn(self._carry, client)

    def _carry(self, client: socket.socket) -> None:
        """Copy both ways until either end leaves."""
        with client, self._phone.lane() as lane:
            try:
                stream = lane.duplex(f"tcp:{self._remote_port}")
            except PhoneError as error:
                log.debug("a connection to port %d of %s ended: %s", self._remote_port, self._phone.serial, error)
                return
            with self._lock:
                self._pairs[stream] = client
                closed = self._closed
            if closed:
                stream.close()
            outbound = threading.Thread(
                target=_pump_out, args=(client, stream), name=f"forward {self.port}", daemon=True
            )
            outbound.start()
            try:
                while data := stream.read():
                    client.sendall(data)
            except OSError as error:
                log.debug("the near end of a forward left: %s", error)
            finally:
                stream.close()
                _shut(client)
                outbound.join()
                with self._lock:
                    del self._pairs[stream]


def _pump_out(client: socket.socket, stream: Duplex) -> None:
    try:
        while data := client.recv(CHUNK):
            stream.write(data)
    except OSError as error:
        log.debug("the far end of a forward left: %s", error)
    finally:
        stream.close()


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError as error:
        log.debug("already shut: %s", error)
