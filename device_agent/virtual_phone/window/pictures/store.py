"""Pictures by name, drawn when first asked for, kept while there is room.

``photo/7`` a photograph-like scene · ``figure/2`` a nude figure · ``avatar/7`` a drawn portrait · ``clip/3/12`` the
twelfth frame of a video · ``icon/PACKAGE`` an app's icon · ``made/...`` pixels that an app sent. A content folder
may hold folders ``photos``, ``figures`` and ``avatars`` with pictures that take the place of the drawn ones."""

from __future__ import annotations

import io
import logging
import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from device_agent.virtual_phone.window.pictures import clips
from device_agent.virtual_phone.window.pictures.figures import figure
from device_agent.virtual_phone.window.pictures.portraits import avatar
from device_agent.virtual_phone.window.pictures.scenery import photograph
from device_agent.virtual_phone.window.splash import app_icon

log = logging.getLogger(__name__)

FETCHED_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
"""What an app may fetch; the library knows formats that a phone does not, and that run other programs."""
LARGEST_DECODED = 16 * 1024 * 1024
CACHE_BYTES = 64 * 1024 * 1024
SIZES = {"photo": (540, 446), "figure": (540, 446), "avatar": (192, 192), "icon": (192, 192), "clip": (540, 960)}
NAMES = {
    "photo": re.compile(r"photo/[0-9]{1,9}"),
    "figure": re.compile(r"figure/[0-9]{1,9}"),
    "avatar": re.compile(r"avatar/[0-9]{1,9}"),
    "icon": re.compile(r"icon/[\w.]+"),
    "clip": re.compile(r"clip/[0-9]{1,9}/[0-9]{1,9}"),
}
SLOW = ("photo", "figure")
FOLDERS = {"photo": "photos", "figure": "figures", "avatar": "avatars"}
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


