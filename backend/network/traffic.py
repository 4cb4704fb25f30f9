"""What is known of a phone's traffic, host by host, from what the proxy tells: no address, no content."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.network.messages import Note

MOST_HOSTS = 500


@dataclass(frozen=True, slots=True)
class HostTraffic:
    """Connections of one host so far.

    Attributes:
        counts: by the words of `Note.what`: ``decrypted`` (a client began to talk to us as to the host),
            ``client_tls`` (and broke off at our certificate), ``tunnelled``, ``unreachable``, ``grpc``...
        reasons: the proxy's own words for connections that broke off, with how often.
    """

    host: str
    counts: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)

    def count(self, what: str) -> int:
        return self.counts.get(what, 0)


class Traffic:
    """Gathers notes; may be told and asked from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[str]] = {}
        self._reasons: dict[str, Counter[str]] = {}

    def add(self, note: Note) -> None:
        """One more host than `MOST_HOSTS` is counted without its name."""
        with self._lock:
            host = note.host if note.host in self._counts or len(self._counts) < MOST_HOSTS else ""
            self._counts.setdefault(host, Counter())[note.what] += note.count
            if note.reason and note.what in ("client_tls", "server_tls", "unreachable"):
                self._reasons.setdefault(host, Counter())[note.reason] += note.count

    def hosts(self) -> list[HostTraffic]:
        """By name."""
        with self._lock:
            return [
                HostTraffic(host, dict(counts), dict(self._reasons.get(host, {})))
                for host, counts in sorted(self._counts.items())
            ]

    def of(self, host: str) -> HostTraffic:
        with self._lock:
            return HostTraffic(host, dict(self._counts.get(host, {})), dict(self._reasons.get(host, {})))

    def total(self, what: str) -> int:
        with self._lock:
            return sum(counts[what] for counts in self._counts.values())

    def hosts_with(self, what: str) -> int:
        """How many hosts there were of which `what` was told."""
        with self._lock:
            return sum(1 for counts in self._counts.values() if counts[what])
