"""How a phone is named.

``host:port`` over TCP, where ``emulator-5554`` means loopback port 5555; anything else is a USB serial number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_EMULATOR = re.compile(r"emulator-(\d{1,5})")
_TCP = re.compile(r"(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^:\s]+)):(\d{1,5})")


@dataclass(frozen=True, slots=True)
class TcpSerial:
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class UsbSerial:
    serial: str


def parse_serial(serial: str) -> TcpSerial | UsbSerial:
    """The address that `serial` names; an impossible port makes it a USB serial number."""
    if (emulator := _EMULATOR.fullmatch(serial)) and int(emulator[1]) < 65535:
        return TcpSerial("127.0.0.1", int(emulator[1]) + 1)
    if (tcp := _TCP.fullmatch(serial)) and 0 < int(tcp[3]) <= 65535:
        return TcpSerial(tcp[1] or tcp[2], int(tcp[3]))
    return UsbSerial(serial)
