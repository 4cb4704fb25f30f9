"""ADB packets: a header of six little-endian words, then the payload.

Source: AOSP ``packages/modules/adb/protocol.txt`` and ``adb.h``. The header is command, arg0, arg1, payload length in
bytes, payload checksum (the sum of its bytes; not used from protocol version 0x01000001 on), and the command's bitwise
complement.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from device_agent.virtual_phone.errors import ProtocolError

Buffer = bytes | bytearray | memoryview

HEADER = struct.Struct("<6I")

VERSION_MIN = 0x01000000
VERSION_SKIP_CHECKSUM = 0x01000001

MAX_PAYLOAD_V1 = 4 * 1024
"""What a peer that says nothing else may send, and the most that is read from a peer we do not know yet."""
MAX_PAYLOAD = 1024 * 1024

CNXN = 0x4E584E43
AUTH = 0x48545541
OPEN = 0x4E45504F
OKAY = 0x59414B4F
CLSE = 0x45534C43
WRTE = 0x45545257

AUTH_TOKEN = 1
AUTH_SIGNATURE = 2
AUTH_RSAPUBLICKEY = 3


def name_of(command: int) -> str:
    """The four letters of a command, for messages: ``WRTE``."""
    return command.to_bytes(4, "little").decode("ascii", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Packet:
    """One message; `arg0` and `arg1` depend on the command: mostly the sender's and the receiver's stream id."""

    command: int
    arg0: int
    arg1: int
    payload: Buffer = b""


def checksum(payload: Buffer) -> int:
    """The sum of the payload's bytes, modulo 2**32."""
    return int(np.frombuffer(payload, np.uint8).sum(dtype=np.uint64)) & 0xFFFFFFFF


def encode_header(packet: Packet, *, with_checksum: bool) -> bytes:
    """The 24 bytes that go before `packet.payload`."""
    return HEADER.pack(
        packet.command,
        packet.arg0,
        packet.arg1,
        len(packet.payload),
        checksum(packet.payload) if with_checksum else 0,
        packet.command ^ 0xFFFFFFFF,
    )


def read_packet(read_exactly: Callable[[int], bytes | bytearray], *, max_payload: int, verify: bool) -> Packet:
    """The next packet of a connection.

    Args:
        read_exactly: returns that many bytes, or raises.
        max_payload: the most bytes this peer may send in one packet.
        verify: whether a wrong checksum is an error. In a CNXN it is one if a checksum is given, because that packet
            only says which version, with or without checksums, is spoken from then on.

    Raises:
        ProtocolError: wrong magic, a payload over the limit, or a wrong checksum.
    """
    command, arg0, arg1, length, declared, magic = HEADER.unpack(read_exactly(HEADER.size))
    if magic != command ^ 0xFFFFFFFF:
        raise ProtocolError(f"packet with command {command:#010x} has magic {magic:#010x}")
    if length > max_payload:
        raise ProtocolError(f"{name_of(command)} of {length} bytes is over the limit of {max_payload}")
    payload = read_exactly(length) if length else b""
    if command == CNXN:
        verify = declared != 0
    if verify and checksum(payload) != declared:
        raise ProtocolError(f"{name_of(command)} has checksum {checksum(payload)}, but says {declared}")
    return Packet(command, arg0, arg1, payload)
