"""Smooth random fields, the stuff of clouds, ridges and grain."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.floating[Any]]


def clouds(random: np.random.Generator, width: int, height: int, cells: int, octaves: int = 4) -> Field:
    """Values of 0 to 1 (height, width); the largest lumps are `width / cells` wide."""
    total = np.zeros((height, width), np.float32)
    weight = 1.0
    for _ in range(octaves):
        rows = max(2, round(cells * height / width) + 1)
        grid = random.random((rows, cells + 1), dtype=np.float32)
        field = Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(field) * weight
        weight /= 2
        cells *= 2
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(1e-6, high - low)


def ridge(random: np.random.Generator, width: int, rough: float, cells: int = 3) -> Field:
    """A skyline of -1 to 1 (width); `rough` adds the small peaks."""
    line = np.zeros(width, np.float32)
    weight = 1.0
    while cells < width // 3:
        points = random.uniform(-1, 1, cells + 2).astype(np.float32)
        line += np.interp(np.linspace(0, cells + 1, width), np.arange(cells + 2), points).astype(np.float32) * weight
        weight *= rough
        cells *= 2
    shape: Field = line / np.abs(line).max()
    return shape


def grid(width: int, height: int, low: float) -> tuple[Field, Field]:
    """Columns and rows of a picture as numbers from `low` to 1: x (1, width) and y (height, 1)."""
    x = np.linspace(low, 1, width, dtype=np.float32)[None, :]
    return x, np.linspace(low, 1, height, dtype=np.float32)[:, None]


def finish(random: np.random.Generator, pixels: Field) -> Image.Image:
    """Grain and a vignette, as a lens and a sensor leave them; RGB of 0 to 255 in, a picture (RGBA) out."""
    height, width = pixels.shape[:2]
    x, y = grid(width, height, -1)
    lens = 1 - 0.16 * (x * x + y * y)
    grain = random.standard_normal((height, width), np.float32) * 2.2
    shaded = pixels * lens[:, :, None] + grain[:, :, None]
    return Image.fromarray(np.clip(shaded, 0, 255).astype(np.uint8), "RGB").convert("RGBA")
