"""The link to an app's process, and the door it comes in by."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_agent.virtual_phone.errors import AppError
from device_agent.virtual_phone.phone import VirtualPhone
from device_agent.virtual_phone.window.pictures import Pictures
from device_agent.virtual_phone.window.scene import Scene
from device_agent.virtual_phone.window.wire import LONGEST_MESSAGE, Link


@pytest.fixture
def ends() -> Iterator[tuple[Link, socket.socket]]:
    ours, theirs = socket.socketpair()
    link = Link(ours)
    yield link, theirs
    link.close()
    theirs.close()


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), values, max_size=5))
@settings(max_examples=40, deadline=None)
def test_a_message_arrives_as_it_was_sent(fields: dict[str, object]) -> None:
    ours, theirs = socket.socketpair()
    sender, receiver = Link(ours), Link(theirs)
    sender.send({**fields, "t": "any"})
    assert receiver.receive() == {**fields, "t": "any"}
    sender.close()
    assert receiver.receive() is None
    receiver.close()


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"t"', b"{}", b'{"t":3}', b"\xff\xfe"])
def test_what_is_no_message_is_refused(ends: tuple[Link, socket.socket], body: bytes) -> None:
    link, peer = ends
    peer.sendall(struct.pack(">I", len(body)) + body)
    with pytest.raises(AppError, match="not"):
        link.receive()


def test_a_message_that_is_too_long_is_refused(ends: tuple[Link, socket.socket]) -> None:
    link, peer = ends
    peer.sendall(struct.pack(">I", LONGEST_MESSAGE + 1))
    with pytest.raises(AppError, match="longest"):
        link.receive()


def test_a_message_that_stops_half_way_is_the_end(ends: tuple[Link, socket.socket]) -> None:
    link, peer = ends
    peer.sendall(struct.pack(">I", 100) + b"{")
    peer.close()
    assert link.receive() is None


def test_sending_to_a_peer_that_is_gone_says_so(ends: tuple[Link, socket.socket]) -> None:
    link, peer = ends
    peer.close()
    with pytest.raises(AppError, match="gone"):
        link.send({"t": "any", "filling": "x" * 10_000_000})


@pytest.mark.parametrize(
    "change",
    [
        ["set", 1, "nonsense", 3],
        ["set", 99, "text", "x"],
        ["add", 1],
        ["paint", 1],
        ["remove", 1, 1],
        [],
        ["pixels", "made/1", 2, 2, 0, 0, 2, 2, "AAAA"],
    ],
)
def test_a_change_the_scene_cannot_apply_is_refused(change: list[object]) -> None:
    scene = Scene(Pictures(seed=1))
    scene.apply([["new", 1, "frame", "android.widget.FrameLayout", "org.test"]])
    with pytest.raises(AppError, match="change"):
        scene.apply([change])


def test_a_stranger_at_the_door_is_turned_away(virtual_phone: VirtualPhone) -> None:
    port = virtual_phone._server._port
    for first in (b"GET / HTTP/1.1\r\n\r\n", struct.pack(">I", 30) + b'{"t":"hello","token":"guess"  }'):
        with socket.create_connection(("127.0.0.1", port), 5) as stranger:
            stranger.settimeout(15)
            stranger.sendall(first[:34])
            stranger.shutdown(socket.SHUT_WR)
            assert stranger.recv(1) == b""
    assert virtual_phone.foreground() is not None
