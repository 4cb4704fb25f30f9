"""Changing a text by position, so that everything else stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Splice(NamedTuple):
    """Put `text` in place of characters ``start`` to ``end``."""

    start: int
    end: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """`text` with all of `splices` made. Of two that overlap the longer one is, of equal ones the first."""
    done: list[str] = []
    at = 0
    for splice in _apart(splices):
        done += (text[at : splice.start], splice.text)
        at = splice.end
    return "".join((*done, text[at:]))


def _apart(splices: Iterable[Splice]) -> list[Splice]:
    """The splices in order, none overlapping another."""
    kept: list[Splice] = []
    for splice in sorted(splices, key=lambda one: (one.start, -one.end)):
        if not kept or splice.start >= kept[-1].end:
            kept.append(splice)
        elif splice.end - splice.start > kept[-1].end - kept[-1].start:
            kept[-1] = splice
    return kept
