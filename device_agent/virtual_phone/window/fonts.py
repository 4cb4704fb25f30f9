"""Roboto: its sizes, widths and the lines that a text breaks into."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from PIL import ImageFont

ASCENT = 0.927734375
DESCENT = 0.244140625
CUT = "…"
WIRE_FONTS = ("Roboto-Regular", "Roboto-Medium", "Roboto-Bold", "Roboto-Light")
EMS_AT = 1000


@lru_cache(maxsize=256)
def font(name: str, size_px: float) -> ImageFont.FreeTypeFont:
    """A Roboto face, such as ``Roboto-Medium``; an unknown face is drawn as Regular, as Android falls back."""
    folder = files("font_roboto") / "files"
    path = folder / f"{name}.ttf"
    if not path.is_file():
        path = folder / "Roboto-Regular.ttf"
    return ImageFont.truetype(str(path), size_px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=65536)
def width(text: str, name: str, size_px: float) -> float:
    """How far `text` runs on one line, in pixels."""
    return font(name, size_px).getlength(text)


@lru_cache(maxsize=1)
def advances() -> dict[str, list[float]]:
    """Ems per character from space to U+024F, by font: what an app needs to measure text by itself."""
    return {
        name: [round(font(name, EMS_AT).getlength(chr(code)) / EMS_AT, 4) for code in range(32, 0x250)]
        for name in WIRE_FONTS
    }


class Lines(NamedTuple):
    """A text broken into lines.

    `height` is the distance of two baselines, `ascent` the first baseline's distance from the top; pixels.
    """

    lines: tuple[str, ...]
    width: float
    height: float
    ascent: float

    @property
    def total(self) -> int:
        """Height of all lines in whole pixels."""
        return -int(-(self.height * len(self.lines)) // 1)


@lru_cache(maxsize=8192)
def wrap(
    text: str,
    name: str,
    size_px: float,
    room_px: int | None,
    max_lines: int = 1 << 30,
    ellipsize: bool = False,
    add_px: float = 0,
    multiply: float = 1,
) -> Lines:
    """Break `text` at spaces so that no line is wider than `room_px` (None: only at line feeds)."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend([paragraph] if room_px is None else _fill(paragraph, name, size_px, room_px))
    if len(lines) > max_lines:
        rest = lines[max_lines - 1 :]
        lines = lines[: max_lines - 1]
        lines.append(_cut(" ".join(rest), name, size_px, room_px) if ellipsize and room_px else rest[0])
    height = (ASCENT + DESCENT) * size_px * multiply + add_px
    widest = max(width(line, name, size_px) for line in lines)
    return Lines(tuple(lines), widest, height, ASCENT * size_px)


def _fill(paragraph: str, name: str, size_px: float, room_px: int) -> list[str]:
    lines: list[str] = []
    line = ""
    space = width(" ", name, size_px)
    used = 0.0
    for word in paragraph.split(" "):
        wide = width(word, name, size_px)
        if line and used + space + wide > room_px:
            lines.append(line)
            line, used = word, wide
        else:
            used += wide + (space if line else 0)
            line = f"{line} {word}" if line else word
        while used > room_px and len(line) > 1:
            head = _head(line, name, size_px, room_px)
            lines.append(line[:head])
            line = line[head:]
            used = width(line, name, size_px)
    lines.append(line)
    return lines


def _head(word: str, name: str, size_px: float, room_px: float) -> int:
    """How many characters of a word that is wider than the room fit in it; at least one."""
    count = 1
    while count < len(word) - 1 and width(word[: count + 1], name, size_px) <= room_px:
        count += 1
    return count


def _cut(text: str, name: str, size_px: float, room_px: int) -> str:
    if width(text, name, size_px) <= room_px:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + CUT, name, size_px) <= room_px:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + CUT
