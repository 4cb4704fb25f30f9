"""The packaged font for text that a sink writes."""

from __future__ import annotations

from functools import lru_cache

from font_roboto import Roboto
from PIL import ImageFont


@lru_cache(maxsize=32)
def roboto(pixels: int) -> ImageFont.FreeTypeFont:
    """Roboto Regular at `pixels` height."""
    return ImageFont.truetype(Roboto, pixels)
