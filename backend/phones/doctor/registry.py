"""A check is a function of a phone, registered under a name; the order of registration is the order of examination."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backend.phones.phone import Phone

Status = Literal["ok", "warn", "fail", "skip"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it."""

    status: Status
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A `Finding` with the name of its check. "skip": could not be told, or does not matter for most uses."""

    name: str
    status: Status
    found: str
    remedy: str = ""


Check = Callable[[Phone], Finding]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Register the decorated function."""

    def register(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return register
