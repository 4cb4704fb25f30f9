"""A port of ours on the phone: both ways, many at once, gone with the link and made anew with it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.errors import PhoneError, PhoneGone
from backend.phones.phone import Phone
from backend.phones.reverse import Reverse


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


def _said_back(port: int, data: bytes) -> bytes:
    """What a process of the phone gets back from the echo on this machine."""
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        got = bytearray()
        while len(got) < len(data) and (part := client.recv(1 << 16)):
            got += part
        sender.join()
        return bytes(got)


@pytest.mark.parametrize("size", [1, 65_537, 5_000_000])
def test_bytes_travel_both_ways(phone: Phone, echo: int, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    with Reverse(phone, echo) as reverse:
        assert reverse.port != echo
        assert _said_back(reverse.port, data[:size]) == data[:size]


def test_a_connection_that_says_nothing_keeps_no_other_waiting(phone: Phone, echo: int) -> None:
    with Reverse(phone, echo) as reverse, socket.create_connection(("127.0.0.1", reverse.port), 10):
        assert _said_back(reverse.port, b"second") == b"second"
        assert phone.shell("getprop").ok


def test_where_nobody_listens_here_the_phone_is_told_so(phone: Phone) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = taken.getsockname()[1]
    with Reverse(phone, nobody) as reverse, socket.create_connection(("127.0.0.1", reverse.port), 10) as one:
        assert one.recv(1) == b""


def test_closing_ends_the_port_every_connection_and_every_thread(
    phone: Phone, echo: int, eventually: Callable[..., None]
) -> None:
    reverse = Reverse(phone, echo)
    clients = [socket.create_connection(("127.0.0.1", reverse.port), 10) for _ in range(3)]
    for client in clients:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    reverse.close()
    for client in clients:
        assert client.recv(1) == b""
        client.close()

    def refused() -> bool:
        try:
            socket.create_connection(("127.0.0.1", reverse.port), 10).close()
        except ConnectionRefusedError:
            return True
        return False

    eventually(refused)
    eventually(lambda: not [t for t in threading.enumerate() if "reverse" in t.name])


def test_the_port_is_there_again_when_the_phone_is(
    scripted: Any, phone: Phone, echo: int, eventually: Callable[..., None]
) -> None:
    with Reverse(phone, echo) as reverse:
        scripted.stop()
        eventually(lambda: not reverse.is_up)
        scripted.start()
        eventually(lambda: reverse.is_up)
        assert _said_back(reverse.port, b"again") == b"again"


def test_a_port_that_is_taken_on_the_phone_is_an_error_in_its_words(phone: Phone, echo: int) -> None:
    with pytest.raises(PhoneError, match="cannot bind"):
        Reverse(phone, echo, remote_port=echo)


def test_a_phone_that_is_away_is_an_error(scripted: Any, phone: Phone, echo: int) -> None:
    scripted.stop()
    with pytest.raises(PhoneGone):
        Reverse(phone, echo)
