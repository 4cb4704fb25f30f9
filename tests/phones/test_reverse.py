"""A port of ours on the phone: both ways, many at once, gone with the link and made anew with it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from backend.errors import PhoneError, PhoneGone
from backend.phones.phone import Phone
from backend.phones.reverse import Reverse
from tests.phones.echo import said_back


@pytest.mark.parametrize("size", [1, 65_537, 5_000_000])
def test_bytes_travel_both_ways(phone: Phone, echo: int, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    with Reverse(phone, echo) as reverse:
        assert reverse.port != echo
        assert said_back(reverse.port, data[:size]) == data[:size]


def test_a_connection_that_says_nothing_keeps_no_other_waiting(phone: Phone, echo: int) -> None:
    with Reverse(phone, echo) as reverse, socket.create_connection(("127.0.0.1", reverse.port), 10):
        assert said_back(reverse.port, b"second") == b"second"
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
        assert said_back(reverse.port, b"again") == b"again"


def test_a_port_that_is_taken_on_the_phone_is_an_error_in_its_words(phone: Phone, echo: int) -> None:
    with pytest.raises(PhoneError, match="cannot bind"):
        Reverse(phone, echo, remote_port=echo)


def test_a_phone_that_is_away_is_an_error(scripted: Any, phone: Phone, echo: int) -> None:
    scripted.stop()
    with pytest.raises(PhoneGone):
        Reverse(phone, echo)
