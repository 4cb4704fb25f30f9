"""A phone's traffic through a proxy on this machine, and never a phone without a network.

The proxy listens on loopback here; the phone reaches it on its own loopback, over a reversed port. What the phone was
set to before is on the disk (`lease`), and a process stands by that gives it back should this one end (`guard`), before
anything is changed.
"""

from __future__ import annotations

import logging
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self

from backend.errors import PhoneError
from backend.network import proxy_setting
from backend.network.guard import Guard
from backend.network.lease import Lease, LeaseFile, identify, settle
from backend.phones.agent.reach import is_local
from backend.phones.phone import Phone
from backend.phones.reverse import HOST, Reverse

log = logging.getLogger(__name__)

_WAIT_S = 5.0
"""How long the guard of an earlier run may take over an attempt that is under way."""


class Routing:
    """While open, the traffic of `phone` goes through the proxy that listens on our loopback `port`.

    Args:
        home: where leases are kept: `Settings.home`.
        key_dir: the folder with our host key, for the guard.
        guarded: False only for a phone that ends with this process.
    """

    def __init__(self, phone: Phone, port: int, home: Path, key_dir: Path | None, guarded: bool = True) -> None:
        self._phone, self._port = phone, port
        self._file = LeaseFile(home, phone.serial)
        self._guard = Guard(home, phone.serial, key_dir) if guarded else None
        self._reverse: Reverse | None = None
        self._lease: Lease | None = None

    @property
    def proxy(self) -> str:
        """What the phone is set to, ``host:port``; empty while it is not."""
        return self._lease.proxy if self._lease is not None else ""

    @property
    def reaches(self) -> bool:
        """Whether the phone can reach the proxy now; False while its link is broken."""
        return self._lease is not None and (self._reverse is None or self._reverse.is_up)

    @property
    def guard_pid(self) -> int:
        return self._guard.pid if self._guard is not None else 0

    def open(self) -> Self:
        """Set the phone.

        Raises:
            PhoneError: it is routed by another process, cannot be reached, or does not let itself be set; then it is
                as it was before.
            SettingsError: an earlier lease of it cannot be read.
        """
        serial = self._phone.serial
        if not self._take():
            raise PhoneError(serial, "its traffic is routed by another process", f"mindproof network off {serial}")
        try:
            self._settle_earlier()
            before = proxy_setting.read(self._phone)
            if not is_local(self._phone):
                self._reverse = Reverse(self._phone, self._port)
            address = self._reverse.address if self._reverse is not None else f"{HOST}:{self._port}"
            self._file.write(Lease(serial, identify(self._phone), address, dict(before.values)))
            self._lease = self._file.read()
            if self._guard is not None:
                self._guard.start()
            proxy_setting.put(self._phone, address)
        except BaseException:
            self.close()
            raise
        log.info("phone %s: its traffic goes through %s", serial, self.proxy)
        return self

    def close(self) -> bool:
        """Set the phone back; whether that was done. If not, it is owed, and the guard goes on trying."""
        lease, self._lease = self._lease, None
        done = True
        if lease is not None:
            try:
                settle(self._phone, lease)
                self._file.remove()
            except PhoneError as error:
                done = False
                log.warning("the proxy of phone %s is restored as soon as it is back: %s", lease.serial, error)
        self._file.release()
        if self._guard is not None:
            if done:
                self._guard.done()
            else:
                self._guard.take_over()
        if self._reverse is not None:
            self._reverse.close()
            self._reverse = None
        return done

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self) -> bool:
        until_s = monotonic() + _WAIT_S
        while not self._file.acquire():
            lease = self._file.read()
            if monotonic() > until_s or (lease is not None and lease.owner and _lives(lease.owner)):
                return False
            sleep(0.05)
        return True

    def _settle_earlier(self) -> None:
        """What an earlier run owes comes first: its proxy must not be taken for the phone's own."""
        lease = self._file.read()
        if lease is not None:
            settle(self._phone, lease)
            self._file.remove()


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
