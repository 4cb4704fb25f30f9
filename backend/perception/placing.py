"""Puts the nodes of a UI tree where they are in a frame's picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.perception import tree_text
from backend.perception.anchors import Anchors
from backend.perception.registration import Registration
from backend.perception.skew import ScrollPath, Skew
from backend.phones.frame import Frame, Tree
from interventions.sdk import Box, Widget

_REST_S = 0.6
"""So long without a scroll makes a screen one at rest; no picture is that late."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a tree was found to lie, when the content had travelled to `position` of screen number `screen`."""

    tree: Tree
    skew: Skew
    position: tuple[int, int]
    screen: int


class TreePlacer:
    """Places the trees of one phone, in the order of its frames.

    Where content rests, a tree is where it says. Where it moves, pixels tell (`Registration`), or trees before whose
    place is known (`Anchors`); times only say where to look.
    """

    def __init__(self, path: ScrollPath) -> None:
        self._path = path
        self._anchors = Anchors()
        self._registration = Registration()
        self._placed: _Placed | None = None
        self._at_rest: Tree | None = None

    def place(self, frame: Frame, tree: Tree, widgets: Sequence[Widget]) -> Skew:
        """How far the content of `widgets`, of this frame's tree, moved since the tree was made."""
        placed = self._placed
        if placed is not None and placed.tree is tree and placed.screen == self._path.screens:
            return self._followed(placed)
        skew = self._path.since(tree.asked_s, tree.time_s)
        if not skew.exchanged:
            skew = self._measured(skew, frame, tree, widgets)
        skew = self._anchors.settled(skew, widgets, self._path)
        known = skew.close and skew.measured
        self._placed = _Placed(tree, skew, self._path.position, self._path.screens) if known else None
        return skew

    def _followed(self, placed: _Placed) -> Skew:
        """A tree whose place is known goes with the content."""
        dx, dy = (now - then for now, then in zip(self._path.position, placed.position, strict=True))
        skew = placed.skew
        if not dx and not dy:
            return skew
        moved = self._path.since(placed.tree.asked_s, placed.tree.time_s)
        return replace(
            skew,
            dx=skew.dx + dx,
            dy=skew.dy + dy,
            box=skew.box.union(moved.box),
            least=(skew.least[0] + dx, skew.least[1] + dy),
            most=(skew.most[0] + dx, skew.most[1] + dy),
        )

    def _measured(self, timed: Skew, frame: Frame, tree: Tree, widgets: Sequence[Widget]) -> Skew:
        """`timed`, as pixels or a screen at rest confirm or correct it; unmeasured where neither can."""
        rests = timed.certain and not timed.dy and not timed.dx and self._path.rested(tree.asked_s - _REST_S)
        if rests and self._at_rest is not None and self._at_rest.widgets == tree.widgets:
            self._learn(frame, widgets, timed)
            return replace(timed, measured=True)
        self._at_rest = tree if rests else None
        area = _scrolling(widgets, timed)
        if not area or timed.least[0] or timed.most[0]:
            return replace(timed, measured=rests)
        lines = [line for line in tree_text.lines(widgets, _bounds(frame)) if area.contains(line.box)]
        low, high = timed.least[1], timed.most[1]
        if (off := self._registration.found(frame.pixels, lines, area, low, high)) is not None:
            exact = Skew(0, off, timed.box or area, (0, off), (0, off), measured=True)
            self._learn(frame, widgets, exact)
            return exact
        if rests:
            return replace(timed, measured=True)
        limits = self._registration.by_edges(frame.pixels, widgets, area, low, high)
        if limits is None:
            return timed
        middle = sum(limits) // 2
        return Skew(0, middle, timed.box or area, (0, limits[0]), (0, limits[1]), measured=True)

    def _learn(self, frame: Frame, widgets: Sequence[Widget], skew: Skew) -> None:
        area = _scrolling(widgets, skew)
        lines = (line for line in tree_text.lines(widgets, _bounds(frame)) if area.contains(line.box))
        self._registration.learn(frame.pixels, lines, area, skew.dy)


def _bounds(frame: Frame) -> Box:
    return Box(0, 0, *frame.size)


def _scrolling(widgets: Sequence[Widget], skew: Skew) -> Box:
    """The part that scrolls: where the screen did, else the largest widget that can; empty where there is none."""
    lists = [widget.box for widget in widgets if widget.scrollable and widget.box]
    return max(lists, key=lambda box: (skew.box.intersect(box).area, box.area), default=skew.box)
