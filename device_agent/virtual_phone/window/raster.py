"""Pixels as one 32-bit number each (red, green, blue, alpha in memory), so that fills and copies move whole pixels."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from device_agent.virtual_phone.window.shapes import Colour

Raster = NDArray[np.uint32]


def pack(colour: Colour) -> int:
    """One colour as a pixel of a raster."""
    return int.from_bytes(bytes(colour), sys.byteorder)


def from_image(image: Image.Image) -> Raster:
    """A picture (RGBA) as a raster (height, width)."""
    return np.asarray(image).view(np.uint32)[:, :, 0]


def to_image(raster: Raster) -> Image.Image:
    """A raster, or a part of one, as a picture (RGBA)."""
    return Image.fromarray(to_bytes(raster))


def to_bytes(raster: Raster) -> NDArray[np.uint8]:
    """A raster as (height, width, 4) uint8."""
    whole = np.ascontiguousarray(raster)
    return whole.view(np.uint8).reshape(*raster.shape, 4)


def is_opaque(raster: Raster) -> bool:
    return bool((to_bytes(raster)[:, :, 3] == 255).all())
