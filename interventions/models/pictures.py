"""Checks and scaling that all picture models share."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from interventions.models.errors import WrongInput

Picture = NDArray[np.uint8]


def check_pictures(pictures: Sequence[Picture], model: str) -> None:
    """Every picture must be ``(height, width, 3)`` uint8 RGB with at least one pixel.

    Raises:
        WrongInput: naming the first that is not.
    """
    for number, picture in enumerate(pictures):
        if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8 or picture.ndim != 3:
            raise WrongInput(f"{model} takes (height, width, 3) uint8 arrays; picture {number} is none")
        if picture.shape[2] != 3 or picture.size == 0:
            raise WrongInput(f"{model} takes (height, width, 3) uint8 arrays; picture {number} is {picture.shape}")


def resized(picture: Picture, width: int, height: int) -> Picture:
    """`picture` at another size; averaged when it shrinks (no aliasing), interpolated when it grows."""
    shrinks = width < picture.shape[1] and height < picture.shape[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), dtype=np.uint8)
