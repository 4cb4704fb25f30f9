"""Photographs found in pixels, where no UI tree tells of them.

Screens are drawn on grounds: colours that fill whole tiles without the least variation, over and over. Text
and controls leave most of their tile to the ground. What covers tile after tile and leaves no ground is a
picture, however smooth it is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from interventions.sdk import Box, Pixels

_TILE = 32
_STEP = 2
_GROUND_SHARE = 0.4
"""Share of a tile that shows ground, from which it is no picture."""
_GROUND_TILES = 0.01
"""Share of all tiles that one colour fills, from which it is a ground."""
_LOSSY_CONTRAST = 3
_CONTRAST = 12
_FILLED = 0.35
_GROUND_APART = 10
_EDGE = 0.5
_BAR_CONTRAST = 1
_TONE = 13
_TWO_TONED = 0.9

Tiles = NDArray[np.bool_]


def photographs(pixels: Pixels, within: Box, least: int, lossy: bool = False) -> tuple[Box, ...]:
    """Boxes of photographs inside `within`, sides of at least `least` pixels, edges exact on a plain ground.

    `lossy` says that video coding may have disturbed what was drawn flat.
    """
    size = (pixels.shape[1], pixels.shape[0])
    area = within.clipped(size)
    if area.width < 2 * _TILE or area.height < 2 * _TILE:
        return ()
    crop = np.ascontiguousarray(pixels[area.top : area.bottom, area.left : area.right])
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    photo = cv2.morphologyEx(_photo_tiles(grey, lossy), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(photo, connectivity=4)
    found = []
    for left, top, width, height, tiles in stats[1:count]:
        if tiles < _FILLED * width * height:
            continue
        rough = Box(int(left), int(top), int(left + width), int(top + height))
        scaled = Box(*(side * _TILE for side in (rough.left, rough.top, rough.right, rough.bottom)))
        box = _to_edges(pixels, scaled.moved(area.left, area.top), area)
        if box.width >= least and box.height >= least and not _two_toned(_crop(grey, box.moved(-area.left, -area.top))):
            found.append(box)
    return tuple(sorted(found, key=lambda box: (box.top, box.left)))


def flat(pixels: Pixels) -> bool:
    """Whether a crop shows nothing: one colour, as a picture does that has not loaded yet."""
    sample = pixels[::4, ::4]
    return not sample.size or int((sample.max(axis=(0, 1)) - sample.min(axis=(0, 1))).max()) < _CONTRAST


def _two_toned(grey: NDArray[np.uint8]) -> bool:
    """Whether two grey levels, give or take a few, make up nearly all: the letters of a headline, a plain symbol."""
    counts = np.bincount(grey.reshape(-1), minlength=256)
    first = np.convolve(counts, np.ones(_TONE, dtype=np.int64), "same")
    tone = int(first.argmax())
    counts[max(0, tone - _TONE) : tone + _TONE] = 0
    second = np.convolve(counts, np.ones(_TONE, dtype=np.int64), "same")
    return bool(first.max() + second.max() > _TWO_TONED * grey.size)


def _crop(grey: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    return grey[box.top : box.bottom, box.left : box.right]


def _photo_tiles(grey: NDArray[np.uint8], lossy: bool) -> NDArray[np.uint8]:
    """1 for each tile of a picture, ``(rows, columns)``; a cut tile at the right or bottom is left out."""
    rows, columns = grey.shape[0] // _TILE, grey.shape[1] // _TILE
    samples = grey[: rows * _TILE : _STEP, : columns * _TILE : _STEP]
    samples = samples.reshape(rows, _TILE // _STEP, columns, _TILE // _STEP).swapaxes(1, 2).reshape(rows, columns, -1)
    lightest, darkest = samples.max(axis=2), samples.min(axis=2)
    contrast = lightest - darkest
    slack = _LOSSY_CONTRAST if lossy else 0
    plain = contrast <= slack
    levels = np.bincount(darkest[plain], minlength=256)
    grounds = np.zeros(256, dtype=np.bool_)
    for level in np.flatnonzero(levels >= _GROUND_TILES * rows * columns):
        grounds[max(0, level - slack) : level + slack + 1] = True
    ground = grounds[samples].mean(axis=2)
    photo: NDArray[np.uint8] = ((ground < _GROUND_SHARE) & ~plain).astype(np.uint8)
    return photo


def _to_edges(pixels: Pixels, box: Box, area: Box) -> Box:
    """`box`, its edges moved, by up to a tile and a half, to where the picture meets the ground around it."""
    wide = box.grown(_TILE + _TILE // 2).intersect(area)
    crop = np.ascontiguousarray(pixels[wide.top : wide.bottom, wide.left : wide.right])
    ring = np.concatenate((crop[0], crop[-1], crop[:, 0], crop[:, -1]))
    ground = np.median(ring, axis=0)
    plain = cv2.inRange(crop, ground - _GROUND_APART, ground + _GROUND_APART)
    drawn = np.asarray(plain) == 0
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    inner = box.moved(-wide.left, -wide.top)
    across = (slice(None), slice(inner.left, inner.right))
    rows = _run((_share(drawn[across], 1) > _EDGE) & _varied(grey[across], 1), inner.top, inner.bottom)
    along = slice(*rows)
    columns = _run((_share(drawn[along], 0) > _EDGE) & _varied(grey[along], 0), inner.left, inner.right)
    return Box(columns[0], rows[0], columns[1], rows[1]).moved(wide.left, wide.top)


def _varied(grey: NDArray[np.uint8], axis: int) -> Tiles:
    """Which rows (axis 1) or columns (axis 0) are more than one colour; a bar beside a picture is not."""
    return np.asarray(grey.max(axis=axis) - grey.min(axis=axis) > _BAR_CONTRAST)


def _share(drawn: Tiles, axis: int) -> NDArray[np.float64]:
    return np.asarray(np.count_nonzero(drawn, axis=axis) / drawn.shape[axis])


def _run(inside: Tiles, first: int, last: int) -> tuple[int, int]:
    """The ends of the run of true entries around the middle of ``first..last``, or those where it is false."""
    middle = (first + last) // 2
    if not inside[middle]:
        return first, last
    gaps = np.flatnonzero(~inside)
    below, above = gaps[gaps < middle], gaps[gaps > middle]
    return int(below[-1]) + 1 if len(below) else 0, int(above[0]) if len(above) else len(inside)
