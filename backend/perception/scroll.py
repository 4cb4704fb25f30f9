"""How far the content moved between two frames, and which part of the screen moved.

Rows (or columns) are summed up as *profiles*. The correlation of two profiles proposes shifts; each
proposal is then checked at full resolution, and only a shift that explains what changed is believed. Bars
that stay in place do not change, so they neither vote nor move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.perception.change import TILE, StripMap, boxes, compare_rows, strip_count
from interventions.sdk import Box, Pixels

_STEP = 4
"""Every fourth column (or row) stands for its neighbours in a profile."""
_PROPOSALS = 6
_TEXTURED = 1.0
"""Grey levels between two neighbouring profile rows from which the place has texture, and so can tell where it is."""
_EXPLAINED = 0.4
"""Share of the textured change that a shift must explain."""
_BEYOND_DOUBT = 0.85
"""Share from which no other shift is tried."""
_MOVES_ALONG = 0.9
_LEAST = 72
"""Textured rows of strips that must agree before a shift is believed."""

Profile = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shift:
    """Content at ``(x, y)`` of the earlier frame is at ``(x + dx, y + dy)`` of the later one, inside `box`.

    `stale` is the strip map of the later frame that neither staying nor shifting explains: what has to be
    perceived anew.
    """

    dx: int
    dy: int
    box: Box
    stale: StripMap


def estimate(before: Pixels, after: Pixels, changed: StripMap, tolerance: int = 0) -> Shift | None:
    """The shift between two frames, given the strip map of what `changed`; None when no shift explains that."""
    width = after.shape[1]
    rows = np.flatnonzero(changed.any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    if bottom - top < 2 * TILE:
        return None
    return _vertical(before, after, changed, (top, bottom), tolerance) or (
        _horizontal(before, after, changed, (top, bottom), tolerance) if width > 2 * TILE else None
    )


def _vertical(before: Pixels, after: Pixels, changed: StripMap, span: tuple[int, int], tolerance: int) -> Shift | None:
    old, new = row_profile(before), row_profile(after)
    textured = np.zeros_like(changed)
    textured[1:] = np.abs(np.diff(new, axis=0)) > _TEXTURED
    textured &= changed
    best: Shift | None = None
    most = 0
    for dy in _proposals(old, new, span, tolerance):
        moved = _moved_rows(before, after, dy, span, tolerance)
        agreeing = int(np.count_nonzero(moved & textured))
        if agreeing <= most:
            continue
        reachable = textured[max(span[0] + dy, span[0]) : min(span[1] + dy, span[1])]
        there = np.count_nonzero(reachable)
        if agreeing < max(_LEAST, _EXPLAINED * there):
            continue
        most, best = agreeing, _shift(moved & textured, moved, changed, (0, dy), after)
        if agreeing >= _BEYOND_DOUBT * there:
            break
    return best


def _horizontal(
    before: Pixels, after: Pixels, changed: StripMap, span: tuple[int, int], tolerance: int
) -> Shift | None:
    top, bottom = span
    old, new = column_profile(before[top:bottom]), column_profile(after[top:bottom])
    textured = np.zeros_like(changed)
    flat = np.repeat(_busy(new, len(changed[0])), TILE, axis=0)[: bottom - top]
    textured[top:bottom] = flat & changed[top:bottom]
    best: Shift | None = None
    most = 0
    for dx in _proposals(old, new, (0, after.shape[1]), tolerance):
        moved = _moved_columns(before, after, dx, span, tolerance)
        agreeing = int(np.count_nonzero(moved & textured))
        if agreeing <= most:
            continue
        reachable = textured[:, max(0, dx) // TILE : strip_count(after.shape[1] + min(0, dx))]
        there = np.count_nonzero(reachable)
        if agreeing < max(_LEAST, _EXPLAINED * there):
            continue
        most, best = agreeing, _shift(moved & textured, moved, changed, (dx, 0), after)
        if agreeing >= _BEYOND_DOUBT * there:
            break
    return best


def row_profile(pixels: Pixels) -> Profile:
    """``(height, strips)``: the mean green of each row in each 64-column strip, from every fourth column."""
    return _profile(pixels[:, ::_STEP, 1])


def column_profile(pixels: Pixels) -> Profile:
    """``(width, bands)``: the mean green of each column in each 64-row band, from every fourth row."""
    return _profile(pixels[::_STEP, :, 1].T)


def _profile(sampled: NDArray[np.uint8]) -> Profile:
    starts = np.arange(0, sampled.shape[1], TILE // _STEP)
    ends = np.append(starts[1:], sampled.shape[1])
    sums = np.add.reduceat(sampled, starts, axis=1, dtype=np.uint32)
    return np.asarray(sums / (ends - starts), dtype=np.float32)


def _proposals(old: Profile, new: Profile, span: tuple[int, int], tolerance: int) -> list[int]:
    """Shifts worth checking, the likeliest first.

    Phase correlation of how the profiles change along the scroll: rows of text repeat at even distances, and would
    outvote the true shift if amplitudes counted. A peak is weighed by the overlap it comes from.
    """
    first, last = span
    length = last - first
    a = np.clip(np.diff(old[first:last], axis=0), -24, 24)
    b = np.clip(np.diff(new[first:last], axis=0), -24, 24)
    size = 1 << (2 * length - 1).bit_length()
    spectrum = np.fft.rfft(b.T, size) * np.conj(np.fft.rfft(a.T, size))
    phases = spectrum / (np.abs(spectrum) + 1e-6)
    shared = length - np.minimum(np.arange(size), size - np.arange(size))
    correlation = np.asarray(np.fft.irfft(phases.sum(axis=0), size)) / np.sqrt(np.maximum(shared, TILE))
    correlation[0] = 0
    order = np.argpartition(-correlation, _PROPOSALS)[:_PROPOSALS]
    order = order[np.argsort(-correlation[order], kind="stable")]
    shifts = [int(at) if at < size // 2 else int(at) - size for at in order]
    slack = 0.01 + tolerance / 3
    return [shift for shift in shifts if 0 < abs(shift) < length - TILE // 2 and _plausible(a, b, shift, slack)]


def _plausible(a: Profile, b: Profile, shift: int, slack: float) -> bool:
    """Whether the profiles' textured places agree often enough under `shift` for a look at full resolution."""
    later, earlier = (b[shift:], a[:-shift]) if shift > 0 else (b[:shift], a[-shift:])
    textured = np.abs(later) > _TEXTURED
    agreeing = np.count_nonzero(textured & (np.abs(later - earlier) <= slack))
    return bool(agreeing >= 0.5 * _EXPLAINED * np.count_nonzero(textured))


