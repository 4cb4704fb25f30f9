"""Which of a phone's traffic is looked at, and how the proxy finds and checks the hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """For one phone.

    Attributes:
        hosts: patterns of the hosts that are opted in; everything else is tunnelled without being decrypted.
        paths: host patterns, and the JSONPaths of the content in their JSON; elsewhere it is discovered.
        addresses: patterns of hosts, and where they are found instead of where DNS says.
        upstream_ca: PEM file of the authorities that hosts are checked against instead of the public ones.
        guarded: False only for a phone that ends with this process.
    """

    hosts: tuple[str, ...] = ()
    paths: Mapping[str, Sequence[str]] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    upstream_ca: Path | None = None
    guarded: bool = True
