"""Where in a line of text some of its characters stand, guessed from how wide letters usually are."""

from __future__ import annotations

from interventions.sdk import Box

_NARROW = frozenset("iljtfrI.,:;'’!|()[] ·")
_WIDE = frozenset("mwMW@%—")


def _width(text: str) -> float:
    return sum(0.55 if c in _NARROW else 1.5 if c in _WIDE else 1.15 if c.isupper() else 1.0 for c in text)


_DIGIT_WIDTH = 0.7  # of a row's height: digits of common screen fonts, with room to spare
_TOO_WIDE = 1.12  # times what the number should take: there is something else in the box
_ICON_HEIGHT = 0.8  # of the height of a box around an icon, which is taller than digits


def number_alone(box: Box, text: str) -> Box:
    """The right part of `box`, which OCR drew around the number `text` and perhaps an icon before it."""
    width = _width(text) * _DIGIT_WIDTH * box.height
    if box.width <= _TOO_WIDE * width:
        return box
    return Box(box.right - int(_ICON_HEIGHT * width), box.top, box.right, box.bottom)


def part(box: Box, text: str, start: int, end: int) -> Box:
    """The part of `box`, tight around the one row `text`, that shows the characters `start` to `end`; a little
    generous.
    """
    whole = _width(text) or 1.0
    left = box.left + box.width * _width(text[:start]) / whole
    right = box.left + box.width * _width(text[:end]) / whole
    slack = 0.25 * box.width / whole
    return Box(int(left - slack), box.top, int(right + slack) + 1, box.bottom).intersect(box.grown(2))
