"""A phone's proxy setting, read and written through ADB.

What Android makes of it (``ProxyTracker`` and ``ConnectivityService`` of AOSP, Android 8 to 16):

- ``settings put global http_proxy HOST:PORT`` is the one way open to a shell. The system notices, and copies it a
  moment later into ``global_http_proxy_host``, ``_port``, ``_exclusion_list`` and ``global_proxy_pac_url``, from which
  it is read at the next start of the phone. Whoever puts these by hand changes nothing until then.
- ``settings delete global http_proxy`` alone changes nothing either: an empty value is not looked at, and the phone
  goes on asking a proxy that may be gone. ``:0`` is what takes a proxy away; only when the system has noticed that may
  the key be deleted.
- A proxy script (``global_proxy_pac_url``) cannot be put back into force from here; its key is, for the next start.
"""

from __future__ import annotations

import logging
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic, sleep

from backend.errors import PhoneError
from backend.phones.phone import Phone

log = logging.getLogger(__name__)

HTTP_PROXY = "http_proxy"
_HOST, _PORT = "global_http_proxy_host", "global_http_proxy_port"
KEYS = (HTTP_PROXY, _HOST, _PORT, "global_http_proxy_exclusion_list", "global_proxy_pac_url")
NO_PROXY = ":0"
_ABSENT = "null"
_SETTLE_S = 3.0
"""How long the system may take to copy a new proxy into its own keys."""
_LOOK_S = 0.02
_ALLOW = (
    "allow 'USB debugging (security settings)' in the developer options; a phone managed by a company keeps its proxy"
)


@dataclass(frozen=True, slots=True)
class ProxySetting:
    """The global settings that make up a phone's proxy; a key that is absent has no entry in `values`."""

    values: Mapping[str, str]

    @property
    def proxy(self) -> str:
        """``host:port`` of what is in force; empty when nothing is."""
        told = self.values.get(HTTP_PROXY, "")
        if told and told != NO_PROXY:
            return told
        host, port = self.values.get(_HOST, ""), self.values.get(_PORT, "")
        return f"{host}:{port}" if host and port not in ("", "0") and told != NO_PROXY else ""


def read(phone: Phone) -> ProxySetting:
    """What the phone is set to now. Raises PhoneError."""
    told = phone.shell("; ".join(f"settings get global {key}" for key in KEYS))
    lines = told.out.splitlines()
    if not told.ok or len(lines) != len(KEYS):
        raise PhoneError(phone.serial, f"it does not tell its proxy setting: {_said(told.err or told.out)}", _ALLOW)
    return ProxySetting({key: line for key, line in zip(KEYS, lines, strict=True) if line != _ABSENT})


def put(phone: Phone, proxy: str) -> None:
    """Have the phone's traffic go through `proxy`, ``host:port``. Raises PhoneError when it does not take it."""
    _run(phone, _put(HTTP_PROXY, proxy))
    now = read(phone).proxy
    if now != proxy:
        raise PhoneError(phone.serial, f"it was given the proxy {proxy}, but says {now or 'none'}", _ALLOW)


def restore(phone: Phone, before: ProxySetting) -> None:
    """Have every key as it was, and in force what was in force. Raises PhoneError when it does not come to be.

    The system may still be copying the proxy into its own keys while they are put back, so that is looked at again.
    """
    ours = read(phone)
    _run(phone, _put(HTTP_PROXY, before.proxy or NO_PROXY))
    until_s = monotonic() + _SETTLE_S
    if ours.values.get(_HOST) and ours.proxy != before.proxy:
        while _copied(read(phone)) == _copied(ours) and monotonic() < until_s:
            sleep(_LOOK_S)
    while (now := read(phone)) != before:
        if monotonic() > until_s:
            wrong = sorted(key for key in KEYS if now.values.get(key) != before.values.get(key))
            raise PhoneError(phone.serial, f"it does not keep {', '.join(wrong)} as it was", _ALLOW)
        changed = [key for key in KEYS if now.values.get(key) != before.values.get(key)]
        _run(phone, "; ".join(_as_before(key, before) for key in changed))
        sleep(_LOOK_S)
    log.debug("phone %s: the proxy is %s again", phone.serial, before.proxy or "none")


def _copied(setting: ProxySetting) -> tuple[str | None, str | None]:
    """What the system has made its own."""
    return setting.values.get(_HOST), setting.values.get(_PORT)


def _as_before(key: str, before: ProxySetting) -> str:
    value = before.values.get(key)
    return f"settings delete global {key}" if value is None else _put(key, value)


def _put(key: str, value: str) -> str:
    return f"settings put global {key} {shlex.quote(value)}"


def _run(phone: Phone, command: str) -> None:
    result = phone.shell(command)
    if not result.ok:
        raise PhoneError(phone.serial, f"it does not let its proxy be set: {_said(result.err or result.out)}", _ALLOW)


def _said(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[0].strip() if lines else "nothing"
