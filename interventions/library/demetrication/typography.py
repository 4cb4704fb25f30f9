"""Where text stands inside its box, and where some of its characters stand inside the text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from interventions.sdk import Box, Pixels

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


_INK = 40  # difference of a colour value from the background, 0 to 255
_MOST_INK = 0.5  # share of a box; with more, what is behind the text is no plain background
_CAPITAL, _DESCENT, _MIDDLE = 0.72, 0.21, 0.34  # of the type size: above the baseline, below it, the middle of a row
_ROW = 4 / 3  # of the type size: how high a row is whose text takes three quarters of it
_LETTER = 0.5  # of the type size: how wide an average letter is


def ink(pixels: Pixels, box: Box) -> Box | None:
    """The part of `box` that has something on it; None where there is nothing, or no plain background."""
    box = box.clipped((pixels.shape[1], pixels.shape[0]))
    view = pixels[box.top : box.bottom, box.left : box.right]
    if not view.size:
        return None
    ground = _background(view)
    red, green, blue = (np.abs(view[:, :, at] - ground[at]) > _INK for at in range(3))
    marked = red | green | blue
    if not 0 < marked.mean() <= _MOST_INK:
        return None
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    return Box(
        box.left + int(columns[0]), box.top + int(rows[0]), box.left + int(columns[-1]) + 1, box.top + int(rows[-1]) + 1
    )


def _background(view: Pixels) -> NDArray[np.int16]:
    """The commonest colour, to an eighth of each value's range."""
    sample = view[::2, ::4].reshape(-1, 3)
    coarse = (sample >> 5).astype(np.intp) @ (64, 8, 1)
    return np.asarray(sample[int((coarse == np.bincount(coarse).argmax()).argmax())], dtype=np.int16)


def row_of(pixels: Pixels | None, box: Box, text: str) -> Box:
    """The row that `text` is set in, inside a widget's `box`, which may have much room around it.

    Something written over that row in three quarters of its height has the size, and stands at the height, of the text
    that was there. `box` itself where the text is not one row on a plain background.
    """
    seen = ink(pixels, box) if pixels is not None else None
    if seen is None:
        return box
    hangs = any(letter in "gjpqy,;()[]ç" for letter in text)
    size = seen.height / (_CAPITAL + (_DESCENT if hangs else 0.0))
    if not 0.6 <= seen.width / (_width(text) * _LETTER * size) <= 1.6:
        return box
    baseline = seen.bottom - (_DESCENT * size if hangs else 0.0)
    middle, half = baseline - _MIDDLE * size, _ROW * size / 2
    return Box(seen.left - 2, int(middle - half), seen.right + 2, int(middle + half) + 1)
