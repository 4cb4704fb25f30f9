"""The embedded phone, started beside the backend: a virtual phone and its ADB daemon.

The one door to ``device_agent``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.errors import PhoneError
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.build import SOURCES
from device_agent.virtual_phone.errors import VirtualPhoneError
from device_agent.virtual_phone.phone import VirtualPhone

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class RunningPhone:
    """A virtual phone that runs: connect to `serial` like to any other."""

    serial: str
    port: int
    device: VirtualPhone

    @property
    def hosts(self) -> dict[str, str]:
        """The hosts of an online phone's apps, each with the address where it answers; they are in no DNS."""
        server = self.device.content_server
        return {} if server is None else dict.fromkeys(server.hosts, f"{HOST}:{server.port}")

    @property
    def authorities(self) -> bytes:
        """PEM of the authority that signed those hosts, which the phone's maker put on it; empty when not online."""
        server = self.device.content_server
        return b"" if server is None else server.ca_pem


def abusive_lines() -> tuple[str, ...]:
    """The lines among which its apps choose when they show something abusive: the truth that a run is held against."""
    _, apps = SOURCES
    told = json.loads((apps / "content" / "abuse.json").read_text(encoding="utf-8"))
    return tuple(str(line) for line in told["lines"])


@contextmanager
def start_virtual_phone(
    port: int = 5555,
    size: tuple[int, int] = (1080, 2220),
    seed: int = 1,
    *,
    trusted_keys: Path | None = None,
    accept_first: bool = True,
    content_dir: Path | None = None,
    online: bool = False,
) -> Iterator[RunningPhone]:
    """Run a virtual phone on loopback for as long as the block lasts.

    Args:
        port: of its ADB daemon; 0 takes a free one.
        size: width and height in pixels.
        seed: of everything its apps show.
        trusted_keys: the file of host keys that may connect; its own by default.
        accept_first: trust the first host that offers its key.
        content_dir: a folder of further pictures for its apps.
        online: whether its apps fetch their content over HTTPS; see `RunningPhone.hosts`.

    Raises:
        PhoneError: when it cannot start: the port is taken, no Java, no such folder.
    """
    serial = f"{HOST}:{port}"
    with _as_phone_errors(serial):
        device = VirtualPhone(size, seed, content_dir=content_dir, online=online)
        daemon = AdbDaemon(device, HOST, port, trusted_keys, accept_first)
        device.start()
    try:
        with _as_phone_errors(serial):
            daemon.start()
        yield RunningPhone(f"{HOST}:{daemon.port}", daemon.port, device)
    finally:
        daemon.stop()
        device.stop()


@contextmanager
def _as_phone_errors(serial: str) -> Iterator[None]:
    try:
        yield
    except VirtualPhoneError as error:
        what, _, remedy = str(error).partition("; ")
        raise PhoneError(serial, f"the virtual phone cannot start: {what}", remedy) from error