def _moved_rows(before: Pixels, after: Pixels, dy: int, span: tuple[int, int], tolerance: int) -> StripMap:
    """Where in `span` the later frame shows what the earlier one showed `dy` rows further up."""
    height, width = after.shape[:2]
    moved = np.zeros((height, strip_count(width)), dtype=np.bool_)
    top, bottom = max(span[0], dy), min(span[1], height + dy)
    moved[top:bottom] = ~compare_rows(before[top - dy : bottom - dy], after[top:bottom], tolerance)
    return moved


def _moved_columns(before: Pixels, after: Pixels, dx: int, span: tuple[int, int], tolerance: int) -> StripMap:
    height, width = after.shape[:2]
    top, bottom = span
    shifted = np.roll(before[top:bottom], dx, axis=1)
    moved = np.zeros((height, strip_count(width)), dtype=np.bool_)
    moved[top:bottom] = ~compare_rows(shifted, after[top:bottom], tolerance)
    if dx > 0:
        moved[:, : strip_count(dx)] = False
    else:
        moved[:, (width + dx) // TILE :] = False
    return moved


def _shift(sure: StripMap, moved: StripMap, changed: StripMap, by: tuple[int, int], after: Pixels) -> Shift:
    """The shift with the box that moved: where content arrived, together with where it came from."""
    size = (after.shape[1], after.shape[0])
    arrived = boxes(sure, size, join=after.shape[0])[0]
    dx, dy = by
    if dy:
        arrived = _widened(arrived, moved, size)
    box = arrived.union(arrived.moved(-dx, -dy)).clipped(size)
    return Shift(dx, dy, box, changed & ~moved)


def _widened(arrived: Box, moved: StripMap, size: tuple[int, int]) -> Box:
    """The box out to where columns beside it no longer moved along; plain ground moves along with its text."""
    along = moved[arrived.top : arrived.bottom].mean(axis=0) > _MOVES_ALONG
    left, right = arrived.left // TILE, strip_count(arrived.right)
    while left > 0 and along[left - 1]:
        left -= 1
    while right < len(along) and along[right]:
        right += 1
    return Box(left * TILE, arrived.top, right * TILE, arrived.bottom).clipped(size)


def _busy(profile: Profile, strips: int) -> StripMap:
    """``(bands, strips)``: where a column profile has texture."""
    edges = np.abs(np.diff(profile, axis=0, prepend=profile[:1])) > _TEXTURED
    busy: StripMap = np.logical_or.reduceat(edges, np.arange(0, strips * TILE, TILE), axis=0).T
    return busy
