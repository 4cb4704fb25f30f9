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
_OPENED = re.compile(r"[{\[][ \t\n\r]*")
_NAMED = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_FOLLOWED = re.compile(r"[ \t\n\r]*,?[ \t\n\r]*")


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

    def value(self, way: _Way, at: int) -> int:
        if isinstance(way.edit, Put):
            end = _DECODE(self._text, at)[1]
            self._found.append(Splice(at, end, _ENCODE(way.edit.value)))
            return end
        match self._text[at]:
            case "{" if way.inside:
                return self._object(way.inside, at)
            case "[":
                return self._array(way, at)
        return _DECODE(self._text, at)[1]

    def _object(self, inside: dict[str | int, _Way], at: int) -> int:
        text = self._text
        at = _past(_OPENED, text, at)
        while text[at] != "}":
            key, at = _DECODE(text, at)
            at = _past(_NAMED, text, at)
            way = inside.get(key)
            at = _DECODE(text, at)[1] if way is None else self.value(way, at)
            at = _past(_FOLLOWED, text, at)
        return at + 1

    def _array(self, way: _Way, at: int) -> int:
        text = self._text
        items: list[tuple[int, int]] = []
        at = _past(_OPENED, text, at)
        while text[at] != "]":
            inner = way.inside.get(len(items))
            end = _DECODE(text, at)[1] if inner is None else self.value(inner, at)
            items.append((at, end))
            at = _past(_FOLLOWED, text, end)
        if isinstance(way.edit, Keep) and way.edit.count < len(items):
            cut = items[way.edit.count - 1][1] if way.edit.count else items[0][0]
            self._found.append(Splice(cut, items[-1][1], ""))
        return at + 1


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    """The position behind `pattern`, which a parsed text has at `at`."""
    found = pattern.match(text, at)
    assert found is not None
    return found.end()
