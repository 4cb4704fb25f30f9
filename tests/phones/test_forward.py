"""A port of the phone's here: both ways, many at once, and gone with the phone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from backend.errors import PhoneError
from backend.phones import forward
from backend.phones.forward import Forward
from backend.phones.phone import Phone
from tests.phones.echo import said_back

REMOTE = 27042


@pytest.mark.parametrize("size", [1, 65_537, 5_000_000])
def test_bytes_travel_both_ways(scripted: Any, phone: Phone, echo: int, size: int) -> None:
    scripted.ports[REMOTE] = echo
    data = bytes(range(256)) * (size // 256 + 1)
    with Forward(phone, REMOTE) as open_forward:
        assert said_back(open_forward.port, data[:size]) == data[:size]


def test_connections_do_not_wait_for_one_another(scripted: Any, phone: Phone, echo: int) -> None:
    scripted.ports[REMOTE] = echo
    with Forward(phone, REMOTE) as open_forward, socket.create_connection(("127.0.0.1", open_forward.port), 10):
        assert said_back(open_forward.port, b"second") == b"second"
        assert phone.shell("getprop").ok


def test_a_port_where_nothing_listens_closes_the_connection(phone: Phone) -> None:
    with Forward(phone, REMOTE) as open_forward, socket.create_connection(("127.0.0.1", open_forward.port), 10) as one:
        assert one.recv(1) == b""


def test_it_can_be_asked_whether_something_listens(scripted: Any, phone: Phone, echo: int) -> None:
    assert not forward.answers(phone, REMOTE)
    scripted.ports[REMOTE] = echo
    assert forward.answers(phone, REMOTE)


def test_closing_ends_every_connection_and_thread(
    scripted: Any, phone: Phone, echo: int, eventually: Callable[..., None]
) -> None:
    scripted.ports[REMOTE] = echo
    open_forward = Forward(phone, REMOTE)
    clients = [socket.create_connection(("127.0.0.1", open_forward.port), 10) for _ in range(3)]
    for client in clients:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    open_forward.close()
    for client in clients:
        assert client.recv(1) == b""
        client.close()
    eventually(lambda: not [t for t in threading.enumerate() if t.name.startswith("forward ")])


def test_the_phone_that_leaves_ends_its_connections(scripted: Any, phone: Phone, echo: int) -> None:
    scripted.ports[REMOTE] = echo
    with (
        Forward(phone, REMOTE) as open_forward,
        socket.create_connection(("127.0.0.1", open_forward.port), 10) as client,
    ):
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        scripted.stop()
        assert client.recv(1) == b""


def test_a_stream_that_the_phone_refuses_is_an_error_that_names_it(phone: Phone) -> None:
    with phone.lane() as lane, pytest.raises(PhoneError, match="nothing is at tcp:27042"):
        lane.duplex("tcp:27042")
