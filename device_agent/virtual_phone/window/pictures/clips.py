"""Videos: a camera that drifts over a scene in which light moves. Frame `f` of a clip is always the same picture.

OpenCV scales here: a whole screen takes it a fifth of Pillow's time.
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi, sin

import cv2
import numpy as np
from PIL import Image, ImageChops

from device_agent.virtual_phone.window.pictures.figures import figure
from device_agent.virtual_phone.window.pictures.scenery import photograph

LOOP = 240
STAGE = (540, 960)
MARGIN = 0.14
FIGURE_EVERY = 5
LIGHTS = 36


@lru_cache(maxsize=4)
def _stage(seed: int, number: int) -> Image.Image:
    width, height = STAGE
    if number % FIGURE_EVERY == 3:
        return figure(seed, number, width, height)
    return photograph(seed, 500_000 + number, width, height)


@lru_cache(maxsize=4)
def _lights(seed: int, number: int) -> Image.Image:
    """A sheet of soft sparks (RGBA) that floats over the scene."""
    random = np.random.default_rng((seed, number, 9))
    width, height = STAGE[0] // 2, STAGE[1] // 2
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    glow = np.zeros((height, width), np.float32)
    for _ in range(LIGHTS):
        cx, cy, r = random.uniform(0, width), random.uniform(0, height), random.uniform(1.5, 7)
        glow += np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / r**2) * random.uniform(0.2, 0.8)
    sheet = Image.new("RGBA", (width, height), (255, 246, 220, 0))
    sheet.putalpha(Image.fromarray((np.clip(glow, 0, 0.8) * 255).astype(np.uint8)))
    return sheet


def frame(seed: int, number: int, index: int, width: int, height: int) -> Image.Image:
    """Frame `index` of clip `number` (RGBA, `width` by `height`)."""
    turn = 2 * pi * (index % LOOP) / LOOP
    stage = _stage(seed, number)
    tall = stage.height * (1 - MARGIN)
    wide = min(stage.width * (1 - MARGIN), tall * width / height)
    tall = wide * height / width
    zoom = 1 - 0.05 * (1 + sin(turn * 2))
    left = (stage.width - wide * zoom) * (0.5 + 0.5 * sin(turn))
    top = (stage.height - tall * zoom) * (0.5 + 0.5 * cos(turn * 1.0))
    step = wide * zoom / (width // 2)
    view = np.array([[step, 0, left], [0, step, top]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    half = cv2.warpAffine(
        np.asarray(stage), view, (width // 2, height // 2), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    picture = Image.fromarray(half)
    rise = index * 3
    lights = ImageChops.offset(_lights(seed, number), round(12 * sin(turn * 3)), -rise)
    picture.alpha_composite(lights.crop((0, 0, picture.width, picture.height)))
    return Image.fromarray(cv2.resize(np.asarray(picture), (width, height), interpolation=cv2.INTER_LINEAR))
