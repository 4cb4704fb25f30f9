"""Patterns of host names: ``api.plaza.test``, ``*.plaza.test`` (any depth, not plaza.test itself).

``!api.plaza.test`` takes a host out of what the others name."""

from __future__ import annotations

import re
from collections.abc import Iterable

NOBODY = "(?!)"


def expression(pattern: str) -> str:
    """The regular expression of one pattern, without anchors."""
    return "".join(r"[^:/@]+" if part == "*" else re.escape(part) for part in re.split(r"(\*)", pattern.strip(".")))


def with_ports(patterns: Iterable[str]) -> list[str]:
    """For mitmproxy's option allow_hosts, which looks at ``host:port``. Without a pattern nothing matches.

    mitmproxy takes an empty option for "everything", so there is always one expression.
    """
    wanted, unless = _parted(patterns)
    return [rf"^{unless}{each}\.?:\d+$" for each in wanted] or [NOBODY]


def _parted(patterns: Iterable[str]) -> tuple[list[str], str]:
    """The expressions of what is wanted, and what to put before them for what is not."""
    given = [pattern for pattern in patterns if pattern.strip("!")]
    taken_out = "|".join(expression(pattern[1:]) for pattern in given if pattern.startswith("!"))
    wanted = [expression(pattern) for pattern in given if not pattern.startswith("!")]
    return wanted, rf"(?!(?:{taken_out})\.?(?::\d+)?$)" if taken_out else ""


class Hosts:
    """Which host names match one of the patterns."""

    def __init__(self, patterns: Iterable[str]) -> None:
        wanted, unless = _parted(patterns)
        each = "|".join(wanted)
        self._expression = re.compile(rf"{unless}(?:{each})\.?" if each else NOBODY, re.IGNORECASE)

    def __contains__(self, name: str) -> bool:
        return self._expression.fullmatch(name) is not None
