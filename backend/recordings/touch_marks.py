"""Where fingers are at a moment of a recording, drawn as translucent dots."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from backend.phones.touches import Touch
from interventions.sdk import Pixels

LINGER_S = 0.3
"""How long a finger that was lifted is still shown: many a tap is shorter than the time between two frames."""
_COLOUR, _OPACITY = (230, 40, 120), 0.45
_WIDTHS = 30
"""The screen is so many times as wide as a dot's radius."""


class TouchMarks:
    """Follows `touches`, which are in the order of their times, from one moment to the next."""

    def __init__(self, touches: Iterable[Touch]) -> None:
        self._coming = iter(touches)
        self._next = next(self._coming, None)
        self._fingers: dict[int, Touch] = {}

    def at(self, time_s: float) -> list[Touch]:
        """The last touch of every finger that is down at `time_s`, or was just now. Times must not go back."""
        while self._next is not None and self._next.time_s <= time_s:
            self._fingers[self._next.finger] = self._next
            self._next = next(self._coming, None)
        self._fingers = {
            number: touch
            for number, touch in self._fingers.items()
            if touch.action != "UP" or time_s - touch.time_s <= LINGER_S
        }
        return list(self._fingers.values())


def with_marks(picture: Pixels, touches: Iterable[Touch]) -> Pixels:
    """`picture`, ``(height, width, 3)``, with a dot for each touch."""
    places = [(touch.x, touch.y) for touch in touches]
    if not places:
        return picture
    dots = picture.copy()
    for place in places:
        cv2.circle(dots, place, max(2, picture.shape[1] // _WIDTHS), _COLOUR, -1, cv2.LINE_AA)
    return np.asarray(cv2.addWeighted(dots, _OPACITY, picture, 1 - _OPACITY, 0), np.uint8)
