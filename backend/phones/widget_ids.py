"""Names for widgets that stay while the same thing stays on screen, though a dump names nothing.

A widget's name is a digest of the way to it: at each step its view id, or its class, and its number among the siblings
of that kind. Text takes no part, so a like count that grows keeps its name. In a list that scrolls, numbers would slide
from item to item; there, items count on from the dump before: the two are laid side by side, the shift at which most
items say the same is taken, and an item that has been seen keeps its number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from zlib import crc32

from interventions.sdk import Widget


class WidgetIds:
    """Gives names, minding those of the dump `before`."""

    def __init__(self, before: Sequence[Widget] = ()) -> None:
        self._known = _lists(before)

    def name(self, widgets: Sequence[Widget]) -> tuple[Widget, ...]:
        """`widgets` (document order) with their ids."""
        children = _children(widgets)
        says = _signatures(widgets)
        named: list[Widget | None] = [None] * len(widgets)
        steps: dict[int, str] = _steps(children[None], widgets, 0)
        for widget in widgets:  # parents come before their children
            parent = named[widget.parent] if widget.parent is not None else None
            path = f"{parent.id if parent else ''}/{steps[widget.index]}"
            own = replace(widget, id=_digest(widget, path, steps[widget.index]))
            named[widget.index] = own
            below = children[widget.index]
            start = self._shift(own, [says[i] for i in below]) if widget.scrollable else 0
            steps |= _steps(below, widgets, start, numbered=widget.scrollable)
        return tuple(widget for widget in named if widget is not None)

    def _shift(self, parent: Widget, items: list[int]) -> int:
        """The number of the first of `items`, so that those seen before have the numbers they had."""
        known = self._known.get(parent.id)
        if known is None:
            return 0
        votes = Counter(number - position for position, item in enumerate(items) for number in known.get(item, ()))
        if not votes:
            # Nothing is known any more: other content, or one that scrolled far. Numbers go on, none is used twice.
            return max((n for numbers in known.values() for n in numbers), default=-1) + 1
        return max(votes, key=lambda shift: (votes[shift], -abs(shift)))


def item_number(widget_id: str) -> int | None:
    """The number that an id gives an item of a scrolling list; None for other widgets."""
    _, sign, number = widget_id.rpartition("~")
    return int(number) if sign and number.lstrip("-").isdigit() else None


def _lists(widgets: Sequence[Widget]) -> dict[str, dict[int, list[int]]]:
    """For each scrolling widget by id: what its items said, and under which numbers."""
    says = _signatures(widgets)
    lists: dict[str, dict[int, list[int]]] = {}
    for widget in widgets:
        parent = widgets[widget.parent] if widget.parent is not None else None
        number = item_number(widget.id)
        if parent is not None and parent.scrollable and number is not None:
            lists.setdefault(parent.id, defaultdict(list))[says[widget.index]].append(number)
    return lists


def _children(widgets: Sequence[Widget]) -> dict[int | None, list[int]]:
    children: dict[int | None, list[int]] = defaultdict(list)
    for widget in widgets:
        children[widget.parent].append(widget.index)
    return children


def _steps(siblings: list[int], widgets: Sequence[Widget], start: int, numbered: bool = False) -> dict[int, str]:
    """The step to each of `siblings`: ``likes#0``, or with `numbered` ``~12``, the item's number in its list."""
    if numbered:
        return {index: f"~{start + place}" for place, index in enumerate(siblings)}
    seen: Counter[str] = Counter()
    steps = {}
    for index in siblings:
        kind = widgets[index].view_id or widgets[index].class_name
        steps[index] = f"{kind}#{seen[kind]}"
        seen[kind] += 1
    return steps


def _digest(widget: Widget, path: str, step: str) -> str:
    digest = blake2b(path.encode("utf-8", "replace"), digest_size=6).hexdigest()
    number = step if step.startswith("~") else ""
    return f"{widget.short_id or widget.short_class}@{digest}{number}"


def _signatures(widgets: Sequence[Widget]) -> list[int]:
    """What each widget and all within it say and are, as one number each."""
    own = [crc32(f"{w.class_name}\0{w.view_id}\0{w.text}\0{w.description}".encode("utf-8", "replace")) for w in widgets]
    for widget in reversed(widgets):  # children before their parents
        if widget.parent is not None:
            own[widget.parent] = (own[widget.parent] * 31 + own[widget.index]) & 0xFFFFFFFFFFFFFFFF
    return own
