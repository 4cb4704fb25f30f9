"""JSON bodies: which values in them people read, and how to change those and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from backend.network.views.charset import decoded
from backend.network.views.json_edit import Edit, Keep, Put, splices
from backend.network.views.markup import escaped_as, plain
from backend.network.views.splice import spliced
from backend.network.views.view import MOST_PARTS, Part, Unreadable
from backend.network.views.words import full_name, is_number, is_text, role_of
from interventions.sdk import FlowAction, FlowKind, FlowList, KeepFirst, Rewrite
from interventions.sdk.flow import Location, located, path_text

_Any = TypeVar("_Any")

MOST_DEPTH = 100
MOST_VALUES = 250_000
"""In one body: a value of one byte takes a hundred once it is parsed."""

_GUARD = re.compile(r"\s*(?:\)\]\}'[^\n\[{]*|(?:for\s*\(;;\)|while\s*\(1\))\s*;|\d{1,4}(?=[\[{]))?\s*")
"""What services put before JSON so that no script can include it, and what socket.io puts before it."""


class JsonView:
    """A JSON body.

    Args:
        body: its bytes.
        content_type: the header, for its charset.
        paths: JSONPaths of what is content; when there are none, it is discovered.

    Raises:
        Unreadable: no JSON, nested too deeply, too large, or a member that is named twice.
        FlowPathError: one of `paths` is not JSONPath.
    """

    kind: FlowKind = "json"

    def __init__(self, body: bytes, content_type: str = "", paths: Sequence[str] = ()) -> None:
        if sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
            raise Unreadable("too large", f"more than {MOST_VALUES} values")
        self._source = decoded(body, content_type)
        self._start, self._document = parsed(self._source.text)
        self._body = body
        self.parts: list[Part] = []
        self._lists: list[tuple[Location, str, int, bool]] = []
        self.beyond = 0
        self._places: list[tuple[Location, str | float]] = []
        self._walk(discover=not paths)
        for path in paths:
            self._add_all(path)

    @property
    def lists(self) -> list[FlowList]:
        return [FlowList(path_text(location), key, length, inner) for location, key, length, inner in self._lists]

    @property
    def outer_lists(self) -> list[Location]:
        """Where the lists of objects are that are in no other list, in the body's order."""
        return [location for location, _, _, inner in self._lists if not inner]

    def within(self, location: Location, hiding: Mapping[int, _Any]) -> list[_Any]:
        """The values of `hiding`, by position of the part, whose parts are at `location` or in it."""
        depth = len(location)
        return [one for position, one in hiding.items() if self._places[position][0][:depth] == location]

    def path(self, position: int) -> str:
        return path_text(self._places[position][0])

    def read(self) -> Any:
        return self._document

    def edited(self, hidden: Mapping[int, str], actions: Iterable[FlowAction] = ()) -> bytes:
        edits = [*self._hiding(hidden), *self._asked(actions)]
        if not edits:
            return self._body
        text = self._source.text
        try:
            made = spliced(text, splices(text, self._start, edits))
        except (TypeError, ValueError, RecursionError) as error:
            raise Unreadable("cannot be rewritten", f"a new value is not JSON: {error}") from error
        return self._source.encoded(made)

    # -- finding ---------------------------------------------------------------------------------------

    def _walk(self, discover: bool) -> None:
        """All objects and lists, in the body's order; without recursion, for a body may be nested as it likes."""
        waiting: list[tuple[Location, str, str, Any, bool]] = [((), "", "", self._document, False)]
        while waiting:
            location, key, parent, value, inner = waiting.pop()
            if isinstance(value, dict):
                inside = [((*location, name), name, key, one, inner) for name, one in value.items()]
            elif isinstance(value, list):
                if value and isinstance(value[0], dict):
                    self._lists.append((location, key, len(value), inner))
                # An object in a list is no "count" of that list's name; a text in it is what the list is called.
                inside = [
                    ((*location, at), "" if isinstance(one, dict | list) else key, "", one, True)
                    for at, one in enumerate(value)
                ]
            else:
                if discover:
                    self._consider(location, key, parent, value)
                continue
            if len(location) >= MOST_DEPTH:
                raise Unreadable("nested too deeply", f"more than {MOST_DEPTH} levels")
            waiting += reversed(inside)

    def _consider(self, location: Location, key: str, parent: str, value: Any) -> None:
        if isinstance(value, str):
            role = role_of(full_name(key, parent))
            if role == "count" and is_number(value):
                self._add("count", location, full_name(key, parent), value, value)
            elif is_text(value, role):
                self._add("text", location, full_name(key, parent), plain(value), value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            name = full_name(key, parent)
            if role_of(name) == "count":
                self._add("count", location, name, number_text(value), value)

    def _add(self, kind: Any, location: Location, name: str, text: str, value: str | float) -> None:
        if len(self.parts) >= MOST_PARTS:
            self.beyond += 1
            return
        self.parts.append(Part(kind, name, text))
        self._places.append((location, value))

    def _add_all(self, path: str) -> None:
        """What a researcher says is content, whatever it looks like."""
        for location, value in located(path, self._document):
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                continue
            name = next((step for step in reversed(location) if isinstance(step, str)), "")
            text = plain(value) if isinstance(value, str) else number_text(value)
            self._add("count" if is_number(text) else "text", location, name, text, value)

    # -- changing --------------------------------------------------------------------------------------

    def _hiding(self, hidden: Mapping[int, str]) -> Iterable[tuple[Location, Edit]]:
        for position, text in hidden.items():
            location, value = self._places[position]
            yield location, Put(escaped_as(value, text) if isinstance(value, str) else type(value)(0))

    def _asked(self, actions: Iterable[FlowAction]) -> Iterable[tuple[Location, Edit]]:
        for action in actions:
            match action:
                case Rewrite(path=path, value=value):
                    yield from ((location, Put(value)) for location, _ in located(path, self._document))
                case KeepFirst(path=path, count=count):
                    for location, value in located(path, self._document):
                        if isinstance(value, list) and len(value) > max(0, count):
                            yield location, Keep(max(0, count))


def number_text(value: float) -> str:
    """A number as people would read it: 1200.0 is 1200."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def parsed(text: str) -> tuple[int, Any]:
    """Where the JSON value in `text` begins, and the value. Raises Unreadable."""
    guard = _GUARD.match(text)
    start = guard.end() if guard else 0
    try:
        document, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else "invalid JSON"
        raise Unreadable(reason, str(error)) from error
    if text[end:].strip(" \t\r\n"):
        raise Unreadable("invalid JSON", f"something follows the value, from character {end} on")
    return start, document


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        # Which of the two an app takes nobody knows, so neither can be judged for it.
        raise ValueError("an object names a member twice")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_constant)
