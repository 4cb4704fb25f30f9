"""Names of things as Android's services print them: components, intents, and records with their identity numbers."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from device_agent.virtual_phone.device import Package

FIRST_TASK = 2
"""The home task is 1, as on a phone after boot."""


def full_class(package: str, activity: str) -> str:
    """``.FeedActivity`` in full."""
    return package + activity if activity.startswith(".") else activity


def short_component(package: str, activity: str) -> str:
    """``org.mindproof.feed/.FeedActivity``, with the package left out of the class where it can be."""
    name = full_class(package, activity)
    return f"{package}/{name.removeprefix(package) if name.startswith(package + '.') else name}"


def identity(*what: str) -> str:
    """A stand-in for an object's identity hash: seven digits that are the same for the same thing."""
    return f"{zlib.crc32('/'.join(what).encode()) & 0xFFFFFFF:x}"


def app_user(uid: int) -> str:
    """``u0a100`` for 10100, and the number for a system user."""
    return f"u0a{uid - 10000}" if uid >= 10000 else str(uid)


@dataclass(frozen=True, slots=True)
class Foreground:
    """The resumed activity under the names that the dumps give it."""

    package: Package
    activity: str
    pid: int

    @property
    def component(self) -> str:
        return short_component(self.package.name, self.activity)

    @property
    def task_id(self) -> int:
        return FIRST_TASK + self.package.uid % 1000

    @property
    def record(self) -> str:
        return f"ActivityRecord{{{identity('activity', self.component)} u0 {self.component} t{self.task_id}}}"

    @property
    def window(self) -> str:
        name = f"{self.package.name}/{full_class(self.package.name, self.activity)}"
        return f"Window{{{identity('window', name)} u0 {name}}}"

    @property
    def task(self) -> str:
        """Without its closing brace, so that states can follow."""
        affinity = f"A={self.package.uid}:{self.package.name}"
        return f"Task{{{identity('task', self.package.name)} #{self.task_id} type=standard {affinity}"

    @property
    def process(self) -> str:
        owner = app_user(self.package.uid)
        return f"ProcessRecord{{{identity('process', str(self.pid))} {self.pid}:{self.package.name}/{owner}}}"


@dataclass(slots=True)
class Intent:
    """What ``am start`` was asked for."""

    action: str = ""
    categories: list[str] = field(default_factory=list)
    data: str = ""
    kind: str = ""
    flags: int = 0
    package: str = ""
    component: str = ""
    extras: bool = False

    def __str__(self) -> str:
        """As ``Intent.toString`` prints it."""
        parts = [
            f"act={self.action}" if self.action else "",
            f"cat=[{','.join(self.categories)}]" if self.categories else "",
            f"dat={self.data}" if self.data else "",
            f"typ={self.kind}" if self.kind else "",
            f"flg={self.flags:#x}" if self.flags else "",
            f"pkg={self.package}" if self.package else "",
            f"cmp={self.component}" if self.component else "",
            "(has extras)" if self.extras else "",
        ]
        return f"Intent {{ {' '.join(part for part in parts if part)} }}"
