"""Which rows of text read on as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from interventions.sdk import Line

_GAP = 0.8
_HEIGHTS = 1.45
_INDENT = 1.0


def grouped(rows: Sequence[Line], first: int = 0) -> tuple[Line, ...]:
    """`rows` in reading order, numbered by paragraph from `first` on.

    A row continues the one above it when both are of similar height, start at about the same column (or are
    centred on the same axis), and the gap between them is under 0.8 of a row.
    """
    ordered = sorted(rows, key=lambda row: (row.box.top, row.box.left))
    numbers: list[int] = []
    count = first
    for at, row in enumerate(ordered):
        above = _above(ordered[:at], row)
        if above is None:
            numbers.append(count)
            count += 1
        else:
            numbers.append(numbers[above])
    return tuple(replace(row, paragraph=number) for row, number in zip(ordered, numbers, strict=True))


def _above(earlier: Sequence[Line], row: Line) -> int | None:
    """The position of the nearest row that `row` continues, if any."""
    for at in range(len(earlier) - 1, -1, -1):
        if earlier[at].box.bottom < row.box.top - 3 * row.box.height:
            return None
        if _continues(earlier[at], row):
            return at
    return None


def _continues(above: Line, row: Line) -> bool:
    height = min(above.box.height, row.box.height)
    gap = row.box.top - above.box.bottom
    if not -0.5 * height <= gap < _GAP * height or row.box.top < above.box.centre[1]:
        return False
    if max(above.box.height, row.box.height) > _HEIGHTS * height:
        return False
    if abs(above.box.left - row.box.left) <= _INDENT * height:
        return True
    shared = min(above.box.right, row.box.right) - max(above.box.left, row.box.left)
    return shared > 0 and abs(above.box.centre[0] - row.box.centre[0]) <= 0.5 * height
