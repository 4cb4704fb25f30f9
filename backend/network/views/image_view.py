"""Pictures: looked at frame by frame, and replaced whole by a neutral one of the same size and type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image as Pictures
from PIL import ImageOps, features

from backend.network.views.view import Part, Unreadable
from interventions.sdk import FlowAction, FlowKind, FlowList, Pixels

MOST_BYTES = 16 << 20
MOST_PIXELS = 50_000_000
LONGEST = 1600
"""Pixels of a side to which a picture is shrunk before it is looked at; no judge here sees finer."""
MOST_FRAMES = 4
"""Of a moving picture that are looked at, evenly spaced: explicit for a moment is explicit."""

FORMATS: Mapping[str, str] = {
    "image/png": "PNG",
    "image/apng": "PNG",
    "image/jpeg": "JPEG",
    "image/jpg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
} | ({"image/avif": "AVIF"} if features.check("avif") else {})
"""Types of pictures that can be read and written here, and Pillow's names for them."""

_ORIENTATION, _ON_ITS_SIDE = 0x0112, 5
"""EXIF's tag, and the first of its values that exchange width and height where the picture is shown."""
_GREY = (138, 141, 145)
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, Pictures.DecompressionBombError)


class ImageView:
    """One picture. Each of its parts is a frame of it; hiding one hides the picture.

    What it is says its content, not its header: services often send WebP as ``image/jpeg``.

    Raises:
        Unreadable: it is broken or cut short, in a format that is not read here, or larger than can be looked at.
    """

    kind: FlowKind = "image"
    beyond = 0
    lists: tuple[FlowList, ...] = ()

    def __init__(self, body: bytes, name: str = "image") -> None:
        if len(body) > MOST_BYTES:
            raise Unreadable("too large", f"a picture of {len(body)} bytes")
        self._body = body
        digest = blake2b(body, digest_size=16).hexdigest()
        try:
            with Pictures.open(BytesIO(body), formats=tuple(set(FORMATS.values()))) as picture:
                self.format = "JPEG" if picture.format == "MPO" else str(picture.format)
                turned = picture.getexif().get(_ORIENTATION, 1) >= _ON_ITS_SIDE
                width, height = picture.size
                self.size = (height, width) if turned else (width, height)
                frames = list(self._frames(picture))
        except _BROKEN as error:
            raise Unreadable("malformed picture", str(error)) from error
        self.parts = [
            Part("picture", name, pixels=pixels, digest=f"{digest}{number or ''}") for number, pixels in frames
        ]

    def _frames(self, picture: Pictures.Image) -> Iterable[tuple[int, Pixels]]:
        width, height = picture.size
        count: int = getattr(picture, "n_frames", 1)
        if width * height > MOST_PIXELS:
            raise Unreadable("too large", f"a picture of {width}x{height} pixels")
        for number in sorted({round(at * (count - 1) / (MOST_FRAMES - 1)) for at in range(MOST_FRAMES)}):
            picture.seek(number)
            pixels = np.array(_looked_at(picture), dtype=np.uint8)
            pixels.flags.writeable = False
            yield number, pixels

    def path(self, position: int) -> str:
        return "$"

    def read(self) -> Any:
        return None

    def edited(self, hidden: Mapping[int, str], actions: Iterable[FlowAction] = ()) -> bytes:
        return placeholder(self.format, self.size) if hidden else self._body


def _looked_at(picture: Pictures.Image) -> Pictures.Image:
    """The frame at hand, upright, in RGB, no side longer than `LONGEST`."""
    picture.draft("RGB", (LONGEST, LONGEST))
    shown = ImageOps.exif_transpose(picture.convert("RGB"))
    shown.thumbnail((LONGEST, LONGEST), Pictures.Resampling.BOX)
    return shown


@lru_cache(maxsize=64)
def placeholder(kind: str, size: tuple[int, int]) -> bytes:
    """A grey picture of `size` (width, height) in Pillow's format `kind`."""
    out = BytesIO()
    Pictures.new("RGB", size, _GREY).save(out, kind)
    return out.getvalue()
