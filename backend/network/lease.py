"""What a phone has to be given back: a file that outlives whoever routes the phone.

For each phone there are two files in ``home/network/leases``: the lease, which says what its proxy was before and what
it was set to, and a lock. Whoever routes the phone holds the lock for as long as he lives; the system takes it from him
however he ends. So a lease whose lock is free was left behind, and whoever gets the lock may carry it out: the guard,
or the next start.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from backend.errors import MindproofError, SettingsError
from backend.network import proxy_setting
from backend.network.proxy_setting import ProxySetting
from backend.phones.phone import Phone

log = logging.getLogger(__name__)

_CONNECT_S = 2.0
"""A start does not wait longer for a phone that is away."""
_IDENTITY = "getprop ro.serialno; getprop ro.product.model"


@dataclass(frozen=True, slots=True)
class Lease:
    """One phone's debt.

    Attributes:
        serial: where the phone was reached.
        identity: what it says it is; another phone may have its address by now.
        proxy: what it was set to, ``host:port``; empty while nothing was set yet.
        before: the settings that it had.
        owner: process that routes it, or did.
        id: tells this lease from the next one of the same phone.
    """

    serial: str
    identity: str
    proxy: str
    before: Mapping[str, str]
    owner: int = field(default_factory=os.getpid)
    id: str = field(default_factory=lambda: secrets.token_hex(8))


class LeaseFile:
    """The lease of one phone, and its lock. Methods other than `read` and `is_held` want the lock held."""

    def __init__(self, home: Path, serial: str) -> None:
        self.serial = serial
        folder = home / "network" / "leases"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = self.name_of(serial)
        self.path = folder / f"{name}.json"
        self._lock_path = folder / f"{name}.lock"
        self._lock: IO[bytes] | None = None

    @staticmethod
    def name_of(serial: str) -> str:
        """A file name that no other serial has."""
        return re.sub(r"[^A-Za-z0-9-]", lambda found: f"_{ord(found[0]):x}_", serial)

    def acquire(self) -> bool:
        """Take the lock; False when somebody else has it."""
        handle = self._lock_path.open("ab")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return False
        self._lock = handle
        return True

    def release(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()

    @contextmanager
    def held(self) -> Iterator[bool]:
        """The lock for the length of the block, if it can be had."""
        got = self.acquire()
        try:
            yield got
        finally:
            if got:
                self.release()

    @property
    def is_held(self) -> bool:
        """Whether somebody who lives routes the phone."""
        with self.held() as got:
            return not got

    def read(self) -> Lease | None:
        """The lease; None when nothing is owed. Raises SettingsError when the file is no lease."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        try:
            told = json.loads(text)
            return Lease(**{**told, "before": {str(key): str(value) for key, value in told["before"].items()}})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SettingsError(
                f"{self.path} does not say what the proxy of phone {self.serial} was",
                f"look at the phone's proxy yourself, then remove the file ({error})",
            ) from error

    def write(self, lease: Lease) -> None:
        """Have `lease` on the disk before this returns."""
        fresh = self.path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as handle:
            json.dump(asdict(lease), handle, indent=1)
            handle.flush()
            os.fsync(handle.fileno())
        fresh.replace(self.path)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def left_behind(home: Path) -> list[str]:
    """Serials of phones whose lease has no living owner."""
    serials = []
    for path in sorted((home / "network" / "leases").glob("*.json")):
        try:
            serial = str(json.loads(path.read_text(encoding="utf-8"))["serial"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s is no lease, and is left alone: %s", path, error)
            continue
        if not LeaseFile(home, serial).is_held:
            serials.append(serial)
    return serials


def identify(phone: Phone) -> str:
    """What the phone says it is, wherever it is reached. Raises PhoneError."""
    return "/".join(phone.shell(_IDENTITY).out.split("\n")).strip("/")


def settle(phone: Phone, lease: Lease) -> bool:
    """Give the phone back what `lease` owes it.

    Nothing is done, and False returned, where nothing is owed: somebody has set another proxy meanwhile, or another
    phone has the address.

    Raises:
        PhoneError: it could not be done now; it should be tried again.
    """
    if (found := identify(phone)) != lease.identity:
        log.warning("phone %s is not the one whose proxy is owed (%s, not %s)", lease.serial, found, lease.identity)
        return False
    now = proxy_setting.read(phone)
    if now.values == lease.before:
        return True
    if lease.proxy not in (now.proxy, now.values.get(proxy_setting.HTTP_PROXY)):
        log.warning("phone %s: its proxy was set to %s by somebody else, and is left so", lease.serial, now.proxy)
        return False
    proxy_setting.restore(phone, ProxySetting(lease.before))
    return True


def settle_left_behind(home: Path, key_dir: Path | None) -> list[str]:
    """At a start: give back what an earlier one left behind, and say so for people; a phone that is away stays owed."""
    told = []
    for serial in left_behind(home):
        file = LeaseFile(home, serial)
        with file.held() as got:
            try:
                if got and _settle_one(file, key_dir):
                    told.append(f"the proxy of phone {serial} was restored: an earlier run had ended without doing so")
            except MindproofError as error:
                log.warning("the proxy of phone %s is still to be restored: %s", serial, error)
    return told


def _settle_one(file: LeaseFile, key_dir: Path | None) -> bool:
    lease = file.read()
    if lease is None:
        return False
    with Phone(file.serial, key_dir, connect_timeout_s=_CONNECT_S) as phone:
        done = settle(phone, lease)
    file.remove()
    return done
