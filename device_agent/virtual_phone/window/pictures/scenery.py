"""Photograph-like pictures of places and things, with nobody in them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from device_agent.virtual_phone.window.pictures.noise import Field, clouds, finish, grid, ridge

Random = np.random.Generator
SKIES = (
    ((66, 120, 190), (188, 214, 232), (255, 244, 214)),
    ((52, 62, 118), (236, 142, 110), (255, 214, 150)),
    ((108, 150, 178), (226, 226, 218), (255, 250, 235)),
    ((30, 44, 92), (150, 104, 150), (250, 190, 160)),
    ((72, 140, 204), (210, 230, 240), (255, 252, 240)),
)


def _mix(start: Field, end: Field, part: Field) -> Field:
    return start + (end - start) * part[..., None]


def _colour(values: tuple[int, int, int]) -> Field:
    return np.array(values, np.float32)


def _sky(random: Random, width: int, height: int) -> tuple[Field, Field]:
    """A sky (height, width, 3) with clouds and a low sun, and the colour of its haze."""
    top, low, sun = (_colour(c) for c in SKIES[random.integers(len(SKIES))])
    x, y = grid(width, height, 0)
    sky = _mix(top, low, np.broadcast_to(np.clip(y * 1.9, 0, 1), (height, width)))
    centre = random.uniform(0.2, 0.8), random.uniform(0.24, 0.46)
    far = np.hypot((x - centre[0]) * width / height, y - centre[1])
    glow = np.exp(-far * 5) + (far < 0.045) * 0.8
    sky = _mix(sky, np.broadcast_to(sun, sky.shape), np.clip(glow, 0, 1).astype(np.float32))
    cover = np.clip((clouds(random, width, height, 3, 5) - 0.52) * 2.6, 0, 0.85) * np.clip(1.5 - y * 2, 0, 1)
    return _mix(sky, np.broadcast_to(sun, sky.shape), cover.astype(np.float32)), low


def mountains(random: Random, width: int, height: int) -> Field:
    """Ridges behind each other in haze, often over a lake that mirrors them."""
    picture, haze = _sky(random, width, height)
    near = _colour(((34, 58, 52), (46, 52, 66), (60, 64, 46))[random.integers(3)])
    rows = np.arange(height, dtype=np.float32)[:, None]
    layers = int(random.integers(3, 6))
    shore = int(height * random.uniform(0.66, 0.8))
    for layer in range(layers):
        part = (layer + 1) / layers
        line = height * (0.34 + 0.36 * part) - ridge(random, width, 0.55) * height * (0.2 - 0.1 * part)
        texture = clouds(random, width, height, 24, 4)[:, :, None] * 34 * part - 17 * part
        colour = haze + (near - haze) * part**0.8 + texture
        edge = np.clip(rows - line[None, :], 0, 1)[:, :, None]
        picture = picture * (1 - edge) + colour * edge
    if random.random() < 0.6:
        mirror = picture[shore - (height - shore) : shore][::-1]
        ripples = (np.sin(np.arange(len(mirror)) ** 1.25 * 0.5) * 4).astype(int)
        for row, shift in enumerate(ripples):
            picture[shore + row] = np.roll(mirror[row], shift, 0) * 0.8 + np.array([10, 22, 30], np.float32)
    return picture


def sea(random: Random, width: int, height: int) -> Field:
    """Open water to the horizon, sand in front."""
    picture, haze = _sky(random, width, height)
    horizon, sand = int(height * random.uniform(0.4, 0.55)), int(height * random.uniform(0.78, 0.92))
    deep = _colour(((24, 84, 118), (30, 66, 92), (42, 110, 126))[random.integers(3)])
    rows = np.linspace(0, 1, height - horizon, dtype=np.float32)[:, None]
    water = _mix(haze * 0.85, deep, np.broadcast_to(np.clip(rows * 2.2, 0, 1), (height - horizon, width)))
    waves = np.asarray(
        Image.fromarray(clouds(random, width // 4, height - horizon, 6, 5)).resize((width, height - horizon))
    )
    stripes = np.sin(rows**0.6 * 160 + waves * 18)
    picture[horizon:] = water + (stripes * 12 + (waves - 0.5) * 36)[:, :, None]
    line = sand + ridge(random, width, 0.3, 2) * height * 0.03
    at = np.arange(height, dtype=np.float32)[:, None] - line[None, :]
    foam = np.exp(-((at / np.float32(height * 0.012)) ** 2))[:, :, None]
    beach = _colour((206, 186, 150)) + (clouds(random, width, height, 90, 2)[:, :, None] - 0.5) * 26
    land = np.clip(at, 0, 1)[:, :, None]
    picture = picture * (1 - land) + beach * land
    washed: Field = picture * (1 - foam * 0.8) + 245 * foam * 0.8
    return washed


def city(random: Random, width: int, height: int) -> Field:
    """A skyline at dusk with lit windows."""
    picture, haze = _sky(random, width, height)
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8), "RGB")
    draw = ImageDraw.Draw(image)
    for layer in range(3):
        part = (layer + 1) / 3
        wall = haze + (_colour((28, 32, 48)) - haze) * (0.35 + 0.6 * part)
        x = -10
        while x < width:
            wide = int(random.uniform(0.05, 0.13) * width)
            top = int(height * (0.42 + 0.12 * layer + random.uniform(-0.16, 0.1)))
            draw.rectangle((x, top, x + wide, height), tuple(int(c) for c in wall))
            if layer:
                _windows(draw, random, (x, top, x + wide, height), layer)
            x += wide + int(random.integers(0, 6))
    return np.asarray(image, np.float32) * 1.0


def _windows(draw: ImageDraw.ImageDraw, random: Random, wall: tuple[int, int, int, int], layer: int) -> None:
    step = 9 + layer * 4
    for wx in range(wall[0] + 5, wall[2] - 6, step):
        for wy in range(wall[1] + 8, wall[3], step + 3):
            if random.random() < 0.45:
                warm = int(random.integers(150, 235))
                draw.rectangle((wx, wy, wx + step // 2, wy + step // 2), (warm + 20, warm, warm - 70))


def still_life(random: Random, width: int, height: int) -> Field:
    """Fruit on a table, the room behind out of focus."""
    wood = clouds(random, width, height, 3, 5)
    grain = np.sin(np.linspace(0, 1, height)[:, None] * 70 + wood * 16) * 0.5 + 0.5
    table = _mix(_colour((92, 62, 44)), _colour((148, 106, 74)), grain.astype(np.float32))
    back = Image.fromarray(np.clip(_sky(random, width, height)[0] * 0.62, 0, 255).astype(np.uint8), "RGB")
    draw = ImageDraw.Draw(back)
    for _ in range(26):
        x, y, r = random.uniform(0, width), random.uniform(0, height * 0.6), random.uniform(8, 34)
        warm = int(random.integers(130, 235))
        draw.ellipse((x - r, y - r, x + r, y + r), (warm, warm - 24, warm - 70))
    picture = np.asarray(back.filter(ImageFilter.GaussianBlur(9)), np.float32).copy()
    edge = int(height * 0.56)
    picture[edge:] = table[edge:]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for i in range(int(random.integers(5, 9))):
        radius = height * random.uniform(0.1, 0.17)
        cx, cy = width * (0.12 + 0.76 * random.random()), height * (0.52 + 0.05 * i)
        reach = int(radius * 2.6)
        part = (
            slice(max(0, int(cy) - reach), int(cy) + reach),
            slice(max(0, int(cx) - reach), int(cx) + reach),
        )
        picture[part] = _fruit(random, picture[part], x[part] - cx, y[part] - cy, radius)
    return picture


def _fruit(random: Random, picture: Field, dx: Field, dy: Field, radius: float) -> Field:
    hues = ((190, 44, 40), (150, 170, 40), (108, 150, 52), (120, 50, 84), (232, 196, 70))
    colour = _colour(hues[random.integers(len(hues))])
    shadow = np.exp(-(((dx - radius * 0.25) / (radius * 1.25)) ** 2 + ((dy - radius * 0.86) / (radius * 0.34)) ** 2))
    picture = picture * (1 - 0.55 * shadow[:, :, None])
    inside = np.clip(radius - np.hypot(dx, dy), 0, 1.5)[:, :, None] / 1.5
    depth = np.sqrt(np.clip(1 - (dx * dx + dy * dy) / radius**2, 0, 1))
    light = np.clip(0.62 * depth - 0.42 * dx / radius - 0.46 * dy / radius + 0.16, 0.1, 1.2)
    shine = np.exp(-((dx / radius + 0.36) ** 2 + (dy / radius + 0.4) ** 2) * 26) * 150
    painted: Field = picture * (1 - inside) + (colour * light[:, :, None] + shine[:, :, None]) * inside
    return painted


SCENES: tuple[Callable[[Random, int, int], Field], ...] = (mountains, sea, city, still_life, mountains)


def photograph(seed: int, number: int, width: int, height: int) -> Image.Image:
    """Picture `number` (RGBA) of the phone with this seed."""
    random = np.random.default_rng((seed, number))
    return finish(random, SCENES[random.integers(len(SCENES))](random, width, height))
