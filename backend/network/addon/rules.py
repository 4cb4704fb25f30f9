"""What the backend wants to see, as the addon asks for it; `backend.network.messages.Rules` says what each means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from backend.network.addon.hosts import Hosts


@dataclass(frozen=True)
class Rules:
    """Nothing at all, until the backend says otherwise."""

    patterns: tuple[str, ...] = ()
    types: dict[str, str] = field(default_factory=dict)
    deadline_s: float = 1.5
    upstream_s: float = 60.0
    most_body: int = 8 << 20
    hosts: Hosts = field(default_factory=lambda: Hosts(()))
    addresses: tuple[tuple[Hosts, tuple[str, int]], ...] = ()

    @staticmethod
    def from_wire(header: dict[str, Any]) -> Rules:
        """The rules in a ``configure`` message."""
        return Rules(
            patterns=tuple(header["hosts"]),
            types={name.lower(): late for name, late in header["types"].items()},
            deadline_s=header["deadline_ms"] / 1000,
            upstream_s=header["upstream_s"],
            most_body=header["most_body"],
            hosts=Hosts(header["hosts"]),
            addresses=tuple((Hosts([name]), _address(where)) for name, where in header["addresses"].items()),
        )

    def late(self, content_type: str) -> str | None:
        """``pass`` or ``hold`` for a media type that is to be judged, None for one that is not."""
        name = content_type.partition(";")[0].strip().lower()
        return self.types.get(name) or self.types.get(name.partition("/")[0] + "/*")

    def address(self, host: str) -> tuple[str, int] | None:
        """Where a host is to be found instead of where DNS says."""
        return next((address for hosts, address in self.addresses if host in hosts), None)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)
