"""The UI tree is older than the frame: where its nodes are by now.

A dump takes up to seconds, and the screen scrolls meanwhile. The path of the scroll tells how far content
moved between the moment of the dump and the frame; because that moment lies anywhere between asking and
answer, there may be several answers.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from backend.perception.motion import Motion
from interventions.sdk import Box, Line, Widget

_REMEMBERED = 256
_WITNESSES = 3


@dataclass(frozen=True, slots=True)
class Skew:
    """How far content within `box` moved since the tree: by `(dx, dy)`, at least by `least`, at most by `most`."""

    dx: int = 0
    dy: int = 0
    box: Box = Box(0, 0, 0, 0)
    least: tuple[int, int] = (0, 0)
    most: tuple[int, int] = (0, 0)

    @property
    def certain(self) -> bool:
        return self.least == self.most


@dataclass(frozen=True, slots=True)
class _Point:
    time_s: float
    x: int
    y: int
    box: Box


class ScrollPath:
    """Where the content of one phone's screen stood at each frame, since the screen was last exchanged."""

    def __init__(self) -> None:
        self._points: deque[_Point] = deque(maxlen=_REMEMBERED)
        self.screens = 0
        """How often the screen was exchanged for another one."""

    def record(self, time_s: float, motion: Motion) -> None:
        """Note a frame. Frames that do not move are noted too: they tell when the content stood still."""
        if motion.replaced or not self._points:
            self._points.clear()
            self.screens += 1
            self._points.append(_Point(time_s, 0, 0, Box(0, 0, 0, 0)))
            return
        last = self._points[-1]
        if motion.shift is None:
            self.still(time_s)
        else:
            shift = motion.shift
            self._points.append(_Point(time_s, last.x + shift.dx, last.y + shift.dy, shift.box))

    @property
    def position(self) -> tuple[int, int]:
        """How far the content has travelled since the screen was last exchanged, in pixels."""
        return (self._points[-1].x, self._points[-1].y) if self._points else (0, 0)

    def still(self, time_s: float) -> None:
        """Note a frame in which nothing changed."""
        if self._points:
            self._points.append(replace(self._points[-1], time_s=time_s, box=Box(0, 0, 0, 0)))

    def since(self, asked_s: float, answered_s: float) -> Skew:
        """How far content has moved since a tree that was asked for and answered at these times."""
        points = self._points
        if not points:
            return Skew()
        possible = [
            now
            for now, after in pairwise([*points, None])
            if now is not None and now.time_s < answered_s and (after is None or after.time_s > asked_s)
        ] or [points[0]]
        end = points[-1]
        following = next((point for point in points if point.time_s >= answered_s), end)
        possible.append(following)
        xs, ys = [end.x - p.x for p in possible], [end.y - p.y for p in possible]
        box = Box(0, 0, 0, 0)
        for point in points:
            if point.time_s > possible[0].time_s:
                box = box.union(point.box)
        return Skew(xs[-1], ys[-1], box, (min(xs), min(ys)), (max(xs), max(ys)))


class Anchors:
    """Where on the page things stand, by widget, from the last tree whose moment was certain.

    A widget that a later tree names again, at another place, tells by how much that tree is off: this settles a
    skew that time alone leaves open.
    """

    def __init__(self) -> None:
        self._screen = -1
        self._places: dict[str, Box] = {}

    def note(self, widgets: Sequence[Widget], path: ScrollPath) -> None:
        """Remember where `widgets` are, as of the newest frame."""
        x, y = path.position
        self._screen = path.screens
        self._places = {widget.id: widget.box.moved(-x, -y) for widget in widgets if widget.box}

    def settled(self, skew: Skew, widgets: Sequence[Widget], path: ScrollPath) -> Skew:
        """`skew`, made certain where most of the widgets known from before agree on it."""
        if self._screen != path.screens:
            return skew
        x, y = path.position
        votes: Counter[tuple[int, int]] = Counter()
        for widget in widgets:
            place = self._places.get(widget.id)
            if place is None or not _scrolls(widget, skew):
                continue
            if (place.width, place.height) == (widget.box.width, widget.box.height):
                votes[place.left + x - widget.box.left, place.top + y - widget.box.top] += 1
        if not votes:
            return skew
        (by, agreeing), *_ = votes.most_common(1)
        possible = all(low <= value <= high for low, value, high in zip(skew.least, by, skew.most, strict=True))
        if not possible or agreeing < _WITNESSES or 2 * agreeing <= votes.total():
            return skew
        return Skew(by[0], by[1], skew.box, by, by)


def straightened(widgets: Sequence[Widget], skew: Skew) -> tuple[Widget, ...]:
    """The widgets where they are now; those that scrolled out of sight have no area."""
    if not skew.dx and not skew.dy:
        return tuple(widgets)
    return tuple(
        replace(widget, box=_clipped(widget.box.moved(skew.dx, skew.dy), skew.box))
        if _scrolls(widget, skew)
        else widget
        for widget in widgets
    )


def covering(lines: Sequence[Line], before: Sequence[Widget], skew: Skew) -> tuple[Line, ...]:
    """The lines, their boxes grown over everywhere they may be by now.

    `before` are the widgets as the tree had them, by position in `Scene.widgets`.
    """
    if skew.certain:
        return tuple(lines)
    by_index = {widget.index: widget for widget in before}
    grown = []
    for line in lines:
        widget = by_index.get(line.widget) if line.widget is not None else None
        if widget is None or not _scrolls(widget, skew):
            grown.append(line)
            continue
        reach = widget.box.moved(*skew.least).union(widget.box.moved(*skew.most))
        grown.append(replace(line, box=line.box.union(_clipped(reach, skew.box))))
    return tuple(grown)


def _scrolls(widget: Widget, skew: Skew) -> bool:
    """Whether a widget is content of the part that moved, not its frame or a bar beside it."""
    return bool(widget.box) and widget.box.overlap(skew.box) > 0.5 and not widget.box.contains(skew.box)


def _clipped(box: Box, to: Box) -> Box:
    inside = box.intersect(to)
    return inside if inside else Box(to.left, to.top, to.left, to.top)
