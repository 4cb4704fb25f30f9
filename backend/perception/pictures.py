"""The names of pictures: what makes two pictures the same picture.

A picture is described by its average colours on a grid of 32 by 32 and its size. Averaging a crop does not
depend on where the crop stands on the screen, so from lossless frames a fully visible picture has one
description wherever it scrolls, and its digest is a hash of that. Video coding disturbs each average by a
grey level or two; descriptions that close to a remembered one take its digest.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from interventions.sdk import Pixels

_GRID = 32
_MEAN_APART = 5.0
_CELL_APART = 40
_SIDE_APART = 4

Description = NDArray[np.uint8]


class PictureMemory:
    """The digests given so far, the least recently seen forgotten first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: OrderedDict[str, tuple[tuple[int, int], Description]] = OrderedDict()

    def digest(self, pixels: Pixels, lossy: bool = False) -> str:
        """The name of the picture ``(height, width, 3)``; `lossy` says that video coding may have disturbed it."""
        size = (pixels.shape[1], pixels.shape[0])
        seen = describe(pixels)
        name = hashlib.blake2b(seen.tobytes(), digest_size=16, key=repr(size).encode()).hexdigest()
        if lossy and name not in self._known:
            name = self._closest(size, seen) or name
        self._known.setdefault(name, (size, seen))
        self._known.move_to_end(name)
        while len(self._known) > self._size:
            self._known.popitem(last=False)
        return name

    def _closest(self, size: tuple[int, int], seen: Description) -> str | None:
        alike = [
            (name, known)
            for name, (other, known) in self._known.items()
            if abs(other[0] - size[0]) <= _SIDE_APART and abs(other[1] - size[1]) <= _SIDE_APART
        ]
        if not alike:
            return None
        apart = np.abs(np.stack([known for _, known in alike]).astype(np.int16) - seen)
        mean, cell = apart.mean(axis=(1, 2, 3)), apart.max(axis=(1, 2, 3))
        best = int(np.argmin(mean))
        return alike[best][0] if mean[best] <= _MEAN_APART and cell[best] <= _CELL_APART else None


def describe(pixels: Pixels) -> Description:
    """Average colours, ``(32, 32, 3)`` uint8."""
    small = cv2.resize(np.ascontiguousarray(pixels), (_GRID, _GRID), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)
