"""The status bar and the navigation bar."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw

from device_agent.virtual_phone.window import fonts
from device_agent.virtual_phone.window.icons import icon
from device_agent.virtual_phone.window.raster import Raster, from_image
from device_agent.virtual_phone.window.shapes import Colour

DARK: Colour = (60, 64, 67, 255)
LIGHT: Colour = (255, 255, 255, 255)
STATUS_DP = 24
NAVIGATION_DP = 48
BUTTONS = (("nav_back", 4), ("nav_home", 3), ("nav_recents", 187))


def _ink(ground: Colour) -> Colour:
    return DARK if sum(ground[:3]) > 384 else LIGHT


@lru_cache(maxsize=16)
def status_bar(width: int, height: int, ground: Colour, clock: str) -> Raster:
    """The bar at the top, with the clock as given."""
    image = Image.new("RGBA", (width, height), ground)
    ink = _ink(ground)
    size = round(height * 0.58)
    draw = ImageDraw.Draw(image)
    draw.text((height * 0.6, height / 2), clock, ink, fonts.font("Roboto-Medium", size), "lm")
    side = round(height * 0.62)
    top = (height - side) // 2
    for place, name in ((1.2, "battery"), (2.1, "wifi")):
        image.paste(ink, (round(width - place * height), top), icon(name, side))
    return from_image(image)


@lru_cache(maxsize=16)
def navigation_bar(width: int, height: int, ground: Colour) -> Raster:
    """The bar at the bottom with back, home and recents."""
    image = Image.new("RGBA", (width, height), ground)
    side = round(height * 0.42)
    for i, (name, _) in enumerate(BUTTONS):
        x = round(width * (i + 1) / 4 - side / 2)
        image.paste(_ink(ground), (x, (height - side) // 2), icon(name, side))
    return from_image(image)


def button_at(x: int, width: int) -> int | None:
    """The key code of the navigation button near `x`."""
    for i, (_, code) in enumerate(BUTTONS):
        if abs(x - width * (i + 1) / 4) < width / 8:
            return code
    return None
