"""Colours, rounded shapes and gradients, with smooth edges."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageDraw

SMOOTH = 4
Colour = tuple[int, int, int, int]


def colour(argb: int) -> Colour:
    """0xAARRGGBB as Java's signed int, to red, green, blue, alpha."""
    return (argb >> 16) & 255, (argb >> 8) & 255, argb & 255, (argb >> 24) & 255


@lru_cache(maxsize=256)
def rounded(width: int, height: int, radius: int) -> Image.Image:
    """A mask (L) of a rectangle with rounded corners; `radius` below 0 gives an oval."""
    if radius < 0:
        big = Image.new("L", (width * SMOOTH, height * SMOOTH), 0)
        ImageDraw.Draw(big).ellipse((0, 0, width * SMOOTH - 1, height * SMOOTH - 1), fill=255)
        return big.resize((width, height), Image.Resampling.BOX)
    radius = min(radius, width // 2, height // 2)
    mask = Image.new("L", (width, height), 255)
    if radius:
        round_px = radius * 2 * SMOOTH
        disc = Image.new("L", (round_px, round_px), 0)
        ImageDraw.Draw(disc).ellipse((0, 0, round_px - 1, round_px - 1), fill=255)
        disc = disc.resize((radius * 2, radius * 2), Image.Resampling.BOX)
        for x, from_x in ((0, 0), (width - radius, radius)):
            for y, from_y in ((0, 0), (height - radius, radius)):
                mask.paste(disc.crop((from_x, from_y, from_x + radius, from_y + radius)), (x, y))
    return mask


@lru_cache(maxsize=64)
def ring(width: int, height: int, radius: int, stroke: int) -> Image.Image:
    """A mask (L) of the border of a rounded rectangle or oval."""
    outer = rounded(width, height, radius).copy()
    if width > 2 * stroke and height > 2 * stroke:
        inner_radius = radius if radius < 0 else max(0, radius - stroke)
        hole = Image.new("L", (width, height), 0)
        hole.paste(rounded(width - 2 * stroke, height - 2 * stroke, inner_radius), (stroke, stroke))
        outer = ImageChops.subtract(outer, hole)
    return outer


@lru_cache(maxsize=64)
def gradient(width: int, height: int, start: int, end: int, direction: str) -> Image.Image:
    """A picture (RGBA) that runs from one colour to another."""
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    along = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    mix = {"TOP_BOTTOM": down + 0 * along, "LEFT_RIGHT": along + 0 * down}.get(direction, (along + down) / 2)
    first, last = (np.array(colour(c), np.float32) for c in (start, end))
    pixels = first + (last - first) * mix[:, :, None]
    return Image.fromarray(pixels.round().astype(np.uint8), "RGBA")


def paint_shape(image: Image.Image, x: int, y: int, width: int, height: int, shape: dict[str, Any]) -> None:
    """Draw a drawable (see `Drawable.describe` in Java) that has no picture."""
    if width <= 0 or height <= 0:
        return
    radius = round(shape.get("radius", 0))
    fill = colour(shape["fill"])
    if "to" in shape:
        source = gradient(width, height, shape["fill"], shape["to"], shape["direction"])
        _blend(image, source, x, y, rounded(width, height, radius) if radius else None)
    elif fill[3] == 255 and not radius:
        image.paste(fill, (x, y, x + width, y + height))
    elif fill[3]:
        _blend(image, Image.new("RGBA", (width, height), fill), x, y, rounded(width, height, radius))
    if shape.get("stroke"):
        border = Image.new("RGBA", (width, height), colour(shape["strokeColor"]))
        _blend(image, border, x, y, ring(width, height, radius, int(shape["stroke"])))


def _blend(image: Image.Image, source: Image.Image, x: int, y: int, mask: Image.Image | None) -> None:
    if mask is not None:
        source = source.copy()
        alpha = source.getchannel("A")
        source.putalpha(mask if alpha.getextrema() == (255, 255) else ImageChops.multiply(alpha, mask))
    over(image, source, x, y)


def over(image: Image.Image, source: Image.Image, x: int, y: int) -> None:
    """Composite `source` over `image` at a place that may lie partly outside."""
    left, top = max(0, -x), max(0, -y)
    right, bottom = min(source.width, image.width - x), min(source.height, image.height - y)
    if right > left and bottom > top:
        image.alpha_composite(source, (x + left, y + top), (left, top, right, bottom))


def solid(shape: dict[str, Any] | None) -> Colour | None:
    """The colour of a drawable that covers its whole view with one opaque colour."""
    if shape is None or "fill" not in shape or "to" in shape or shape.get("radius") or shape.get("stroke"):
        return None
    fill = colour(shape["fill"])
    return fill if fill[3] == 255 else None
