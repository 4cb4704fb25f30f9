"""Runs the checks, one after the other: each may need the whole link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from backend.errors import PhoneError, PhoneGone, PhoneUnauthorised
from backend.phones.agent.reach import FridaOptions
from backend.phones.doctor import essentials, state  # noqa: F401  (they register their checks)
from backend.phones.doctor.agent import agent_checks
from backend.phones.doctor.registry import CHECKS, Check, CheckResult
from backend.phones.phone import Phone

LINK = "ADB link"


def run_doctor(
    serial: str,
    key_dir: Path | None = None,
    checks: Mapping[str, Check] | None = None,
    on_result: Callable[[CheckResult], None] = lambda _: None,
    frida: FridaOptions | None = None,
    further: Mapping[str, Check] | None = None,
) -> list[CheckResult]:
    """Examine the phone `serial`; `on_result` hears of each result as it comes. A dead phone is a result, no error.

    Without a link every further check is skipped. `checks` are by default all, with `frida` for those of the agent;
    `further` ones, which other rooms bring, come last.
    """
    if checks is None:
        checks = CHECKS | agent_checks(frida)
    results: list[CheckResult] = []
    no_link = ""
    with closing(Phone(serial, key_dir)) as phone:
        for name, examine in {LINK: essentials.link, **checks, **(further or {})}.items():
            if no_link:
                result = CheckResult(name, "skip", no_link)
            else:
                result = _result(name, examine, phone)
                if name == LINK and result.status == "fail":
                    no_link = "there is no link"
            results.append(result)
            on_result(result)
    return results


def _result(name: str, examine: Check, phone: Phone) -> CheckResult:
    try:
        finding = examine(phone)
    except (PhoneGone, PhoneUnauthorised) as error:
        return CheckResult(name, "fail", error.message, error.remedy)
    except PhoneError as error:
        return CheckResult(name, "warn" if name != LINK else "fail", error.message, error.remedy)
    return CheckResult(name, finding.status, finding.found, finding.remedy)
