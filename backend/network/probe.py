"""Of each app on a phone: whether its traffic can be read, and what to do where it cannot.

Two sources: what the proxy saw of the hosts that are opted in, and the phone's own table of connections, which tells
whose go past the proxy. What a refused certificate means is read from how the client refused it:

- *unknown_ca* (TLS alert 48): it does not know our authority; the app trusts only those that came with the phone, as
  every app does that was built for Android 7 or later and does not say otherwise.
- *certificate_unknown* (46), *bad_certificate* (42), or no alert at all: it was looked at and refused. Where the phone
  trusts our authority, and the app others that the user added, that is pinning; Java and Conscrypt send 46 for an
  unknown authority too.
- A client that takes the certificate and then asks for nothing pins as well: OkHttp compares only after the handshake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from backend.network.sockets import ESTABLISHED, parse_sockets, parse_uids
from backend.network.traffic import HostTraffic
from backend.phones.phone import Phone

Verdict = Literal["readable", "pinned", "distrusts", "bypassing", "tunnelled", "unknown"]
FLOW = "flow"
"""`HostTraffic.counts` of flows that were read."""

_HTTPS = 443
_FIRST_APP_UID = 10_000
_USER_CA_SDK = 24
_TARGET = re.compile(r"\btargetSdk=(\d+)")

INSTALL_CA = "mindproof network ca SERIAL install"
REBUILD = (
    "rebuild the app with a network security configuration that trusts users' authorities, or put the authority into "
    "the system's store of a rooted phone; or use --on app"
)
REFUSED = (
    "where it pins, only --on app or --on overlay helps; where it merely distrusts authorities that users add, so does "
    "the system's store of a rooted phone"
)
"""Java and Conscrypt refuse both in the same words."""
PINNED = "nothing in the network can help: use --on app, which works inside the app, or --on overlay"
NO_QUIC = "block UDP port 443 on the Wi-Fi access point: the app then falls back to TCP; or use WireGuard mode"
NO_PROXY = "the app ignores the phone's proxy: use WireGuard mode, which it cannot ignore; or --on app"


@dataclass(frozen=True, slots=True)
class AppTraffic:
    """What is known of one app; of a host's name where the app is not known."""

    app: str
    verdict: Verdict
    hosts: tuple[str, ...] = ()
    why: str = ""
    remedy: str = ""


def judge_host(seen: HostTraffic, ca_trusted: bool | None) -> tuple[Verdict, str, str]:
    """Verdict, why, and what to do, of one host.

    Args:
        ca_trusted: whether the phone's user trusts our authority; None when the phone does not tell.
    """
    tried, refused, flows = seen.count("decrypted"), seen.count("client_tls"), seen.count(FLOW)
    if flows:
        return "readable", f"{flows} flows read", ""
    if not tried and seen.count("tunnelled"):
        return "tunnelled", "not opted in: passed on without being decrypted", ""
    if not tried and not refused:
        return "unknown", "nothing has come of it yet", ""
    words = " ".join(seen.reasons).lower().replace("_", " ")
    if ca_trusted is False:
        return "distrusts", "it refuses our certificate, whose authority is not on the phone", INSTALL_CA
    if "unknown ca" in words:
        return "distrusts", "it does not trust authorities that the user added", REBUILD
    if refused:
        if ca_trusted:
            return "pinned", "it refuses our certificate though the phone trusts its authority", REFUSED
        return "distrusts", "it refuses our certificate", f"{INSTALL_CA}; else {REBUILD}"
    return "pinned", "it takes our certificate, and then asks for nothing", PINNED


def judge_hosts(
    seen: Sequence[HostTraffic], ca_trusted: bool | None, apps: Mapping[str, str] | None = None
) -> list[AppTraffic]:
    """One row for each app of `apps` (host to package), and for each host whose app is not known; the worst of each."""
    rows: dict[str, AppTraffic] = {}
    for one in seen:
        if not one.host:
            continue
        app = (apps or {}).get(one.host, one.host)
        verdict, why, remedy = judge_host(one, ca_trusted)
        old = rows.get(app)
        hosts = (*(old.hosts if old is not None else ()), one.host)
        if old is not None and _WORST.index(old.verdict) <= _WORST.index(verdict):
            verdict, why, remedy = old.verdict, old.why, old.remedy
        rows[app] = AppTraffic(app, verdict, hosts, why, remedy)
    return [rows[app] for app in sorted(rows)]


_WORST: tuple[Verdict, ...] = ("pinned", "distrusts", "readable", "tunnelled", "unknown", "bypassing")
"""What is told of an app several of whose hosts differ; the first."""


def bypassing(phone: Phone) -> list[AppTraffic]:
    """Apps that have connections past the proxy now. Empty where the phone does not tell. Raises PhoneError."""
    uids = parse_uids(phone.shell("pm list packages -U").out)
    udp = parse_sockets(phone.shell("cat /proc/net/udp /proc/net/udp6").out)
    tcp = parse_sockets(phone.shell("cat /proc/net/tcp /proc/net/tcp6").out)
    quic = {one.uid for one in udp if one.remote_port == _HTTPS and not one.remote_is_loopback}
    direct = {
        one.uid for one in tcp if one.remote_port == _HTTPS and one.state == ESTABLISHED and not one.remote_is_loopback
    }
    found = []
    for uid in sorted(quic | direct):
        if uid < _FIRST_APP_UID:
            continue
        app = uids.get(uid, f"user {uid}")
        why, remedy = ("it speaks QUIC (UDP 443)", NO_QUIC) if uid in quic else ("it connects directly", NO_PROXY)
        found.append(AppTraffic(app, "bypassing", (), f"{why}, past the proxy", remedy))
    return found


def trusts_user_authorities(phone: Phone, package: str) -> bool | None:
    """Whether the app was built to; None when ``dumpsys package`` does not tell. Raises PhoneError.

    By default an app does when it was built for Android 6 or earlier; a later one when its own network security
    configuration says so, which Android does not tell.
    """
    target = _TARGET.search(phone.shell(f"dumpsys package {package}").out)
    return True if target is not None and int(target[1]) < _USER_CA_SDK else None


def probe(
    phone: Phone, seen: Sequence[HostTraffic], ca_trusted: bool | None, apps: Mapping[str, str] | None = None
) -> list[AppTraffic]:
    """All that is known of the apps' traffic; `seen` by the proxy. Raises PhoneError when the phone does not answer."""
    rows = judge_hosts(seen, ca_trusted, apps)
    return rows + bypassing(phone)
