"""What the doctor says of a phone's traffic: our certificate, what goes past the proxy, and each app that was seen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from backend.errors import CaptureError
from backend.network import phone_authority
from backend.network.ca import Authority
from backend.network.probe import AppTraffic, bypassing, judge_hosts, trusts_user_authorities
from backend.network.report import read_report
from backend.phones.doctor.registry import Check, Finding, Status
from backend.phones.phone import Phone

LOOK = "mindproof network on SERIAL --hosts api.example,*.example, and use the app meanwhile"
_STATUS: Mapping[str, Status] = {"readable": "ok", "tunnelled": "skip", "unknown": "skip"}


def traffic_checks(home: Path, serial: str) -> dict[str, Check]:
    """The checks, in their order; one for each app, or host whose app is not known, that was looked at before."""
    certificate = Authority(home / "network" / "ca").existing()
    known = read_report(home, serial)

    def trust(phone: Phone) -> Finding:
        if certificate is None:
            return Finding("skip", "this installation has none yet; it makes one on first use")
        match phone_authority.is_installed(phone, certificate):
            case True:
                return Finding("ok", "trusted by the phone's user")
            case False:
                return Finding("skip", "not on the phone", f"to read traffic: mindproof network ca {serial} install")
        return Finding("skip", "the phone does not tell whether its user trusts ours")

    def past(phone: Phone) -> Finding:
        found = bypassing(phone)
        if not found:
            return Finding("ok", "no app goes past the proxy now")
        return Finding("warn", "; ".join(f"{one.app}: {one.why}" for one in found), found[0].remedy)

    def of_app(index: int) -> Check:
        def look(phone: Phone) -> Finding:
            trusted = phone_authority.is_installed(phone, certificate) if certificate is not None else False
            return _finding(judge_hosts(known.hosts, trusted, known.apps)[index])

        return look

    rows = judge_hosts(known.hosts, None, known.apps)
    apps = {f"traffic of {row.app}": of_app(index) for index, row in enumerate(rows)} or {"traffic of apps": _front}
    return {"certificate": trust, "past the proxy": past, **apps}


def _finding(app: AppTraffic) -> Finding:
    return Finding(_STATUS.get(app.verdict, "warn"), f"{app.verdict}: {app.why}", app.remedy)


def _front(phone: Phone) -> Finding:
    """Nothing was looked at yet: what can be said of the app in front without that."""
    try:
        package = phone.foreground().package
    except CaptureError:
        return Finding("skip", "not looked at yet", LOOK)
    if trusts_user_authorities(phone, package):
        return Finding("skip", f"not looked at yet; {package} was built to trust users' authorities", LOOK)
    return Finding("skip", f"not looked at yet; whether {package} trusts users' authorities is not told", LOOK)
