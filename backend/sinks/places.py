"""Which views a box on the screen stands for. Pure functions on widgets; boxes are screen pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from interventions.sdk import Box, Widget

Fit = Literal["view", "views", "enclosing", "none"]

_SAME = 0.75
"""Intersection over union from which a box is meant to be a view's."""
_INSIDE = 0.9
"""Share of a view, or of a box, that counts as all of it."""
_MOSTLY = 0.6
"""Share of a box that lies in the view of which it is a part: a row measured in pixels reaches past a clipped text."""
_FILLED = 0.5
"""Share of a box that views within it must fill to stand for it."""
_LARGE = 0.35
"""Share of the screen from which hiding a whole view for a part of it would hide too much."""


class Place(NamedTuple):
    """The views that hide a box, and how well they fit: ``enclosing`` hides more than was asked for."""

    fit: Fit
    widgets: tuple[Widget, ...] = ()


def place_of(box: Box, widgets: Sequence[Widget], size: tuple[int, int]) -> Place:
    """The smallest set of `widgets` (document order) that hides `box` on a screen of `size`."""
    box = box.clipped(size)
    if not box:
        return Place("none")
    seen = [(widget, widget.box.clipped(size)) for widget in widgets]
    shown = [(widget, visible) for widget, visible in seen if visible]
    if (same := _same(box, shown)) is not None:
        return Place("view", (same,))
    if within := _within(box, shown):
        return Place("views" if len(within) > 1 else "view", within)
    around = _around(box, shown, size)
    return Place("enclosing", (around,)) if around is not None else Place("none")


def _same(box: Box, shown: Sequence[tuple[Widget, Box]]) -> Widget | None:
    """The view whose box it is. A box may be that of a view and of its only child: then the child's, which shows it."""
    fits = [(visible.iou(box), widget) for widget, visible in shown]
    best = max((fit for fit, _ in fits), default=0.0)
    if best < _SAME:
        return None
    alike = {widget.index: widget for fit, widget in fits if fit >= best - 0.02}
    children = Counter(widget.parent for widget, _ in shown if widget.parent is not None)
    chosen = next(iter(alike.values()))
    for widget in alike.values():
        if widget.parent == chosen.index and children[chosen.index] == 1:
            chosen = widget
    return chosen


def _within(box: Box, shown: Sequence[tuple[Widget, Box]]) -> tuple[Widget, ...]:
    """The outermost views that lie in the box, where they fill it well enough."""
    taken: dict[int, Widget] = {}
    below: set[int] = set()
    filled = 0
    for widget, visible in shown:
        if widget.parent in taken or widget.parent in below:
            below.add(widget.index)
        elif visible.overlap(box) >= _INSIDE:
            taken[widget.index] = widget
            filled += visible.intersect(box).area
    return tuple(taken.values()) if filled >= _FILLED * box.area else ()


def _around(box: Box, shown: Sequence[tuple[Widget, Box]], size: tuple[int, int]) -> Widget | None:
    """The smallest view around the box that shows something itself and is not too large to be hidden as a whole."""
    parents = {widget.parent for widget, _ in shown}
    holding = [
        (visible.area, -widget.depth, widget)
        for widget, visible in shown
        if box.overlap(visible) >= _MOSTLY
        and visible.area < _LARGE * size[0] * size[1]
        and (widget.index not in parents or widget.text)
    ]
    return min(holding, key=lambda one: one[:2])[2] if holding else None
