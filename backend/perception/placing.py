"""Puts the nodes of a UI tree where they are in a frame's picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.perception import tree_text
from backend.perception.registration import Limits, Registration
from backend.perception.skew import ScrollPath, Skew
from backend.phones.frame import Frame, Tree
from interventions.sdk import Box, Widget

_REST_S = 0.3
"""So long without a scroll makes a screen one at rest: hardly a picture is later than that."""
_NEARLY = Limits(-8, 8)
"""How exactly a screen at rest is known until a second tree confirms it."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a tree was found to lie, when the content had travelled to `position` of screen number `screen`."""

    tree: Tree
    skew: Skew
    position: tuple[int, int]
    screen: int


class TreePlacer:
    """Places the trees of one phone, in the order of its frames.

    Where content rests, a tree is where it says. Where it moves, only pixels are believed (`Registration`), and times
    not at all: pictures and trees may be late by anything, each in its own way.
    """

    def __init__(self, path: ScrollPath) -> None:
        self._path = path
        self._registration = Registration()
        self._placed: _Placed | None = None
        self._before: Tree | None = None

    def place(self, frame: Frame, tree: Tree, widgets: Sequence[Widget]) -> Skew:
        """How far the content of `widgets`, of this frame's tree, moved since the tree was made."""
        placed = self._placed
        if placed is not None and placed.tree is tree and placed.screen == self._path.screens:
            return self._followed(placed)
        skew = self._path.since(tree.asked_s, tree.time_s)
        if not skew.exchanged:
            skew = self._measured(skew, frame, tree, widgets)
        self._placed = _Placed(tree, skew, self._path.position, self._path.screens) if skew.close else None
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
        """`timed`, as a screen at rest confirms it or known texts correct it; unmeasured where neither can."""
        before, self._before = self._before, tree
        still = timed.certain and not timed.dy and not timed.dx and self._path.rested(tree.asked_s - _REST_S)
        area = _scrolling(widgets, timed)
        if not area or timed.least[0] or timed.most[0]:
            return replace(timed, measured=still)
        lines = [line for line in tree_text.lines(widgets, Box(0, 0, *frame.size)) if area.contains(line.box)]
        if still and before is not None and _agree(before, tree):
            if self._registration.fits(frame.pixels, widgets, area):
                self._registration.learn(frame.pixels, lines, area, 0)
            return replace(timed, measured=True)
        found = self._registration.measure(frame.pixels, lines, area)
        if found is None and still and self._registration.fits(frame.pixels, widgets, area):
            found = _NEARLY  # though a screen may have scrolled already, in pictures that are under way
        if found is None:
            return timed
        self._registration.learn(frame.pixels, lines, area, found.middle, found.moved(-found.middle))
        if still and found.least <= 0 <= found.most:
            return replace(timed, measured=True)
        return Skew(0, found.middle, timed.box or area, (0, found.least), (0, found.most), measured=True)


def _agree(before: Tree, tree: Tree) -> bool:
    """Whether nothing moved on the phone from the one tree to the other, for longer than a picture is under way."""
    return tree.asked_s - before.time_s >= _REST_S and tree.widgets == before.widgets


def _scrolling(widgets: Sequence[Widget], skew: Skew) -> Box:
    """The part that scrolls: where the screen did, else the largest widget that can; empty where there is none."""
    lists = [widget.box for widget in widgets if widget.scrollable and widget.box]
    return max(lists, key=lambda box: (skew.box.intersect(box).area, box.area), default=skew.box)
