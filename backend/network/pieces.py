"""Feeds in pieces: a post that was judged before is put in its place without being parsed again.

What is decided on a text depends on the text alone (see `known`), so what becomes of an item of a list depends on the
item alone. A body is cut into the items of its outermost lists of objects and what is around them; what is judged is
the body with only those items that nobody has judged.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from backend.engine.decision import Decided
from backend.network.views.json_view import JsonView

_LIST = re.compile(r'"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*(?=\{)')
"""A member that is a list of objects. It may be met in a string too: then what follows is no list, or has no words."""
_BETWEEN = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?=\{)")
_CLOSED = re.compile(r"[ \t\r\n]*\]")
_END_OF = json.JSONDecoder().raw_decode
_PLACE = "{}"


@dataclass(frozen=True, slots=True)
class _Cut:
    """A text as ``around[0] items[0] around[1] items[1] ... around[-1]``: each of `items` a list's items, and each of
    `between` what stands between those."""

    around: list[str]
    items: list[list[str]]
    between: list[list[str]]


def _cut(text: str) -> _Cut | None:
    """None when there is no list of objects, or something in one of them is no object."""
    around: list[str] = []
    items: list[list[str]] = []
    between: list[list[str]] = []
    at = 0
    start = _LIST.search(text)
    while start is not None:
        around.append(text[at : start.end()])
        at = start.end()
        inside: list[str] = []
        apart: list[str] = []
        while True:
            try:
                end = _END_OF(text, at)[1]
            except (ValueError, RecursionError):
                return None
            inside.append(text[at:end])
            following = _BETWEEN.match(text, end)
            if following is None:
                break
            apart.append(following[0])
            at = following.end()
        if _CLOSED.match(text, end) is None:
            return None
        items.append(inside)
        between.append(apart)
        at = end
        start = _LIST.search(text, at)
    return _Cut([*around, text[at:]], items, between) if items else None


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of an item, and by whose decisions. `text` is None where nothing was changed."""

    text: str | None
    by: tuple[Decided, ...]


class Pieces:
    """What became of items, by the digest of their text, the least recently met forgotten first; all of them when the
    interventions change. In memory alone, and no text of an item that was left as it is.

    Args:
        capacity: how many items.
        room: how many characters of changed items, in all.
    """

    def __init__(self, capacity: int = 50_000, room: int = 16_000_000) -> None:
        self._capacity, self._room = capacity, room
        self._generation = -1
        self._characters = 0
        self._done: OrderedDict[bytes, _Done] = OrderedDict()

    def of(self, body: bytes, package: str, generation: int) -> Body | None:
        """A JSON body in pieces; None for one that has no list of objects, or is not UTF-8. Not for several threads."""
        try:
            cut = _cut(body.decode())
        except UnicodeDecodeError:
            return None
        if cut is None:
            return None
        if generation != self._generation:
            self._done.clear()
            self._characters = 0
            self._generation = generation
        known: dict[str, _Done] = {}
        for item in {item for items in cut.items for item in items}:
            key = _key(package, item)
            if (done := self._done.get(key)) is not None:
                self._done.move_to_end(key)
                known[item] = done
        return Body(cut, known)

    def remember(self, package: str, done: Mapping[str, _Done], generation: int) -> None:
        """Keep what the interventions of `generation` did."""
        if generation != self._generation:
            return
        for item, one in done.items():
            key = _key(package, item)
            if key not in self._done:
                self._done[key] = one
                self._characters += len(one.text or "")
        while len(self._done) > self._capacity or self._characters > self._room:
            self._characters -= len(self._done.popitem(last=False)[1].text or "")


def _key(package: str, item: str) -> bytes:
    return blake2b(f"{package}\0{item}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Body:
    """One body in pieces. `reduced` is what is to be judged of it: each list begins with an empty object, which keeps
    its place, and goes on with the items that nobody has judged."""

    def __init__(self, cut: _Cut, known: Mapping[str, _Done]) -> None:
        self._cut, self._known = cut, known
        self._unknown = [[item for item in dict.fromkeys(items) if item not in known] for items in cut.items]
        self.learnt: dict[str, _Done] = {}
        self.by = [one for items in cut.items for item in items if item in known for one in known[item].by]
        """Whose decisions changed the items that were known."""

    @property
    def reduced(self) -> bytes:
        return _joined(self._cut.around, [",".join((_PLACE, *items)) for items in self._unknown]).encode()

    def whole(self, judged: bytes, view: JsonView, hiding: Mapping[int, Decided]) -> bytes | None:
        """The whole body, of what became of the reduced one; None when they do not fit together.

        Fills `learnt`. `view` is of the reduced body, `hiding` names the parts of it that were hidden.
        """
        cut, outer = _cut(judged.decode()), view.outer_lists
        if cut is None or len(outer) != len(cut.items):
            return None
        if [len(items) for items in cut.items] != [1 + len(items) for items in self._unknown]:
            return None
        for location, before, after in zip(outer, self._unknown, cut.items, strict=True):
            for number, (old, new) in enumerate(zip(before, after[1:], strict=True), 1):
                self.learnt[old] = _Done(None if new == old else new, tuple(view.within((*location, number), hiding)))
        done = {item: one.text for item, one in (*self._known.items(), *self.learnt.items()) if one.text is not None}
        lists = []
        for items, between in zip(self._cut.items, self._cut.between, strict=True):
            lists.append(_joined(["", *between, ""], [done.get(item, item) for item in items]))
        return _joined(cut.around, lists).encode()


def _joined(around: Sequence[str], inside: Sequence[str]) -> str:
    return "".join(piece for pair in zip(around, [*inside, ""], strict=True) for piece in pair)
