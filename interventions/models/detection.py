"""What a detector returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Detection:
    """A thing found in a picture.

    `box` is ``(left, top, right, bottom)`` as shares of the picture's width and height, 0 to 1, so that it
    holds for the picture at any size it is shown.
    """

    label: str
    score: float
    box: tuple[float, float, float, float]
