"""A screen in any theme, density and font scale: a promotion among posts, as an app without a UI tree shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from font_roboto import Roboto, RobotoBold
from PIL import Image, ImageDraw, ImageFont

from interventions.sdk import Box, Pixels

_LIGHT = {"paper": "#ffffff", "ink": "#1a1c1e", "soft": "#6b7075", "line": "#e0e3e7", "accent": "#1f6feb"}
_DARK = {"paper": "#101418", "ink": "#e6e9ec", "soft": "#9aa1a8", "line": "#2b3138", "accent": "#58a6ff"}
_WORDS = "river lamp garden slow morning letter bridge paper stone window quiet market".split()  # noqa: SIM905


@dataclass(frozen=True)
class Look:
    """Of a screen: dots per inch (420 is 1080 pixels wide), size of letters, theme."""

    dpi: int = 420
    font: float = 1.0
    dark: bool = False

    @property
    def size(self) -> tuple[int, int]:
        return self.px(411.4), self.px(845.7)

    def px(self, dp: float) -> int:
        return round(dp * self.dpi / 160)


def screen(look: Look, seed: int = 0, promoted: bool = True) -> tuple[Pixels, Box]:
    """The picture, and where the promotion is; an empty box where there is none."""
    colours = _DARK if look.dark else _LIGHT
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", look.size, colours["paper"])
    draw = ImageDraw.Draw(picture)
    regular = ImageFont.truetype(Roboto, look.px(16 * look.font))
    bold = ImageFont.truetype(RobotoBold, look.px(16 * look.font))
    top, place, number = 40.0, Box(0, 0, 0, 0), 0
    where = int(rng.integers(1, 3)) if promoted else -1
    while top < 800:
        if number == where:
            place = _promotion(draw, look, colours, bold, top)
            top += 60 + 34 * look.font
        else:
            _post(draw, look, colours, regular, bold, rng, top)
            top += 90 + 56 * look.font
        number += 1
    return np.asarray(picture), place


def _promotion(
    draw: ImageDraw.ImageDraw, look: Look, colours: dict[str, str], font: ImageFont.FreeTypeFont, top: float
) -> Box:
    """A box with a star, two words and a button."""
    height = 44 + 34 * look.font
    box = Box(look.px(16), look.px(top), look.px(395), look.px(top + height))
    draw.rounded_rectangle(
        (box.left, box.top, box.right - 1, box.bottom - 1), look.px(8), outline=colours["line"], width=look.px(1.5)
    )
    middle = top + height / 2
    star = [
        (look.px(44 + r * np.sin(k * np.pi / 5)), look.px(middle - r * np.cos(k * np.pi / 5)))
        for k in range(10)
        for r in ((16 if k % 2 == 0 else 7),)
    ]
    draw.polygon(star, fill=colours["accent"])
    draw.text((look.px(72), look.px(middle)), "Top picks for you", font=font, fill=colours["ink"], anchor="lm")
    right = look.px(381)
    words = draw.textlength("Open", font=font)
    draw.rounded_rectangle(
        (right - words - look.px(28), look.px(middle - 16 * look.font), right, look.px(middle + 16 * look.font)),
        look.px(16),
        fill=colours["accent"],
    )
    draw.text((right - look.px(14), look.px(middle)), "Open", font=font, fill=colours["paper"], anchor="rm")
    return box


def _post(
    draw: ImageDraw.ImageDraw,
    look: Look,
    colours: dict[str, str],
    regular: ImageFont.FreeTypeFont,
    bold: ImageFont.FreeTypeFont,
    rng: np.random.Generator,
    top: float,
) -> None:
    tint = tuple(int(value) for value in rng.integers(60, 220, 3))
    draw.ellipse((look.px(16), look.px(top), look.px(56), look.px(top + 40)), fill=tint)
    draw.text((look.px(68), look.px(top)), " ".join(rng.choice(_WORDS, 2)).title(), font=bold, fill=colours["ink"])
    for row in range(2):
        said = " ".join(rng.choice(_WORDS, 6))
        draw.text((look.px(16), look.px(top + 48 + 24 * look.font * row)), said, font=regular, fill=colours["soft"])
