"""The exact place of a row of text within the rough box that a detector gives.

Detectors place a box a little differently each time they see the same row. Drawn in to the ink, the same
row gives the same crop, pixel for pixel, wherever it stands on the screen: its hash finds what was read
before.
"""

from __future__ import annotations

import cv2
import numpy as np

from interventions.sdk import Box, Pixels

_INK = 40
"""Grey levels by which ink differs from its ground."""
_GROUND = 0.35
"""Share of a crop that one grey level must cover to be its ground."""
_LOWEST = 6
"""Rows of ink below which something is a rule or a speck, not text."""


def drawn_in(pixels: Pixels, box: Box) -> Box:
    """`box` drawn in to the row of ink at its middle, with a small margin; itself on a ground that is not plain."""
    size = (pixels.shape[1], pixels.shape[0])
    rough = box.grown(4).clipped(size)
    if rough.height < _LOWEST or rough.width < _LOWEST:
        return box.clipped(size)
    grey = cv2.cvtColor(
        np.ascontiguousarray(pixels[rough.top : rough.bottom, rough.left : rough.right]), cv2.COLOR_RGB2GRAY
    )
    counts = np.bincount(grey.reshape(-1), minlength=256)
    ground = int(counts.argmax())
    if counts[max(0, ground - 6) : ground + 7].sum() < _GROUND * grey.size:
        return box.clipped(size)
    ink = cv2.absdiff(grey, np.full_like(grey, ground)) > _INK
    top, bottom = _middle_run(ink.sum(axis=1) > 0)
    if bottom - top < _LOWEST:
        return box.clipped(size)
    columns = np.flatnonzero(ink[top:bottom].any(axis=0))
    margin = max(2, (bottom - top) // 8)
    tight = Box(rough.left + int(columns[0]), rough.top + top, rough.left + int(columns[-1]) + 1, rough.top + bottom)
    return tight.grown(margin).clipped(size)


def _middle_run(rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[int, int]:
    """The longest run of true rows, with the runs beside it that a single empty row parts from it."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], rows.astype(np.int8), [0]))))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return 0, 0
    first = last = int(np.argmax(ends - starts))
    while first > 0 and starts[first] - ends[first - 1] <= 1:
        first -= 1
    while last + 1 < len(starts) and starts[last + 1] - ends[last] <= 1:
        last += 1
    return int(starts[first]), int(ends[last])
