"""A stream both ways, against whatever the other end sends."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.phones.duplex import HEADER, Duplex

WRTE, OKAY, CLSE = (struct.unpack("<I", name)[0] for name in (b"WRTE", b"OKAY", b"CLSE"))


def packet(command: int, payload: bytes = b"", magic: int | None = None) -> bytes:
    return HEADER.pack(command, 7, 1, len(payload), 0, command ^ 0xFFFFFFFF if magic is None else magic) + payload


class Wire:
    """What the other end sends, and what it is sent; it hangs up when it has sent all."""

    def __init__(self, incoming: bytes) -> None:
        self.incoming = incoming
        self.sent: list[tuple[int, bytes]] = []
        self.aborted = False

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytearray:
        data, self.incoming = self.incoming[:numbytes], self.incoming[numbytes:]
        if len(data) < numbytes:
            raise ConnectionResetError("the other end hung up")
        return bytearray(data)

    def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int:
        self.sent.append((HEADER.unpack(data[: HEADER.size])[0], data[HEADER.size :]))
        return len(data)

    def abort(self) -> None:
        self.aborted = True


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=10))
def test_what_comes_is_read_in_order_and_each_packet_acknowledged(parts: list[bytes]) -> None:
    wire = Wire(b"".join(packet(WRTE, part) for part in parts) + packet(CLSE))
    stream = Duplex(wire, 1, 7, 4096)
    read = []
    while data := stream.read():
        read.append(data)
    assert read == parts
    assert [command for command, _ in wire.sent] == [OKAY] * len(parts)
    assert wire.aborted


@given(st.binary(max_size=200))
def test_no_bytes_whatever_they_are_do_more_than_end_it(noise: bytes) -> None:
    wire = Wire(noise)
    stream = Duplex(wire, 1, 7, 4096)
    while stream.read():
        pass
    assert wire.aborted
    with pytest.raises(ConnectionError):
        stream.write(b"x")


@pytest.mark.parametrize("bad", [packet(WRTE, b"x", magic=0), HEADER.pack(WRTE, 7, 1, 1 << 30, 0, WRTE ^ 0xFFFFFFFF)])
def test_a_packet_that_is_none_or_too_long_ends_it_before_it_is_read(bad: bytes) -> None:
    assert Duplex(Wire(bad + bytes(100)), 1, 7, 4096).read() == b""


@given(st.binary(min_size=1, max_size=300), st.integers(1, 64))
def test_what_is_written_travels_in_packets_that_the_phone_takes(data: bytes, most: int) -> None:
    count = -(-len(data) // most)
    wire = Wire(packet(OKAY) * count)
    stream = Duplex(wire, 1, 7, most)
    for start in range(0, len(data), most):
        stream.write(data[start : start + most])
        stream._may_write.set()  # as the reading thread does for each OKAY
    assert b"".join(payload for _, payload in wire.sent) == data
    assert all(len(payload) <= most for _, payload in wire.sent)
