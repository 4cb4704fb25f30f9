"""What happened between two frames: what stayed, what moved, what must be perceived anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from backend.perception.change import StripMap, boxes, equal, marked, strip_count, tiles
from backend.perception.scroll import Shift, estimate
from interventions.sdk import Box, Pixels, Scroll

_REPLACED = 0.5
"""Share of the tiles that change, without a scroll, when one screen takes the place of another."""
_REMAINS = 0.35
"""Share of a box that must still be in view for what was known of it to be worth keeping."""


@dataclass(frozen=True, slots=True)
class Motion:
    """The way from the frame `before` to the frame `after`; `before` is None for a first frame, of which all is new.

    `changed` and `stale` are strip maps of the later frame: what differs from before, and what neither
    staying nor moving explains. Both are None when nothing changed.
    """

    before: Pixels | None = field(repr=False)
    after: Pixels = field(repr=False)
    changed: StripMap | None = field(repr=False)
    stale: StripMap | None = field(repr=False)
    shift: Shift | None = None
    tolerance: int = 0

    @property
    def size(self) -> tuple[int, int]:
        return self.after.shape[1], self.after.shape[0]

    @property
    def replaced(self) -> bool:
        """Whether the screen was exchanged for another one."""
        if self.before is None:
            return True
        return self.shift is None and self.changed is not None and float(tiles(self.changed).mean()) > _REPLACED

    def stale_boxes(self, join: int) -> tuple[Box, ...]:
        return () if self.stale is None else boxes(self.stale, self.size, join)

    def carry(self, box: Box) -> Box | None:
        """Where what was in `box` of the earlier frame is now; None when it is gone or looks different.

        Where it slid under an edge of the moving part the visible rest is given, down to about a third of it.
        """
        if self.before is None or not box:
            return None
        if self.changed is None:
            return box
        moved = self._moved(box)
        if moved is not None:
            return moved
        part = self.changed[box.top : box.bottom, box.left // 64 : strip_count(box.right)]
        if not part.any() or equal(_crop(self.before, box), _crop(self.after, box), self.tolerance):
            return box
        return None

    def _moved(self, box: Box) -> Box | None:
        """Where `box` scrolled to; pixels prove it, so a little beyond the moving part is tried as well."""
        if self.shift is None or box.overlap(self.shift.box) < 0.5:
            return None
        whole = box.moved(self.shift.dx, self.shift.dy)
        if whole.clipped(self.size) == whole and self._shows(whole):
            return whole
        rest = whole.intersect(self.shift.box)
        return rest if rest and rest.area >= _REMAINS * box.area and self._shows(rest) else None

    def _shows(self, now: Box) -> bool:
        """Whether the later frame shows in `now` what the earlier one showed before the shift."""
        if self.before is None or self.shift is None:
            return False
        earlier = now.moved(-self.shift.dx, -self.shift.dy)
        return earlier.clipped(self.size) == earlier and equal(
            _crop(self.before, earlier), _crop(self.after, now), self.tolerance
        )


def between(
    before: Pixels | None, after: Pixels, changed: StripMap | None, tolerance: int = 0, follow: bool = True
) -> Motion:
    """The motion between two frames of one size, given what changed; scroll is looked for when it is to be followed."""
    if before is None:
        height, width = after.shape[:2]
        everything = np.ones((height, strip_count(width)), dtype=np.bool_)
        return Motion(None, after, everything, everything)
    if changed is None:
        return Motion(before, after, None, None)
    shift = estimate(before, after, changed, tolerance) if follow else None
    return Motion(before, after, changed, shift.stale if shift else changed, shift, tolerance)


def beneath(motion: Motion, hidden: Sequence[Box]) -> Motion:
    """The motion as it is under our overlay, which covers `hidden` boxes.

    What lies there is taken to scroll along with the rest. On a screen that was exchanged nothing is known of it: it
    is blank until it is uncovered, and then differs and is perceived.
    """
    shift, before = motion.shift, motion.before
    if not hidden or before is None or motion.stale is None or not (shift or motion.replaced):
        return motion
    after = motion.after.copy()
    for box in hidden:
        if shift is None:
            after[box.top : box.bottom, box.left : box.right] = 0
            continue
        source = box.intersect(shift.box).moved(-shift.dx, -shift.dy).intersect(shift.box)
        place = source.moved(shift.dx, shift.dy)
        if place:
            after[place.top : place.bottom, place.left : place.right] = _crop(before, source)
    after.flags.writeable = False
    return replace(motion, after=after, stale=motion.stale & ~marked(hidden, motion.size) if shift else motion.stale)


def uncovered(pixels: Pixels, before: Pixels | None, hidden: Sequence[Box]) -> Pixels:
    """The frame, with what was there before in place of our overlay, so that drawing is not taken for change."""
    if not hidden:
        return pixels
    shown = pixels.copy()
    for box in hidden:
        part = (slice(box.top, box.bottom), slice(box.left, box.right))
        shown[part] = 0 if before is None else before[part]
    shown.flags.writeable = False
    return shown


def scrolled(last: Scroll, motion: Motion, same_app: bool) -> Scroll:
    """The scroll that a scene reports after `motion`, given the one reported before."""
    distance = last.distance if same_app else 0
    if motion.shift is None:
        return Scroll(distance=distance)
    shift = motion.shift
    travelled = abs(shift.dx) + abs(shift.dy)
    streak = last.streak + 1 if same_app else 1
    return Scroll(shift.dx, shift.dy, shift.box, distance + travelled, streak)


def _crop(pixels: Pixels, box: Box) -> Pixels:
    return pixels[box.top : box.bottom, box.left : box.right]
