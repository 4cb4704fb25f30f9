"""Patterns of host names: ``api.plaza.test``, ``*.plaza.test`` (any depth, not plaza.test itself)."""

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
    return [rf"^{expression(pattern)}\.?:\d+$" for pattern in patterns if pattern] or [NOBODY]


class Hosts:
    """Which host names match one of the patterns."""

    def __init__(self, patterns: Iterable[str]) -> None:
        each = "|".join(expression(pattern) for pattern in patterns if pattern)
        self._expression = re.compile(rf"(?:{each})\.?" if each else NOBODY, re.IGNORECASE)

    def __contains__(self, name: str) -> bool:
        return self._expression.fullmatch(name) is not None
