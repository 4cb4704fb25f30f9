"""What was last seen of a phone's opted-in hosts, kept for ``doctor`` and ``network status``: counts, no content.

Hosts that were tunnelled are nobody's business: they are not written down.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.network.lease import LeaseFile
from backend.network.traffic import HostTraffic

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """`hosts` as they were seen, and the apps whose they are where that is known (host to package)."""

    hosts: tuple[HostTraffic, ...] = ()
    apps: Mapping[str, str] = field(default_factory=dict)


def write_report(home: Path, serial: str, seen: Sequence[HostTraffic], apps: Mapping[str, str]) -> None:
    """Replace what was known of the phone."""
    path = _path(home, serial)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = [
        {"host": one.host, "counts": dict(one.counts), "reasons": dict(one.reasons), "app": apps.get(one.host, "")}
        for one in seen
        if one.host and (one.count("decrypted") or one.count("client_tls"))
    ]
    path.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def read_report(home: Path, serial: str) -> Report:
    """What is known; nothing where nothing was written, or what was cannot be read."""
    path = _path(home, serial)
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        hosts = tuple(HostTraffic(str(row["host"]), dict(row["counts"]), dict(row["reasons"])) for row in rows)
        return Report(hosts, {str(row["host"]): str(row["app"]) for row in rows if row["app"]})
    except FileNotFoundError:
        return Report()
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s cannot be read, and is left aside: %s", path, error)
        return Report()


def _path(home: Path, serial: str) -> Path:
    return home / "network" / "seen" / f"{LeaseFile.name_of(serial)}.json"
