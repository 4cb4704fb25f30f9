"""One picture, and what can be told from its pixels alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from interventions.sdk import Pixels

BLACK = 8
"""Channel value up to which a pixel counts as black: video makes 0 a little more than that."""
BLACK_SHARE = 0.995


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture as it came from the phone at `time_s` (``time.monotonic``); capturing and decoding took `took_s`."""

    pixels: Pixels = field(repr=False)
    time_s: float
    took_s: float
    source: Literal["raw", "h264"]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


def is_black(pixels: Pixels) -> bool:
    """Whether (nearly) every pixel is black, judged by one in 64."""
    sample = pixels[::8, ::8].max(axis=2)
    return sample.size > 0 and float((sample <= BLACK).mean()) >= BLACK_SHARE
