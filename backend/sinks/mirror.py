"""The mirror: the newest picture for browsers, covered on the server.

Only the newest picture is held. It is composed, scaled and compressed when somebody asks for it, once for all who ask,
in the asker's thread: a mirror that nobody watches costs nothing, and a slow browser slows only itself.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

import cv2

from backend.errors import MindproofError
from backend.sinks.compose import compose
from interventions.sdk import Action, Pixels

_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of `width` x `height` pixels of a screen of `screen` pixels, taken at `time_s` (monotonic)."""

    number: int
    jpeg: bytes = field(repr=False)
    width: int
    height: int
    screen: tuple[int, int]
    time_s: float


class Mirror:
    """Latest picture only. Any number of readers, one writer."""

    def __init__(self, width: int = 540) -> None:
        self._width = width
        self._changed = threading.Condition()
        self._encoding = threading.Lock()
        self._number = 0
        self._pixels: Pixels | None = None
        self._actions: Sequence[Action] = ()
        self._time_s = 0.0
        self._encoded: Picture | None = None
        self._closed = False

    def show(self, pixels: Pixels, time_s: float, actions: Sequence[Action] = ()) -> None:
        """Put up a new picture, to be seen with `actions` drawn; the array must not be written to afterwards."""
        with self._changed:
            self._number += 1
            self._pixels, self._time_s, self._actions = pixels, time_s, actions
            self._changed.notify_all()

    def close(self) -> None:
        """Let every waiting reader go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def newest(self, after: int, timeout_s: float) -> Picture | None:
        """The newest picture if its number is greater than `after`, waiting up to `timeout_s` for one; else None."""
        until = monotonic() + timeout_s
        with self._changed:
            while self._pixels is None or self._number <= after:
                left = until - monotonic()
                if left <= 0 or self._closed:
                    return None
                self._changed.wait(left)
            number, pixels, time_s, actions = self._number, self._pixels, self._time_s, self._actions
        with self._encoding:
            if self._encoded is None or self._encoded.number < number:
                covered = compose(pixels, actions) if actions else pixels
                self._encoded = self._encode(number, covered, time_s)
            return self._encoded

    def _encode(self, number: int, pixels: Pixels, time_s: float) -> Picture:
        height, width = pixels.shape[:2]
        scale = min(1.0, self._width / min(width, height))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = pixels if scale == 1.0 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        done, data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        if not done:
            raise MindproofError(f"a picture of {width}x{height} pixels could not be compressed")
        return Picture(number, data.tobytes(), *size, (width, height), time_s)
