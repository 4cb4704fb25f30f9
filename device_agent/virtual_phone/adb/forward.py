"""``tcp:PORT``: a stream to a port on the host's own loopback, where the phone's processes listen."""

from __future__ import annotations

import logging
import socket
import threading

from device_agent.virtual_phone.adb.stream import Stream

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5.0


def connect(port: int) -> socket.socket:
    """A connection to a loopback port.

    Raises:
        OSError: nobody listens there.
    """
    sock = socket.create_connection(("127.0.0.1", port), CONNECT_TIMEOUT_S)
    sock.settimeout(None)
    return sock


def relay(stream: Stream, sock: socket.socket) -> None:
    """Copy both ways until either side ends.

    Raises:
        StreamClosed: the host left first.
    """
    stream.on_close(lambda: _shut(sock))
    inbound = threading.Thread(target=_to_socket, args=(stream, sock), name="adb forward", daemon=True)
    inbound.start()
    try:
        for data in iter(lambda: sock.recv(stream.max_payload), b""):
            stream.write(data)
    except ConnectionError as error:
        log.debug("forward: %s", error)
    finally:
        stream.close()
        inbound.join()
        sock.close()


def _to_socket(stream: Stream, sock: socket.socket) -> None:
    try:
        for data in iter(stream.read, b""):
            sock.sendall(data)
    except OSError as error:
        log.debug("forward: %s", error)
        _shut(sock)


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError as error:
        log.debug("forward: %s", error)
