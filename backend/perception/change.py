"""Which parts of the screen changed between two frames.

Change is kept as a *strip map*: a bool array ``(height, strips)`` in which entry ``[y, s]`` says that row
`y` differs somewhere in the 64 columns of strip `s`. It is exact in rows, where scrolling happens, and
coarse in columns, where precision buys nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from interventions.sdk import Box, Pixels

TILE = 64
_BAND = 64
_BLOCK = 8
_HALVINGS = 3
_STRIP_BYTES = TILE * 3

StripMap = NDArray[np.bool_]


def strip_count(width: int) -> int:
    return -(-width // TILE)


def differing(before: Pixels, after: Pixels, tolerance: int = 0) -> StripMap | None:
    """The strip map of what differs between two frames of one size; None when nothing does.

    With a `tolerance` blocks of 8 by 8 pixels are compared instead of pixels: they count as equal up to that mean
    difference of a colour value, 0 to 255. Video coding disturbs single pixels at edges, but hardly a block's mean.
    Bands that are equal bit for bit are passed over at memory speed.
    """
    if before is after:
        return None
    height, width = after.shape[:2]
    found: StripMap | None = None
    for top in range(0, height, _BAND):
        band = slice(top, min(top + _BAND, height))
        old, new = before[band], after[band]
        if _same(old, new):
            continue
        strips = compare_rows(old, new, tolerance)
        if not strips.any():
            continue
        if found is None:
            found = np.zeros((height, strip_count(width)), dtype=np.bool_)
        found[band] = strips
    return found


def compare_rows(old: Pixels, new: Pixels, tolerance: int = 0) -> StripMap:
    """The strip map of two equally large pieces, whose left edges are the frame's left edge."""
    if not tolerance:
        return _gathered(_words(old) != _words(new), strip_count(new.shape[1]))
    blocks = _block_difference(old, new) > tolerance
    wide = np.zeros((len(blocks), strip_count(new.shape[1]) * TILE // _BLOCK), dtype=np.bool_)
    wide[:, : blocks.shape[1]] = blocks
    strips = np.asarray(wide.reshape(len(blocks), -1, TILE // _BLOCK).any(axis=2))
    return strips[np.arange(len(new)) * len(strips) // len(new)]


def tiles(strips: StripMap) -> StripMap:
    """The map at 64-pixel tiles: ``(ceil(height / 64), strips)``."""
    return np.logical_or.reduceat(strips, np.arange(0, len(strips), TILE), axis=0)


def boxes(strips: StripMap, size: tuple[int, int], join: int = 0) -> tuple[Box, ...]:
    """Boxes around the true parts of a strip map, top to bottom: one for each run of rows, `join` empty rows bridged.

    Each box spans the strips that its rows touch; `size` is the screen's (width, height).
    """
    rows = np.flatnonzero(strips.any(axis=1))
    if not len(rows):
        return ()
    breaks = np.flatnonzero(np.diff(rows) > join + 1)
    starts, ends = np.concatenate(([0], breaks + 1)), np.concatenate((breaks, [len(rows) - 1]))
    found = []
    for first, last in zip(rows[starts], rows[ends], strict=True):
        columns = np.flatnonzero(strips[first : last + 1].any(axis=0))
        box = Box(int(columns[0]) * TILE, int(first), int(columns[-1] + 1) * TILE, int(last) + 1)
        found.append(box.clipped(size))
    return tuple(found)


def tile_boxes(strips: StripMap, size: tuple[int, int]) -> tuple[Box, ...]:
    """Boxes around the connected groups of changed tiles, their edges drawn in to the rows that changed."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(tiles(strips).astype(np.uint8), connectivity=4)
    found = []
    for left, top, width, height, _ in stats[1:count]:
        part = strips[top * TILE : (top + height) * TILE, left : left + width].any(axis=1)
        rows = np.flatnonzero(part) + top * TILE
        found.append(Box(int(left) * TILE, int(rows[0]), int(left + width) * TILE, int(rows[-1]) + 1).clipped(size))
    return tuple(sorted(found, key=lambda box: (box.top, box.left)))


def marked(found: Iterable[Box], size: tuple[int, int]) -> StripMap:
    """A strip map that is true wherever one of the boxes reaches."""
    width, height = size
    strips = np.zeros((height, strip_count(width)), dtype=np.bool_)
    for box in found:
        part = box.clipped(size)
        if part:
            strips[part.top : part.bottom, part.left // TILE : strip_count(part.right)] = True
    return strips


def equal(old: Pixels, new: Pixels, tolerance: int = 0) -> bool:
    """Whether two crops of one size show the same; for `tolerance` see `differing`."""
    if not tolerance:
        return bool(np.array_equal(old, new))
    return int(_block_difference(old, new).max()) <= tolerance


def _block_difference(old: Pixels, new: Pixels) -> NDArray[np.uint8]:
    """``(rows, columns)``: the mean difference of each block of about 8 by 8 pixels, in its most different colour."""
    means = cv2.absdiff(np.ascontiguousarray(old), np.ascontiguousarray(new))
    for _ in range(_HALVINGS):  # halving is vectorised, dividing by eight is not: a third of the time
        size = (-(-means.shape[1] // 2), -(-means.shape[0] // 2))
        means = cv2.resize(means, size, interpolation=cv2.INTER_AREA)
    red, green, blue = cv2.split(means)
    return np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8)


def _same(old: Pixels, new: Pixels) -> bool:
    return bool(np.array_equal(_words(old), _words(new)))


def _words(rows: Pixels) -> NDArray[np.uint64] | NDArray[np.uint8]:
    """Rows of pixels as rows of the widest integers that fit, for comparing; a view where the memory allows it."""
    flat = np.ascontiguousarray(rows).reshape(len(rows), -1)
    return flat.view(np.uint64) if flat.shape[1] % 8 == 0 else flat


def _gathered(unequal: StripMap, strips: int) -> StripMap:
    """``(rows, values)`` to ``(rows, strips)``: eight bools at a time, as one 64-bit word."""
    values = _STRIP_BYTES // 8 if unequal.shape[1] <= strips * (_STRIP_BYTES // 8) else _STRIP_BYTES
    padded = np.zeros((len(unequal), strips * values), dtype=np.bool_)
    padded[:, : unequal.shape[1]] = unequal
    words = padded.view(np.uint64).reshape(len(unequal), strips, values // 8)
    return np.asarray(words.any(axis=2))
