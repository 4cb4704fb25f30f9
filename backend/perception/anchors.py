"""Where on the page things stand, by widget: trees that name the same things settle one another's skew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backend.perception.skew import ScrollPath, Skew, scrolls
from interventions.sdk import Box, Widget

_WITNESSES = 3
_DOUBT = 4
"""Pixels by which measured limits may be wrong, where they leave anything open."""


class Anchors:
    """Where on the page things stand, by widget: this settles a skew that is measured badly or not at all.

    Two trees that name the same widgets say exactly how far apart they were taken. What was measured of either then
    holds for both, and the limits of each narrow those of all others. Times alone are never believed: a link that is
    slow is so for every tree alike, and two trees that are wrong by as much agree. A tree that contradicts the page is
    not believed until the next one agrees with it.
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
        new = _Page(_on_page(widgets, skew, path), _Slack.of(skew) if skew.measured else None)
        apart = None if self._page is None else self._page.apart(new)
        if self._page is None or apart is None:
            self._page, self._rival = new, None
            return replace(skew, contradicted=not skew.measured)
        joined = self._page.joined(new, apart)
        if joined is None and self._rival is not None and (apart := self._rival.apart(new)) is not None:
            joined = self._rival.joined(new, apart)
        if joined is None or apart is None:
            self._rival = new
            return replace(skew, contradicted=True)
        self._page, self._rival = joined, None
        if joined.slack is None:
            return replace(skew, contradicted=True)
        return joined.slack.moved(-apart[0], -apart[1]).applied(skew)


@dataclass(frozen=True, slots=True)
class _Page:
    """Boxes by widget on a page that does not scroll, and how far all of them may stand elsewhere: None where nothing
    that was measured tells.
    """

    places: Mapping[str, Box]
    slack: _Slack | None

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
        theirs = None if other.slack is None else other.slack.moved(*apart)
        slack = self.slack or theirs
        if self.slack is not None and theirs is not None:
            slack = self.slack.narrowed(theirs)
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
        """What a skew leaves open."""
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
        return Skew(*middle, skew.box, least, most, skew.exchanged, measured=True)


def _on_page(widgets: Sequence[Widget], skew: Skew, path: ScrollPath) -> dict[str, Box]:
    """The boxes of what scrolls, moved by `skew`, on a page that does not scroll."""
    x, y = path.position
    return {
        widget.id: widget.box.moved(skew.dx - x, skew.dy - y)
        for widget in widgets
        if widget.box and (not skew.box or scrolls(widget, skew))
    }
