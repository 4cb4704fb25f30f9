"""What shows while an app's process starts: its icon on a plain ground."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image

from device_agent.virtual_phone.window.icons import icon
from device_agent.virtual_phone.window.raster import Raster, from_image
from device_agent.virtual_phone.window.shapes import gradient, over, rounded

APP_ICONS: dict[str, tuple[str, int, int]] = {
    "org.mindproof.feed": ("ic_feed", -0x1DB98F, -0x0A7FA6),
    "org.mindproof.shorts": ("ic_play", -0xE1E1D6, -0xC9C9B4),
    "org.mindproof.reader": ("ic_book", -0xE66C40, -0xBF4415),
    "org.mindproof.chat": ("ic_bubble", -0xD97A1C, -0xB25A08),
}


def app_icon(package: str, side: int) -> Image.Image:
    """The icon of an app (RGBA, `side` squared); an unknown app gets a plain one."""
    name, start, end = APP_ICONS.get(package, ("", -0x777778, -0x555556))
    image = gradient(side, side, start, end, "TL_BR").copy()
    glyph = round(side * 0.56)
    image.paste((255, 255, 255, 255), ((side - glyph) // 2, (side - glyph) // 2), icon(name, glyph))
    image.putalpha(rounded(side, side, round(side * 0.28)))
    return image


@lru_cache(maxsize=8)
def splash(package: str, width: int, height: int) -> Raster:
    """The starting window."""
    image = Image.new("RGBA", (width, height), (255, 255, 255, 255))
    side = min(width, height) // 4
    if package in APP_ICONS:
        over(image, app_icon(package, side), (width - side) // 2, (height - side) // 2)
    return from_image(image)