class Pictures:
    """Draws, keeps and scales pictures. The lock of the window server guards it.

    `generation` grows when pixels that somebody may have drawn already change.
    """

    def __init__(self, seed: int, content: Path | None = None) -> None:
        self.generation = 0
        self._seed = seed
        self._made: dict[str, Image.Image] = {}
        self._kept: OrderedDict[tuple[str, int, int, str], Image.Image] = OrderedDict()
        self._bytes = 0
        self._files = {kind: _pictures_in(content, folder) for kind, folder in FOLDERS.items()}

    def size(self, name: str) -> tuple[int, int]:
        """Width and height of a picture; 0, 0 when there is none of that name."""
        if name in self._made:
            return self._made[name].size
        return next((size for kind, size in SIZES.items() if NAMES[kind].fullmatch(name)), (0, 0))

    def source(self, name: str) -> Image.Image:
        """The picture (RGBA) in its own size; grey when there is none of that name."""
        if name in self._made:
            return self._made[name]
        if self.size(name) == (0, 0):
            log.warning("an app shows the picture %r, which does not exist", name)
            return Image.new("RGBA", (16, 16), (200, 203, 208, 255))
        return self._keep((name, 0, 0, ""), lambda: self.draw(name))

    def is_worth_drawing_ahead(self, name: str) -> bool:
        """Whether showing this picture would take long: a scene not yet drawn, or the first frame of a clip."""
        if NAMES["clip"].fullmatch(name):
            return name.endswith("/0")
        return any(NAMES[kind].fullmatch(name) for kind in SLOW) and (name, 0, 0, "") not in self._kept

    def put(self, name: str, picture: Image.Image) -> None:
        """Keep what `draw` made; of a clip, only its stage is kept, and that by `clips`."""
        if not NAMES["clip"].fullmatch(name):
            self._keep((name, 0, 0, ""), lambda: picture)

    def draw(self, name: str) -> Image.Image:
        """Draw a picture that has a `size`; touches nothing that is kept, so it needs no lock."""
        width, height = self.size(name)
        kind, *rest = name.split("/")
        files = self._files.get(kind)
        if files:
            picture = _read(files[int(rest[0]) % len(files)])
            if picture is not None:
                return ImageOps.fit(picture, (width * 2, height * 2))
        if kind == "photo":
            return photograph(self._seed, int(rest[0]), width, height)
        if kind == "figure":
            return figure(self._seed, int(rest[0]), width, height)
        if kind == "avatar":
            return avatar(self._seed, int(rest[0]), width)
        if kind == "icon":
            return app_icon(rest[0], width)
        return clips.frame(self._seed, int(rest[0]), int(rest[1]), width, height)

    def scaled(self, name: str, width: int, height: int, scale: str = "FIT_XY") -> Image.Image:
        """The picture (RGBA) for a view of `width` by `height`, as ImageView.ScaleType `scale` says."""
        width, height = max(1, width), max(1, height)
        if NAMES["clip"].fullmatch(name):
            _, number, index = name.split("/")
            return clips.frame(self._seed, int(number), int(index), width, height)
        return self._keep((name, width, height, scale), lambda: _fit(self.source(name), width, height, scale))

    def _keep(self, key: tuple[str, int, int, str], draw: Callable[[], Image.Image]) -> Image.Image:
        picture = self._kept.get(key)
        if picture is None:
            picture = self._kept[key] = draw()
            self._bytes += picture.width * picture.height * 4
            while self._bytes > CACHE_BYTES and len(self._kept) > 1:
                _, old = self._kept.popitem(last=False)
                self._bytes -= old.width * old.height * 4
        else:
            self._kept.move_to_end(key)
        return picture

    def write(self, name: str, size: tuple[int, int], box: tuple[int, int, int, int], data: bytes) -> None:
        """Take pixels (ARGB, big-endian) that an app made for the part x, y, width, height of a picture."""
        x, y, width, height = box
        argb = np.frombuffer(data, np.uint8).reshape(height, width, 4)
        patch = Image.fromarray(np.ascontiguousarray(argb[:, :, [1, 2, 3, 0]]), "RGBA")
        picture = self._made.get(name)
        if picture is None:
            picture = self._made[name] = Image.new("RGBA", size)
        picture.paste(patch, (x, y))
        self._drop(name)
        self.generation += 1

    def add(self, name: str, picture: Image.Image) -> None:
        """Take a picture (RGBA) that an app made, in place of any of that name."""
        if name in self._made:
            self._drop(name)
            self.generation += 1
        self._made[name] = picture

    def forget(self, name: str) -> None:
        """Let go of a picture that an app made and no longer has."""
        self._made.pop(name, None)
        self._drop(name)

    def _drop(self, name: str) -> None:
        for key in [key for key in self._kept if key[0] == name]:
            old = self._kept.pop(key)
            self._bytes -= old.width * old.height * 4

    def read(self, name: str, box: tuple[int, int, int, int]) -> bytes:
        """Pixels (ARGB, big-endian) of the part x, y, width, height of a picture."""
        x, y, width, height = box
        rgba = np.asarray(self.source(name).crop((x, y, x + width, y + height)))
        return rgba[:, :, [3, 0, 1, 2]].tobytes()

    def encode(self, name: str, form: str, quality: int) -> bytes:
        """The picture as a PNG or JPEG file."""
        out = io.BytesIO()
        if form == "JPEG":
            self.source(name).convert("RGB").save(out, "JPEG", quality=quality)
        else:
            self.source(name).save(out, "PNG")
        return out.getvalue()


def decoded(data: bytes) -> Image.Image | None:
    """The picture (RGBA) in a file of up to `LARGEST_DECODED` pixels; None when there is none in it."""
    try:
        with Image.open(io.BytesIO(data), formats=FETCHED_FORMATS) as picture:
            if picture.width * picture.height > LARGEST_DECODED:
                return None
            return picture.convert("RGBA")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as broken:
        log.info("a picture that an app fetched cannot be decoded: %s", broken)
        return None


def _fit(source: Image.Image, width: int, height: int, scale: str) -> Image.Image:
    if scale == "FIT_XY":
        return source.resize((width, height), Image.Resampling.BICUBIC)
    if scale == "NEAREST":
        return source.resize((width, height), Image.Resampling.NEAREST)
    if scale == "CENTER_CROP":
        return ImageOps.fit(source, (width, height), Image.Resampling.BICUBIC)
    return ImageOps.contain(source, (width, height), Image.Resampling.BICUBIC)


def _pictures_in(content: Path | None, folder: str) -> list[Path]:
    if content is None or not (content / folder).is_dir():
        return []
    return sorted(path for path in (content / folder).iterdir() if path.suffix.lower() in SUFFIXES)


def _read(path: Path) -> Image.Image | None:
    try:
        return Image.open(path).convert("RGBA")
    except (OSError, UnidentifiedImageError) as broken:
        log.warning("the picture %s cannot be read, a drawn one is shown instead: %s", path, broken)
        return None
