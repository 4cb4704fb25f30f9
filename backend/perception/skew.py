"""The UI tree is older than the frame: where its nodes are by now.

A dump takes up to seconds, and the screen scrolls meanwhile. The path of the scroll tells how far content
moved between the moment of the dump and the frame; because that moment lies anywhere between asking and
answer, there may be several answers.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from backend.perception.motion import Motion
from interventions.sdk import Box, Line, Widget

_REMEMBERED = 256
_WITNESSES = 3
_JOIN = 64
_CLOSE = 56
_DOUBT = 12


@dataclass(frozen=True, slots=True)
class Skew:
    """How far content within `box` moved since the tree: by `(dx, dy)`, at least by `least`, at most by `most`.

    `exchanged`: another screen came since the tree was asked for; it may be of the one before. `contradicted`: trees
    before say otherwise, or nothing confirms limits that time alone sets; a picture may have been later than allowed.
    """

    dx: int = 0
    dy: int = 0
    box: Box = Box(0, 0, 0, 0)
    least: tuple[int, int] = (0, 0)
    most: tuple[int, int] = (0, 0)
    exchanged: bool = False
    contradicted: bool = False

    @property
    def certain(self) -> bool:
        return self.least == self.most and not self.exchanged and not self.contradicted

    @property
    def close(self) -> bool:
        """Whether it is known well enough: boxes grown over all of its limits hide little beside their content."""
        slack = max(self.most[0] - self.least[0], self.most[1] - self.least[1])
        return slack <= _CLOSE and not self.exchanged and not self.contradicted


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


class Anchors:
    """Where on the page things stand, by widget: this settles a skew that time alone leaves open.

    Two trees that name the same widgets say exactly how far apart they were taken. Each says when it was taken only
    within limits, but what holds for both holds for the page: the limits of every tree narrow those of all others.
    A tree whose moment is certain pins the page down at once. One that contradicts the page is not believed until the
    next one agrees with it.
    """

    def __init__(self) -> None:
        self._screen = -1
        self._page: _Page | None = None
        self._rival: _Page | None = None

    def settled(self, skew: Skew, widgets: Sequence[Widget], path: ScrollPath) -> Skew:
        """`skew` as narrow as the trees before allow, or contradicted by them."""
        if skew.exchanged or self._screen != path.screens:
            self._screen, self._page, self._rival = path.screens, None, None
        if skew.exchanged:
            return skew
        new = _Page(_on_page(widgets, skew, path), _Slack.of(skew))
        apart = None if self._page is None else self._page.apart(new)
        if self._page is None or apart is None:
            self._page, self._rival = new, None
            return skew if skew.certain else replace(skew, contradicted=True)
        joined = self._page.joined(new, apart)
        if joined is None and self._rival is not None and (apart := self._rival.apart(new)) is not None:
            joined = self._rival.joined(new, apart)
        if joined is None or apart is None:
            self._rival = new
            return replace(skew, contradicted=True)
        self._page, self._rival = joined, None
        return joined.slack.moved(-apart[0], -apart[1]).applied(skew)


@dataclass(frozen=True, slots=True)
class _Page:
    """Boxes by widget on a page that does not scroll, and how far all of them may stand elsewhere."""

    places: Mapping[str, Box]
    slack: _Slack

    def apart(self, other: _Page) -> tuple[int, int] | None:
        """By how much the places of `other` differ, where most widgets agree on it; None where too few do."""
        votes: Counter[tuple[int, int]] = Counter()
        for name, box in other.places.items():
            known = self.places.get(name)
            if known is not None and (known.width, known.height) == (box.width, box.height):
                votes[box.left - known.left, box.top - known.top] += 1
        if not votes:
            return None
        (by, agreeing), *_ = votes.most_common(1)
        return by if agreeing >= _WITNESSES and 2 * agreeing > votes.total() else None

    def joined(self, other: _Page, apart: tuple[int, int]) -> _Page | None:
        """The places of `other`, which stand `apart` from ours, within the limits of both; None where those exclude
        one another.
        """
        slack = self.slack.narrowed(other.slack.moved(*apart))
        if slack is None:
            return None
        return _Page({name: box.moved(-apart[0], -apart[1]) for name, box in other.places.items()}, slack)


@dataclass(frozen=True, slots=True)
class _Slack:
    """By how much everything on the page may stand elsewhere than assumed: at least `least`, at most `most`."""

    least: tuple[int, int] = (0, 0)
    most: tuple[int, int] = (0, 0)

    @staticmethod
    def of(skew: Skew) -> _Slack:
        """What a skew leaves open. Where it leaves anything, the phone may be a little ahead of the newest picture."""
        doubt = 0 if skew.certain else _DOUBT
        return _Slack(
            (skew.least[0] - skew.dx - doubt, skew.least[1] - skew.dy - doubt),
            (skew.most[0] - skew.dx + doubt, skew.most[1] - skew.dy + doubt),
        )

    def moved(self, dx: int, dy: int) -> _Slack:
        return _Slack((self.least[0] + dx, self.least[1] + dy), (self.most[0] + dx, self.most[1] + dy))

    def narrowed(self, other: _Slack) -> _Slack | None:
        """What both allow; None when that is nothing, and one of them is wrong."""
        least = (max(self.least[0], other.least[0]), max(self.least[1], other.least[1]))
        most = (min(self.most[0], other.most[0]), min(self.most[1], other.most[1]))
        return _Slack(least, most) if least[0] <= most[0] and least[1] <= most[1] else None

    def applied(self, skew: Skew) -> Skew:
        """`skew` within these limits around it, taken to be in their middle."""
        least = (skew.dx + self.least[0], skew.dy + self.least[1])
        most = (skew.dx + self.most[0], skew.dy + self.most[1])
        middle = ((least[0] + most[0]) // 2, (least[1] + most[1]) // 2)
        return Skew(*middle, skew.box, least, most, skew.exchanged)


def _on_page(widgets: Sequence[Widget], skew: Skew, path: ScrollPath) -> dict[str, Box]:
    """The boxes of what scrolls, moved by `skew`, on a page that does not scroll."""
    x, y = path.position
    return {
        widget.id: widget.box.moved(skew.dx - x, skew.dy - y)
        for widget in widgets
        if widget.box and (not skew.box or _scrolls(widget, skew))
    }


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
