"""``reverse:``: ports of the phone's own loopback that lead to the host (AOSP ``adb/SERVICES.TXT``).

They belong to the connection on which they were asked for, and end with it.
"""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Callable
from functools import partial

from device_agent.virtual_phone.adb.forward import relay
from device_agent.virtual_phone.adb.stream import Stream, StreamClosed

log = logging.getLogger(__name__)

_FORWARD = re.compile(r"forward:(norebind:)?tcp:(\d{1,5});(\w+:.+)")
_KILL = re.compile(r"killforward:tcp:(\d{1,5})")


class Reverses:
    """The reversed ports of one connection.

    Args:
        open_to_host: opens a stream to a service of the host's, such as ``tcp:8080``; raises ConnectionError.
        peer: how messages call the host.
    """

    def __init__(self, open_to_host: Callable[[str], Stream], peer: str) -> None:
        self._open_to_host, self._peer = open_to_host, peer
        self._lock = threading.Lock()
        self._ports: dict[int, tuple[socket.socket, str]] = {}

    def find(self, name: str) -> Callable[[Stream], None] | None:
        """What serves the stream that OPEN names, if that is one of these services."""
        kind, colon, request = name.partition(":")
        if kind != "reverse" or not colon:
            return None
        return partial(self._serve, request)

    def close(self) -> None:
        """No port listens any more; what came in through them ends with the connection."""
        for port in list(self._ports):
            self._remove(port)

    def _serve(self, request: str, stream: Stream) -> None:
        stream.write(self._answer(request))

    def _answer(self, request: str) -> bytes:
        if asked := _FORWARD.fullmatch(request):
            return self._add(int(asked[2]), asked[3], rebind=not asked[1])
        if asked := _KILL.fullmatch(request):
            return b"OKAY" if self._remove(int(asked[1])) else _failure(f"listener 'tcp:{asked[1]}' not found")
        if request == "killforward-all":
            self.close()
            return b"OKAY"
        if request == "list-forward":
            lines = (f"(reverse) tcp:{port} {target}\n" for port, (_, target) in sorted(self._ports.items()))
            return _counted("".join(lines))
        return _failure(f"unknown reverse request: {request[:80]}")

    def _add(self, port: int, target: str, rebind: bool) -> bytes:
        with self._lock:
            if port in self._ports:
                if not rebind:
                    return _failure(f"cannot rebind existing socket: tcp:{port}")
                self._ports[port] = self._ports[port][0], target
                return b"OKAY"
            try:
                listener = socket.create_server(("127.0.0.1", port))
            except (OSError, OverflowError) as error:
                return _failure(f"cannot bind listener: {error}")
            bound = int(listener.getsockname()[1])
            self._ports[bound] = listener, target
        threading.Thread(
            target=self._accept, args=(bound, listener), name=f"adb {self._peer} reverse {bound}", daemon=True
        ).start()
        return b"OKAY" if port else b"OKAY" + _counted(str(bound))

    def _remove(self, port: int) -> bool:
        with self._lock:
            listener, _ = self._ports.pop(port, (None, ""))
        if listener is None:
            return False
        try:
            listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        except OSError as error:
            log.debug("reverse: %s", error)
        listener.close()
        return True

    def _accept(self, port: int, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError as error:
                log.debug("reverse port %d ended: %s", port, error)
                return
            _, target = self._ports.get(port, (None, ""))
            threading.Thread(
                target=self._carry, args=(sock, target), name=f"adb {self._peer} reverse {port}", daemon=True
            ).start()

    def _carry(self, sock: socket.socket, target: str) -> None:
        try:
            relay(self._open_to_host(target), sock)
        except (StreamClosed, ConnectionError) as error:
            log.debug("host %s took no more from a reversed port: %s", self._peer, error)
        finally:
            sock.close()


def _counted(text: str) -> bytes:
    return f"{len(text):04x}{text}".encode()


def _failure(message: str) -> bytes:
    return b"FAIL" + _counted(message)
