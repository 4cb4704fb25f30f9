"""Avatars: drawn people, flat and friendly, of no one in particular."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

SMOOTH = 3
GROUNDS = ("#F6C7B3", "#BFD7EA", "#CDE7BE", "#F9E0A2", "#D9C8F0", "#F4B6C2", "#B8E0D2", "#E3D5CA")
SKINS = ("#F2C9A1", "#E0A878", "#C68642", "#8D5524", "#FFDBB5", "#A86B3C")
HAIRS = ("#2B1B12", "#5A3825", "#8A5A2B", "#C68E3F", "#1F1F24", "#7A7A80", "#A23B22")
SHIRTS = ("#3D5A80", "#EE6C4D", "#2A9D8F", "#6D597A", "#E9C46A", "#264653", "#B56576")


def avatar(seed: int, number: int, side: int) -> Image.Image:
    """Avatar `number` (RGBA, `side` squared)."""
    random = np.random.default_rng((seed, number, 5))
    big = side * SMOOTH
    unit = big / 100

    def box(cx: float, cy: float, rx: float, ry: float) -> tuple[float, float, float, float]:
        return (cx - rx) * unit, (cy - ry) * unit, (cx + rx) * unit, (cy + ry) * unit

    def one(colours: tuple[str, ...]) -> str:
        return colours[int(random.integers(len(colours)))]

    image = Image.new("RGB", (big, big), one(GROUNDS))
    draw = ImageDraw.Draw(image)
    skin, hair, shirt = one(SKINS), one(HAIRS), one(SHIRTS)
    long_hair = random.random() < 0.5
    if long_hair:
        draw.rounded_rectangle(box(50, 56, 27, 34), 22 * unit, fill=hair)
    draw.ellipse(box(50, 108, 40, 32), fill=shirt)
    draw.rounded_rectangle(box(50, 72, 9, 12), 6 * unit, fill=skin)
    draw.ellipse(box(50, 46, 21, 25), fill=skin)
    draw.pieslice(box(50, 40, 24, 25), 180 - random.uniform(0, 20), 360 + random.uniform(0, 20), fill=hair)
    draw.ellipse(box(50, 48, 18.5, 18), fill=skin)
    for side_of in (-1, 1):
        draw.ellipse(box(50 + side_of * 7.5, 47, 1.9, 2.3), fill="#2A2320")
    draw.arc(box(50, 55, 7, 5), 20, 160, fill="#8C3B32", width=round(1.7 * unit))
    if random.random() < 0.28:
        for side_of in (-1, 1):
            draw.ellipse(box(50 + side_of * 7.5, 47, 5.6, 5.2), outline="#2A2320", width=round(1.2 * unit))
        draw.line((48 * unit, 47 * unit, 52 * unit, 47 * unit), fill="#2A2320", width=round(1.2 * unit))
    return image.resize((side, side), Image.Resampling.BOX).convert("RGBA")
