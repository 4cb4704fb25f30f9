"""Names for widgets that stay while the same thing stays on screen, though a dump names nothing.

A widget's name is a digest of the way to it: at each step its view id, or its class, and its number among the siblings
of that kind. Text takes no part, so a like count that grows keeps its name. In a list that scrolls, numbers would slide
from item to item; there, items count on from the dump before: the two are laid side by side at the shift at which most
of what they say agrees, and an item that has been seen keeps its number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from zlib import crc32

from interventions.sdk import Widget

MOST_SAYINGS = 64
"""Enough to tell an item by; and what a hostile dump makes us remember stays in proportion to its size."""
LONG_ENOUGH = 40
"""The length from which a text is as good as its own."""

Saying = tuple[int, int]
"""A text and the view it is in, as one number, and how much it tells: its length."""


class WidgetIds:
    """Gives names, minding those of the dump `before`."""

    def __init__(self, before: Sequence[Widget] = ()) -> None:
        self._known = _lists(before)

    def name(self, widgets: Sequence[Widget]) -> tuple[Widget, ...]:
        """`widgets` (document order) with their ids."""
        children = _children(widgets)
        says = _sayings(widgets)
        named: list[Widget | None] = [None] * len(widgets)
        kinds = _kinds(widgets)
        steps: dict[int, str] = _steps(children[None], kinds)
        for widget in widgets:  # parents come before their children
            parent = named[widget.parent] if widget.parent is not None else None
            path = f"{parent.id if parent else ''}/{steps[widget.index]}"
            own = replace(widget, id=_digest(widget, path, steps[widget.index]))
            named[widget.index] = own
            below = children[widget.index]
            if widget.scrollable:
                first = self._shift(own, [says[i] for i in below])
                steps |= {index: f"~{number}" for number, index in enumerate(below, first)}
            else:
                steps |= _steps(below, kinds)
        return tuple(widget for widget in named if widget is not None)

    def _shift(self, parent: Widget, items: list[set[Saying]]) -> int:
        """The number of the first of `items`, so that those seen before have the numbers they had."""
        known = self._known.get(parent.id)
        if known is None:
            return 0
        votes: defaultdict[int, float] = defaultdict(float)
        for position, item in enumerate(items):
            for saying in item:
                numbers = known.sayings.get(saying, [])
                for number in numbers:  # what every item says ("Like") tells little
                    votes[number - position] += saying[1] / len(numbers)
        if votes:
            return max(votes, key=lambda shift: (votes[shift], -abs(shift - known.first)))
        # Nothing of what they say is known: other content. Numbers go on, none is used twice.
        return known.last + 1 if any(items) else known.first


@dataclass
class _List:
    """A scrolling widget of the dump before: the numbers of its items, and which of them said what."""

    first: int
    last: int
    sayings: dict[Saying, list[int]] = field(default_factory=lambda: defaultdict(list))


def item_number(widget_id: str) -> int | None:
    """The number that an id gives an item of a scrolling list; None for other widgets."""
    _, sign, number = widget_id.rpartition("~")
    return int(number) if sign and number.lstrip("-").isdigit() else None


def _lists(widgets: Sequence[Widget]) -> dict[str, _List]:
    """The scrolling widgets by id."""
    says = _sayings(widgets)
    lists: dict[str, _List] = {}
    for widget in widgets:
        number = item_number(widget.id)
        if widget.parent is None or number is None or not widgets[widget.parent].scrollable:
            continue
        items = lists.setdefault(widgets[widget.parent].id, _List(number, number))
        items.last = number
        for saying in says[widget.index]:
            items.sayings[saying].append(number)
    return lists


def _children(widgets: Sequence[Widget]) -> dict[int | None, list[int]]:
    children: dict[int | None, list[int]] = defaultdict(list)
    for widget in widgets:
        children[widget.parent].append(widget.index)
    return children


def _kinds(widgets: Sequence[Widget]) -> list[str]:
    """What each widget is among its siblings: its view id; without one, its class and the first view id within it.

    That id tells anonymous containers apart, so that they keep their names when the first of them is out of sight.
    """
    kinds = [widget.view_id for widget in widgets]
    first = [*kinds]
    for widget in reversed(widgets):  # children before their parents, later ones first
        if not kinds[widget.index]:
            kinds[widget.index] = f"{widget.class_name}({first[widget.index]})"
        if widget.parent is not None and not widgets[widget.parent].view_id and first[widget.index]:
            first[widget.parent] = first[widget.index]
    return kinds


def _steps(siblings: list[int], kinds: Sequence[str]) -> dict[int, str]:
    """The step to each of `siblings`: its kind, and its number among those of that kind."""
    seen: Counter[str] = Counter()
    steps = {}
    for index in siblings:
        steps[index] = f"{kinds[index]}#{seen[kinds[index]]}"
        seen[kinds[index]] += 1
    return steps


def _digest(widget: Widget, path: str, step: str) -> str:
    digest = blake2b(path.encode("utf-8", "replace"), digest_size=6).hexdigest()
    number = step if step.startswith("~") else ""
    return f"{widget.short_id or widget.short_class}@{digest}{number}"


def _sayings(widgets: Sequence[Widget]) -> list[set[Saying]]:
    """What each widget and all within it say, `MOST_SAYINGS` at most."""
    own: list[set[Saying]] = [set() for _ in widgets]
    for widget in reversed(widgets):  # children before their parents
        said = own[widget.index]
        if widget.text or widget.description:
            whole = f"{widget.view_id}\0{widget.text}\0{widget.description}"
            length = len(widget.text) + len(widget.description)
            said.add((crc32(whole.encode("utf-8", "replace")), min(length, LONG_ENOUGH)))
        if widget.parent is not None:
            above = own[widget.parent]
            above.update(islice(said, max(0, MOST_SAYINGS - len(above))))
    return own
