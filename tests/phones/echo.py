"""A server that sends back what it gets, and a client that tells what came back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that sends back what it gets, as long as it gets something."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(client: socket.socket) -> None:
        with client:
            try:
                while data := client.recv(1 << 16):
                    client.sendall(data)
            except ConnectionError:
                return

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(client,)))
            threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for thread in [acceptor, *threads]:
        thread.join(10)
        assert not thread.is_alive()


def said_back(port: int, data: bytes) -> bytes:
    """What comes back of `data` from an echo behind `port`."""
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        got = bytearray()
        while len(got) < len(data) and (part := client.recv(1 << 16)):
            got += part
        sender.join()
        return bytes(got)
