"""Which phones are in reach: those named, those on USB, and emulators on this computer."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from backend.errors import PhoneError, PhoneGone, PhoneUnauthorised
from backend.phones.keys import host_key
from backend.phones.phone import Phone
from backend.phones.usb import usb_serials

EMULATOR_PORTS = tuple(range(5555, 5587, 2))
"""Where emulators listen, and by default the virtual phone."""
PROBE_TIMEOUT_S = 0.3
ACCEPT_TIMEOUT_S = 0.5
ANSWER_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class ListedPhone:
    """A phone and whether it can be used; `reason` and `remedy` say why not."""

    serial: str
    state: Literal["ready", "unauthorised", "gone", "error"]
    model: str = ""
    android: str = ""
    reason: str = ""
    remedy: str = ""


def list_phones(
    serials: Sequence[str] = (),
    key_dir: Path | None = None,
    ports: Sequence[int] = EMULATOR_PORTS,
) -> list[ListedPhone]:
    """All of `serials`, however they are; phones on USB; and whatever speaks ADB on one of the loopback `ports`."""
    host_key(key_dir)  # made once, before many ask for it
    named = list(dict.fromkeys(serials))
    found = [serial for serial in usb_serials() if serial not in named]
    local = [f"127.0.0.1:{port}" for port in ports]
    with ThreadPoolExecutor(8, "listing") as pool:
        probed = [serial for serial, there in zip(local, pool.map(_listens, local), strict=True) if there]
        guessed = [serial for serial in probed if serial not in named]
        listed = list(pool.map(lambda serial: _look(serial, key_dir), [*named, *found, *guessed]))
    return [phone for phone in listed if phone.serial not in guessed or phone.state in ("ready", "unauthorised")]


def _listens(serial: str) -> bool:
    host, _, port = serial.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), PROBE_TIMEOUT_S):
            return True
    except OSError:
        return False


def _look(serial: str, key_dir: Path | None) -> ListedPhone:
    with closing(Phone(serial, key_dir, ACCEPT_TIMEOUT_S, ANSWER_TIMEOUT_S)) as phone:
        try:
            model = phone.shell("getprop ro.product.model", timeout_s=3).out.strip()
            android = phone.shell("getprop ro.build.version.release", timeout_s=3).out.strip()
        except PhoneUnauthorised as error:
            return ListedPhone(serial, "unauthorised", reason=error.message, remedy=error.remedy)
        except PhoneGone as error:
            return ListedPhone(serial, "gone", reason=error.message, remedy=error.remedy)
        except PhoneError as error:
            return ListedPhone(serial, "error", reason=error.message, remedy=error.remedy)
    return ListedPhone(serial, "ready", model, android)
