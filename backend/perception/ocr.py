"""Text on the screen, kept up to date by reading only what is new."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.perception.change import StripMap, boxes, marked
from backend.perception.ink import drawn_in
from backend.perception.motion import Motion
from backend.perception.paragraphs import grouped
from backend.perception.reader import Reading, TextReader
from backend.perception.settings import PerceptionSettings
from interventions.sdk import Box, Line, Pixels

_LEAST_MARGIN = 48
"""Pixels of known screen looked at above and below a new strip, so that rows cut by its border are seen whole."""
_MARGIN_ROWS = 1.5
_WIDE_MARGIN = 176
_JOIN = 96
_REFERENCE_WIDTH = 1080
_GROWN = 1.15
_LETTER = 0.3
"""Width of a narrow letter, as a share of its row's height."""
_LEAST_HEIGHT = 12
_SLIVER_HEIGHT = 0.5
_SLIVER_ASPECT = 25
_TAKEN = 0.4


@dataclass(slots=True)
class Counters:
    """What reading cost since the start."""

    lines_read: int = 0
    """Rows that became lines by reading, from the network or the cache."""
    lines_reused: int = 0
    """Lines taken over from the frame before."""
    crops_recognised: int = 0
    """Rows that went through the recognition network."""
    crops_cached: int = 0
    """Rows whose pixels had been read before."""
    strips_detected: int = 0


