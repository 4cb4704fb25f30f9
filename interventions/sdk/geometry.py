"""Rectangles on a screen, in whole pixels, origin at the top left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A half-open rectangle: columns ``left..right-1``, rows ``top..bottom-1``, in screen pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return max(0, self.right - self.left)

    @property
    def height(self) -> int:
        return max(0, self.bottom - self.top)

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def centre(self) -> tuple[int, int]:
        return (self.left + self.right) // 2, (self.top + self.bottom) // 2

    def __bool__(self) -> bool:
        return self.right > self.left and self.bottom > self.top

    def intersect(self, other: Box) -> Box:
        """The part both share; falsy when they do not touch."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def union(self, other: Box) -> Box:
        """The smallest box around both; an empty box adds nothing."""
        if not self:
            return other
        if not other:
            return self
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def moved(self, dx: int = 0, dy: int = 0) -> Box:
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def grown(self, by: int, vertically: int | None = None) -> Box:
        """Larger by `by` pixels left and right, and by `vertically` (default: `by`) above and below."""
        rows = by if vertically is None else vertically
        return Box(self.left - by, self.top - rows, self.right + by, self.bottom + rows)

    def clipped(self, size: tuple[int, int]) -> Box:
        """The part that lies on a screen of `size` (width, height)."""
        return self.intersect(Box(0, 0, *size))

    def contains(self, other: Box) -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def overlap(self, other: Box) -> float:
        """The share of this box's area that `other` covers, 0 to 1."""
        shared = self.intersect(other)
        return shared.area / self.area if shared and self.area else 0.0

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        shared = self.intersect(other)
        if not shared:
            return 0.0
        return shared.area / (self.area + other.area - shared.area)


def bounding(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of `boxes`; empty for none."""
    around = Box(0, 0, 0, 0)
    for box in boxes:
        around = around.union(box)
    return around
