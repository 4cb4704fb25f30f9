"""Whose a connection is: ``/proc/net/tcp`` and ``/proc/net/udp`` of Linux, on a phone or here (``proc(5)``)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from backend.errors import PhoneError
from backend.phones.phone import Phone

log = logging.getLogger(__name__)

_LINE = re.compile(
    r"^\s*\d+: [0-9A-F]{8,32}:([0-9A-F]{4}) ([0-9A-F]{8,32}):([0-9A-F]{4}) ([0-9A-F]{2}) \S+ \S+ \S+ +(\d+) +\d+ (\d+)"
)
_TABLES = ("tcp", "tcp6")
ESTABLISHED = 1


@dataclass(frozen=True, slots=True)
class Socket:
    """One line. `remote_is_loopback` tells a connection within the machine; `state` 1 is established (TCP)."""

    local_port: int
    remote_port: int
    remote_is_loopback: bool
    state: int
    uid: int
    inode: int


def parse_sockets(text: str) -> list[Socket]:
    """The sockets that a table lists; lines that are none are passed over."""
    found = []
    for line in text.splitlines():
        if told := _LINE.match(line):
            local, remote, port, state, uid, inode = told.groups()
            found.append(Socket(int(local, 16), int(port, 16), _loopback(remote), int(state, 16), int(uid), int(inode)))
    return found


def _loopback(address: str) -> bool:
    """Whether an address, in the table's little-endian words of 32 bits, is 127.0.0.0/8 (also within IPv6) or ::1."""
    last = address[-8:]
    mapped = len(address) == 8 or address[:24] in ("0" * 16 + "FFFF0000",)
    return (mapped and last.endswith("7F")) or address == "0" * 24 + "01000000"


def parse_uids(text: str) -> dict[int, str]:
    """Package by user id, of ``pm list packages -U``; of several that share one, the first."""
    found: dict[int, str] = {}
    for name, uid in re.findall(r"^package:(\S+) uid:(\d+)", text, re.MULTILINE):
        found.setdefault(int(uid), name)
    return found


class LocalApps:
    """Tells of the apps of a phone whose apps are processes of this machine which of them a client of ours is."""

    def __init__(self, phone: Phone, packages: Iterable[str]) -> None:
        self._phone = phone
        self._packages = tuple(packages)
        self._known: dict[str, str] = {}

    def owner(self, client: str) -> str:
        """The package whose process has the address `client`, ``127.0.0.1:40312``; empty when it is none of them."""
        if client not in self._known:
            if len(self._known) > 4096:
                self._known.clear()
            self._known[client] = self._look(client)
        return self._known[client]

    def _look(self, client: str) -> str:
        port = client.rpartition(":")[2]
        if not port.isdigit():
            return ""
        inodes = {
            f"socket:[{one.inode}]"
            for table in _TABLES
            for one in parse_sockets(Path(f"/proc/net/{table}").read_text())
            if one.local_port == int(port) and one.inode
        }
        try:
            for package in self._packages:
                for pid in self._phone.shell(f"pidof {package}").out.split():
                    if pid.isdigit() and _holds(int(pid), inodes):
                        return package
        except PhoneError as error:
            log.debug("whose %s is cannot be told: %s", client, error)
        return ""


def _holds(pid: int, inodes: set[str]) -> bool:
    try:
        return any(str(link.readlink()) in inodes for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it has ended, or one of its files was closed meanwhile
        return False
