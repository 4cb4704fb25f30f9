"""The hosts of a virtual phone's apps: they are in no DNS, and an authority of that phone's own vouches for them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from backend.errors import PhoneError
from backend.network.plan import NetworkPlan
from backend.phones.agent.reach import is_local
from backend.phones.phone import Phone

_PORT = "ro.mindproof.content.port"
_HOSTS = "/system/etc/hosts"
_STORE = "/system/etc/security/cacerts"
_LOOPBACK = "127.0.0.1"


def completed(plan: NetworkPlan, phone: Phone, folder: Path) -> NetworkPlan:
    """`plan` with what `phone` itself knows of its hosts, where it is a virtual phone of this machine that is online.

    A phone elsewhere is not believed: it could have its traffic sent to any port of this machine.

    Args:
        folder: where the authorities that the phone trusts are written, for mitmproxy to read.

    Raises:
        PhoneError: the phone does not answer.
        OSError: the authorities cannot be written.
    """
    port = phone.shell(f"getprop {_PORT}").out.strip()
    if not port.isdecimal() or plan.addresses or not is_local(phone):
        return plan
    names = [
        name
        for line in _read(phone, _HOSTS).splitlines()
        if line.startswith(_LOOPBACK)
        for name in line.split()[1:]
        if name != "localhost"
    ]
    authorities = folder / f"authorities-of-{phone.serial.replace(':', '-')}.pem"
    folder.mkdir(parents=True, exist_ok=True)
    authorities.write_text(_read(phone, f"{_STORE}/*"), encoding="utf-8")
    return replace(plan, addresses=dict.fromkeys(names, f"{_LOOPBACK}:{port}"), upstream_ca=authorities)


def _read(phone: Phone, path: str) -> str:
    done = phone.shell(f"cat {path}")
    if not done.ok:
        raise PhoneError(phone.serial, f"it does not give {path}: {(done.err or done.out).strip()}")
    return done.out
