"""From one thing seen in a bar to the bar: the band of the screen it stands in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from interventions.sdk import Box, Pixels

_SAME = 10  # difference of a colour value, 0 to 255
_REACH = 0.11  # share of the screen's height that the bar reaches at most, above what was seen and below it
_EDGE = 0.97  # share of a row off the background that makes it an edge; avatars leave gaps between them
_GAP = 0.015  # share of the screen's height: so much empty background is the end, too

Colours = NDArray[np.int16]


def band(pixels: Pixels, seen: Box) -> Box:
    """The full-width band around `seen`, up to the next edges across the screen: a divider, or another background.

    Where there is no edge within reach, it ends with the last row that is not all background. `pixels` is
    ``(height, width, 3)`` uint8 RGB.
    """
    height, width = pixels.shape[:2]
    thin = pixels[:, :: max(1, width // 180)].astype(np.int16)
    ground = _background(thin[max(0, seen.top) : min(height, seen.bottom)])
    off_ground = (np.abs(thin - ground).max(axis=2) > _SAME).mean(axis=1)
    reach, gap = int(_REACH * height), max(1, int(_GAP * height))
    top = _end(off_ground, range(seen.top, max(0, seen.top - reach) - 1, -1), gap)
    bottom = _end(off_ground, range(seen.bottom - 1, min(height, seen.bottom + reach)), gap)
    return Box(0, top, width, bottom + 1)


def _background(rows: Colours) -> Colours:
    """The commonest colour."""
    colours, counts = np.unique(rows.reshape(-1, 3), axis=0, return_counts=True)
    return np.asarray(colours[counts.argmax()])


def _end(off_ground: NDArray[np.float64], rows: range, gap: int) -> int:
    """The last of `rows` before an edge; without one, the last that has something on it before `gap` empty ones."""
    content = rows[0]
    for row in rows:
        if off_ground[row] >= _EDGE:
            return row - rows.step
        if off_ground[row] > 0:
            content = row
        elif abs(row - content) >= gap:
            # Empty space goes with the bar as far as an edge that follows it, if one does.
            following = range(row, row + rows.step * gap, rows.step)
            edge = next((r for r in following if r in rows and off_ground[r] > 0), None)
            return edge - rows.step if edge is not None and off_ground[edge] >= _EDGE else content
    return content
