"""Changing values of a JSON text where they stand.

The standard library's decoder tells where a value ends, and reads what is passed over at its own speed: only the way to
what is changed is walked here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.network.views.splice import Splice
from interventions.sdk.flow import Location

_DECODE = json.JSONDecoder().raw_decode


def _mapping(value: Any) -> Any:
    """What an intervention took from a read-only flow."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


_ENCODE = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=_mapping).encode
_BLANK = " \t\n\r"
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Put:
    """Another value in the place of what is there."""

    value: Any


@dataclass(frozen=True, slots=True)
class Keep:
    """The first `count` items of a list, and no more."""

    count: int


Edit = Put | Keep


@dataclass(slots=True)
class _Way:
    """What is to be done at one place, and further inside."""

    edit: Edit | None = None
    inside: dict[str | int, _Way] = field(default_factory=dict)


def splices(text: str, start: int, edits: Iterable[tuple[Location, Edit]]) -> list[Splice]:
    """The changes to `text`, whose JSON value begins at `start`, that make `edits`. Later edits of one place win.

    `text` has been parsed before, and no object in it names a member twice.
    """
    top = _Way()
    for location, edit in edits:
        way = top
        for step in location:
            way = way.inside.setdefault(step, _Way())
        way.edit = edit
    found: list[Splice] = []
    _Walk(text, found).value(top, start)
    return found


class _Walk:
    """One walk over a text. Each method takes the position of what it reads and gives the one after it."""

    def __init__(self, text: str, found: list[Splice]) -> None:
        self._text, self._found = text, found

    def value(self, way: _Way | None, at: int) -> int:
        if way is None:
            return _DECODE(self._text, at)[1]
        if isinstance(way.edit, Put):
            end = _DECODE(self._text, at)[1]
            self._found.append(Splice(at, end, _ENCODE(way.edit.value)))
            return end
        match self._text[at]:
            case "{" if way.inside:
                return self._object(way, at)
            case "[":
                return self._array(way, at)
        return _DECODE(self._text, at)[1]

    def _object(self, way: _Way, at: int) -> int:
        at = self._skip(at + 1)
        while self._text[at] != "}":
            key, at = _DECODE(self._text, at)
            at = self._skip(self._skip(at) + 1)
            at = self._next(self.value(way.inside.get(key), at))
        return at + 1

    def _array(self, way: _Way, at: int) -> int:
        items: list[tuple[int, int]] = []
        at = self._skip(at + 1)
        while self._text[at] != "]":
            end = self.value(way.inside.get(len(items)), at)
            items.append((at, end))
            at = self._next(end)
        if isinstance(way.edit, Keep) and way.edit.count < len(items):
            cut = items[way.edit.count - 1][1] if way.edit.count else items[0][0]
            self._found.append(Splice(cut, items[-1][1], ""))
        return at + 1

    def _skip(self, at: int) -> int:
        if self._text[at : at + 1] not in _BLANK:
            return at
        return _SPACE.match(self._text, at).end()  # type: ignore[union-attr]  # it matches nothing as well

    def _next(self, at: int) -> int:
        """The position of the next member or item, or of the closing bracket."""
        at = self._skip(at)
        return self._skip(at + 1) if self._text[at] == "," else at