class ScreenText:
    """The lines that one phone's screen shows where its UI tree is silent."""

    def __init__(self, reader: TextReader, settings: PerceptionSettings, counters: Counters) -> None:
        self._reader = reader
        self._settings = settings
        self._counters = counters
        self._lines: tuple[Line, ...] = ()
        self._places: tuple[Box, ...] = ()
        self._read: OrderedDict[bytes, Reading] = OrderedDict()

    def forget(self) -> None:
        """Nothing is known of the screen any more; what rows of pixels say still is."""
        self._lines = self._places = ()

    def update(self, motion: Motion, places: Sequence[Box], taken: Sequence[Box] = ()) -> tuple[Line, ...]:
        """The lines within `places` after `motion`.

        Nothing is read in `taken` boxes, whose text the UI tree tells.
        """
        if motion.replaced:
            self.forget()
        kept, lost = self._carried(motion, places)
        fresh = self._fresh(motion, places, lost)
        for place in places:
            for strip in boxes(fresh & marked([place], motion.size), motion.size, join=_JOIN):
                kept = self._renewed(kept, motion.after, place, strip, taken)
        self._places = tuple(places)
        self._lines = grouped(kept)
        return self._lines

    def _carried(self, motion: Motion, places: Sequence[Box]) -> tuple[list[Line], list[Box]]:
        """Lines that are still there, moved along, and the boxes where a line was lost that must be looked at again."""
        kept: list[Line] = []
        lost: list[Box] = []
        for line in self._lines:
            now = motion.carry(line.box)
            if now is not None and any(now.overlap(place) > 0.5 for place in places):
                kept.append(line if now is line.box else replace(line, box=now))
            elif now is None and motion.shift is not None:
                lost.append(line.box.moved(motion.shift.dx, motion.shift.dy).intersect(motion.shift.box))
        self._counters.lines_reused += len(kept)
        return kept, [box for box in lost if box]

    def _fresh(self, motion: Motion, places: Sequence[Box], lost: Sequence[Box]) -> StripMap:
        """The strip map of what has not been read: stale parts, lost lines, places not looked at before."""
        known = marked(self._places, motion.size)
        if motion.shift is not None:
            known |= marked((box.moved(motion.shift.dx, motion.shift.dy) for box in self._places), motion.size)
        fresh = marked(places, motion.size) & ~known
        if motion.stale is not None:
            fresh |= motion.stale
        return fresh | marked(lost, motion.size)

    def _renewed(self, kept: list[Line], pixels: Pixels, place: Box, strip: Box, taken: Sequence[Box]) -> list[Line]:
        """`kept`, with the lines in and about `strip` read anew."""
        usual = _usual_height(kept)
        margin = min(_WIDE_MARGIN, max(_LEAST_MARGIN, round(_MARGIN_ROWS * usual)))
        window, found = self._detected(pixels, place, strip, margin)
        if any(_cut(box, window, place) and box.intersect(strip) for box in found):
            window, found = self._detected(pixels, place, strip, _WIDE_MARGIN)
        rows: list[Box] = []
        for box in found:
            if _is_sliver(box, usual) or any(box.overlap(other) >= _TAKEN for other in taken):
                continue
            known = [line for line in kept if _same_row(line.box, box)]
            if known and (_cut(box, window, place) or not any(_outgrown(line.box, box) for line in known)):
                continue
            if _cut(box, window, place) and not box.intersect(strip):
                continue
            kept = [line for line in kept if line not in known]
            rows.append(box)
        return kept + self._lines_of(pixels, rows)

    def _detected(self, pixels: Pixels, place: Box, strip: Box, margin: int) -> tuple[Box, list[Box]]:
        """The window looked at around `strip`, and the rows of text found in it, drawn in to their ink."""
        window = Box(place.left, strip.top - margin, place.right, strip.bottom + margin).intersect(place)
        scale = min(1.0, self._settings.detection_scale * _REFERENCE_WIDTH / min(pixels.shape[:2]))
        crop = np.ascontiguousarray(pixels[window.top : window.bottom, window.left : window.right])
        self._counters.strips_detected += 1
        found = self._reader.detect(crop, scale)
        return window, [drawn_in(pixels, box.moved(window.left, window.top)).intersect(window) for box in found]

    def _lines_of(self, pixels: Pixels, rows: Sequence[Box]) -> list[Line]:
        crops = [np.ascontiguousarray(pixels[box.top : box.bottom, box.left : box.right]) for box in rows]
        lines = [
            Line(text=reading.text, box=box, source="ocr", confidence=reading.confidence)
            for box, reading in zip(rows, self._readings(crops), strict=True)
            if reading.text and reading.confidence >= self._settings.least_confidence
        ]
        self._counters.lines_read += len(lines)
        return lines

    def _readings(self, crops: Sequence[Pixels]) -> list[Reading]:
        """What the crops say; only those never seen before go through the network."""
        keys = [_key(crop) for crop in crops]
        unread = {key: crop for key, crop in zip(keys, crops, strict=True) if key not in self._read}
        for key, reading in zip(unread, self._recognised(list(unread.values())), strict=True):
            self._read[key] = reading
        self._counters.crops_cached += len(crops) - len(unread)
        readings = [self._read[key] for key in keys]
        for key in keys:
            self._read.move_to_end(key)
        while len(self._read) > self._settings.cached_rows:
            self._read.popitem(last=False)
        return readings

    def _recognised(self, crops: list[Pixels]) -> list[Reading]:
        """Read narrowed; rows that leave a doubt are read again at full width."""
        readings = self._reader.read(crops, self._settings.squeeze)
        doubtful = [
            at
            for at, (reading, crop) in enumerate(zip(readings, crops, strict=True))
            if reading.confidence < self._settings.sure and crop.shape[1] > 1.5 * crop.shape[0]
        ]
        if self._settings.squeeze < 1:
            for at, again in zip(doubtful, self._reader.read([crops[at] for at in doubtful]), strict=True):
                readings[at] = max(readings[at], again, key=lambda reading: reading.confidence)
        self._counters.crops_recognised += len(crops)
        return readings


def _usual_height(lines: Sequence[Line]) -> int:
    heights = sorted(line.box.height for line in lines)
    return heights[len(heights) // 2] if heights else 0


def _is_sliver(box: Box, usual_height: int) -> bool:
    """Whether only a sliver of a row is in view, under a bar or at the edge: nobody can read it, and to try is dear."""
    if box.height < _LEAST_HEIGHT:
        return True
    return box.height < _SLIVER_HEIGHT * usual_height and box.width > _SLIVER_ASPECT * box.height


def _cut(box: Box, window: Box, place: Box) -> bool:
    """Whether the border of the window, where it is not the border of the place, cuts a row."""
    above = box.top <= window.top + 1 and window.top > place.top
    return above or (box.bottom >= window.bottom - 1 and window.bottom < place.bottom)


def _same_row(known: Box, box: Box) -> bool:
    return known.overlap(box) > 0.5 or box.overlap(known) > 0.5


def _outgrown(known: Box, box: Box) -> bool:
    """Whether a row that was known in part is now seen whole."""
    return box.height > _GROWN * known.height or box.width > known.width + _LETTER * known.height


def _key(crop: Pixels) -> bytes:
    return hashlib.blake2b(crop.tobytes(), digest_size=16, key=repr(crop.shape).encode()).digest()
