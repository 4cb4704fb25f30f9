"""The rows of text on the frames of a whole run, read for known texts: each frame is looked at, no row is read twice.

Perception must be exact and follows what moves. Here a text is recognised in spite of mistakes, so a row that looks
like one that was read before, wherever that stood, says the same; and rows too narrow to tell are not read.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.perception.ink import drawn_in
from backend.perception.paragraphs import grouped
from backend.perception.reader import Reading, TextReader
from interventions.sdk import Box, Line, Pixels

_DETECTION_SCALE = 0.6
"""The detector sees a screen of 540 pixels' width at this scale."""
_SQUEEZE = 0.75
_SURE = 0.5
"""Confidence below which a row is noise."""
_LEAST_HEIGHT = 6
_LEAST_ASPECT = 4.0
"""Width of a row, in heights, below which it cannot hold so much of a text that this is told from others."""
_LOOK = (160, 16)
_SAME = 10.0
"""Mean difference of two rows' looks, 0 to 255, up to which they say the same."""
_SAME_ASPECT = 0.08
_STILL = 10
"""Difference of any block of a frame from the frame before, 0 to 255, up to which nothing has changed there."""
_BLOCK = 6

_Look = NDArray[np.float32]


class ScreenRows:
    """Reads frames in order."""

    def __init__(self, reader: TextReader) -> None:
        self._reader = reader
        self._blocks: NDArray[np.uint8] | None = None
        self._lines: tuple[Line, ...] = ()
        self._looks = np.zeros((0, _LOOK[1], _LOOK[0]), np.float32)
        self._aspects = np.zeros(0)
        self._readings: list[Reading] = []

    def read(self, pixels: Pixels) -> tuple[Line, ...]:
        """The rows on ``(height, width, 3)`` uint8 RGB, about 540 wide, grouped into paragraphs."""
        height, width = pixels.shape[:2]
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        size = (max(1, width // _BLOCK), max(1, height // _BLOCK))
        blocks = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        before, self._blocks = self._blocks, blocks
        if before is None or before.shape != blocks.shape or int(cv2.absdiff(before, blocks).max()) > _STILL:
            self._lines = self._rows(pixels)
        return self._lines

    def _rows(self, pixels: Pixels) -> tuple[Line, ...]:
        found = (drawn_in(pixels, box) for box in self._reader.detect(pixels, _DETECTION_SCALE))
        boxes = [box for box in found if box.height >= _LEAST_HEIGHT and box.width >= _LEAST_ASPECT * box.height]
        lines = [
            Line(reading.text, box, "ocr", reading.confidence)
            for box, reading in zip(boxes, self._said(pixels, boxes), strict=True)
            if reading.text and reading.confidence >= _SURE
        ]
        return grouped(lines)

    def _said(self, pixels: Pixels, boxes: list[Box]) -> list[Reading]:
        crops = [np.ascontiguousarray(pixels[box.top : box.bottom, box.left : box.right]) for box in boxes]
        looks = [_look(crop) for crop in crops]
        known = [self._known(look, box.width / box.height) for look, box in zip(looks, boxes, strict=True)]
        unread = [at for at, reading in enumerate(known) if reading is None]
        readings = dict(zip(unread, self._reader.read([crops[at] for at in unread], _SQUEEZE), strict=True))
        if unread:
            self._looks = np.concatenate([self._looks, np.stack([looks[at] for at in unread])])
            self._aspects = np.append(self._aspects, [boxes[at].width / boxes[at].height for at in unread])
            self._readings += readings.values()
        return [one if one is not None else readings[at] for at, one in enumerate(known)]

    def _known(self, look: _Look, aspect: float) -> Reading | None:
        """What a row that looked like this said."""
        (alike,) = np.nonzero(np.abs(self._aspects / aspect - 1) < _SAME_ASPECT)
        if not len(alike):
            return None
        apart = np.abs(self._looks[alike] - look).mean(axis=(1, 2))
        best = int(apart.argmin())
        return self._readings[int(alike[best])] if apart[best] <= _SAME else None


def _look(crop: Pixels) -> _Look:
    """A row at one size, in greys from 0 to 255 whatever its contrast."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    look = cv2.resize(grey, _LOOK, interpolation=cv2.INTER_AREA).astype(np.float32)
    look -= look.min()
    most = float(look.max())
    return look * np.float32(255 / most) if most > 8 else look
