"""The packet codec: what is written is read, and nothing else is."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent.virtual_phone.adb import packet as wire
from device_agent.virtual_phone.adb import shell_protocol as v2
from device_agent.virtual_phone.adb.packet import Packet
from device_agent.virtual_phone.errors import ProtocolError

WORD = st.integers(0, 0xFFFFFFFF)


def reader(data: bytes):
    stream = io.BytesIO(data)

    def exactly(size: int) -> bytes:
        part = stream.read(size)
        if len(part) < size:
            raise EOFError
        return part

    return exactly


def encoded(packet: Packet, *, with_checksum: bool = True) -> bytes:
    return wire.encode_header(packet, with_checksum=with_checksum) + bytes(packet.payload)


@given(WORD, WORD, WORD, st.binary(max_size=5000), st.booleans())
def test_a_packet_survives_the_wire(command: int, arg0: int, arg1: int, payload: bytes, checked: bool) -> None:
    packet = Packet(command, arg0, arg1, payload)
    read = wire.read_packet(reader(encoded(packet, with_checksum=checked)), max_payload=5000, verify=checked)
    assert (read.command, read.arg0, read.arg1, bytes(read.payload)) == (command, arg0, arg1, payload)


@given(st.binary(max_size=5000))
def test_the_checksum_is_the_sum_of_the_bytes(payload: bytes) -> None:
    assert wire.checksum(payload) == sum(payload)


def test_the_checksum_of_a_large_payload_does_not_overflow() -> None:
    assert wire.checksum(b"\xff" * wire.MAX_PAYLOAD) == 255 * wire.MAX_PAYLOAD


@given(st.binary(min_size=24, max_size=200))
def test_random_bytes_are_a_packet_or_a_protocol_error(data: bytes) -> None:
    try:
        read = wire.read_packet(reader(data), max_payload=100, verify=True)
    except (ProtocolError, EOFError):
        return
    assert data.startswith(encoded(read))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda d: d[:20] + b"\0\0\0\0" + d[24:], "magic"),
        (lambda d: d[:-1] + bytes([d[-1] ^ 1]), "checksum"),
        (lambda d: d[:12] + b"\xff\xff\xff\x7f" + d[16:], "limit"),
    ],
)
def test_a_damaged_packet_is_named_as_such(damage, message: str) -> None:
    data = damage(encoded(Packet(wire.WRTE, 1, 2, b"hello")))
    with pytest.raises(ProtocolError, match=message):
        wire.read_packet(reader(data), max_payload=100, verify=True)


def test_a_connect_without_a_checksum_is_taken_because_it_says_the_version() -> None:
    data = encoded(Packet(wire.CNXN, wire.VERSION_SKIP_CHECKSUM, 4096, b"host::"), with_checksum=False)
    assert wire.read_packet(reader(data), max_payload=100, verify=True).command == wire.CNXN


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=50)), max_size=8), st.data())
def test_shell_packets_survive_any_cutting(packets: list[tuple[int, bytes]], data: st.DataObject) -> None:
    wire_bytes = b"".join(v2.encode(kind, payload) for kind, payload in packets)
    decoder, found = v2.Decoder(), []
    while wire_bytes:
        cut = data.draw(st.integers(1, len(wire_bytes)))
        found += decoder.feed(wire_bytes[:cut])
        wire_bytes = wire_bytes[cut:]
    assert found == packets
