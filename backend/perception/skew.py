"""The UI tree is older than the frame: where its nodes are by now.

A dump takes up to seconds, and the screen scrolls meanwhile. The path of the scroll tells how far content
moved between the moment of the dump and the frame; because that moment lies anywhere between asking and
answer, there may be several answers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from backend.perception.motion import Motion
from interventions.sdk import Box, Line, Widget

_REMEMBERED = 256
_JOIN = 64
_CLOSE = 56


@dataclass(frozen=True, slots=True)
class Skew:
    """How far content within `box` moved since the tree: by `(dx, dy)`, at least by `least`, at most by `most`.

    `exchanged`: another screen came since the tree was asked for; it may be of the one before. `measured`: more than
    times vouches for the limits: pixels, or a screen at rest. A picture may always be later than times allow.
    """

    dx: int = 0
    dy: int = 0
    box: Box = Box(0, 0, 0, 0)
    least: tuple[int, int] = (0, 0)
    most: tuple[int, int] = (0, 0)
    exchanged: bool = False
    measured: bool = False

    @property
    def certain(self) -> bool:
        return self.least == self.most and not self.exchanged

    @property
    def close(self) -> bool:
        """Whether it is known well enough: boxes grown over all of its limits hide little beside their content."""
        slack = max(self.most[0] - self.least[0], self.most[1] - self.least[1])
        return slack <= _CLOSE and self.measured and not self.exchanged


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
        self._news: deque[tuple[float, tuple[Box, ...]]] = deque(maxlen=_REMEMBERED)
        self.screens = 0
        """How often the screen was exchanged for another one."""

    def record(self, time_s: float, motion: Motion) -> None:
        """Note a frame. Frames that do not move are noted too: they tell when the content stood still."""
        if motion.shift is None and motion.before is not None and motion.stale is not None:
            self._news.append((time_s, motion.stale_boxes(_JOIN)))
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

    def news(self, asked_s: float) -> tuple[Box, ...]:
        """Where something appeared, other than by scrolling, after a tree was asked for: that tree may not know it."""
        return tuple(box for time_s, boxes in self._news if time_s > asked_s for box in boxes)

    def rested(self, since_s: float) -> bool:
        """Whether nothing scrolled since then; a screen that came since then has not scrolled either."""
        here = self.position
        moving = [
            (p.x, p.y) for p, after in pairwise([*self._points, None]) if p and (not after or after.time_s > since_s)
        ]
        return all(place == here for place in moving)

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
        exchanged = self.screens > 1 and points[0].time_s > asked_s
        return Skew(xs[-1], ys[-1], box, (min(xs), min(ys)), (max(xs), max(ys)), exchanged)


def entering(skew: Skew, widgets: Sequence[Widget]) -> tuple[Box, ...]:
    """The rim of the moving part that came into view since the tree was taken: no tree can know what is there.

    The moving part ends where the scrolling widget does, when the tree names one.
    """
    lists = [widget.box for widget in widgets if widget.scrollable]
    around = max(
        lists, key=lambda box: skew.box.intersect(box).area if skew.box.intersect(box) else 0, default=skew.box
    )
    area = skew.box.intersect(around)
    if not area:
        return ()
    rims = []
    if skew.dy:
        inner = min(abs(skew.dy), area.height)
        top = area.bottom - inner if skew.dy < 0 else area.top
        rims.append(Box(area.left, top, area.right, top + inner))
    if skew.dx:
        inner = min(abs(skew.dx), area.width)
        left = area.right - inner if skew.dx < 0 else area.left
        rims.append(Box(left, area.top, left + inner, area.bottom))
    return tuple(rims)


def straightened(widgets: Sequence[Widget], skew: Skew) -> tuple[Widget, ...]:
    """The widgets where they are now; those that scrolled out of sight have no area."""
    if not skew.dx and not skew.dy:
        return tuple(widgets)
    return tuple(
        replace(widget, box=_clipped(widget.box.moved(skew.dx, skew.dy), skew.box)) if scrolls(widget, skew) else widget
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
        if widget is None or not scrolls(widget, skew):
            grown.append(line)
            continue
        reach = widget.box.moved(*skew.least).union(widget.box.moved(*skew.most))
        grown.append(replace(line, box=line.box.union(_clipped(reach, skew.box))))
    return tuple(grown)


def scrolls(widget: Widget, skew: Skew) -> bool:
    """Whether a widget is content of the part that moved, not its frame or a bar beside it."""
    return bool(widget.box) and widget.box.overlap(skew.box) > 0.5 and not widget.box.contains(skew.box)


def _clipped(box: Box, to: Box) -> Box:
    inside = box.intersect(to)
    return inside if inside else Box(to.left, to.top, to.left, to.top)
