"""The icons of the apps and of the system bars, drawn on a 24 by 24 grid."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import cos, pi, sin

from PIL import Image, ImageDraw

GRID = 24
SMOOTH = 4
Points = list[tuple[float, float]]


class Pen:
    """Draws into a mask in grid units."""

    def __init__(self, size_px: int) -> None:
        self.image = Image.new("L", (size_px * SMOOTH, size_px * SMOOTH), 0)
        self.unit = size_px * SMOOTH / GRID
        self._draw = ImageDraw.Draw(self.image)

    def line(self, points: Points, width: float = 1.8, value: int = 255) -> None:
        scaled = [(x * self.unit, y * self.unit) for x, y in points]
        self._draw.line(scaled, fill=value, width=round(width * self.unit), joint="curve")
        for x, y in (scaled[0], scaled[-1]):
            half = width * self.unit / 2
            self._draw.ellipse((x - half, y - half, x + half, y + half), fill=value)

    def area(self, points: Points, value: int = 255) -> None:
        self._draw.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=value)

    def disc(self, x: float, y: float, radius: float, value: int = 255) -> None:
        u = self.unit
        self._draw.ellipse(((x - radius) * u, (y - radius) * u, (x + radius) * u, (y + radius) * u), fill=value)

    def box(self, left: float, top: float, right: float, bottom: float, radius: float, value: int = 255) -> None:
        u = self.unit
        self._draw.rounded_rectangle((left * u, top * u, right * u, bottom * u), radius * u, fill=value)


def _arc(x: float, y: float, radius: float, start: float, end: float) -> Points:
    steps = 24
    angles = [(start + (end - start) * i / steps) * pi / 180 for i in range(steps + 1)]
    return [(x + radius * cos(a), y + radius * sin(a)) for a in angles]


def _heart_points(grow: float = 0) -> Points:
    points = []
    for i in range(64):
        a = i / 64 * 2 * pi
        x = 16 * sin(a) ** 3
        y = -(13 * cos(a) - 5 * cos(2 * a) - 2 * cos(3 * a) - cos(4 * a))
        scale = 0.56 + grow
        points.append((12 + x * scale, 12.2 + y * scale))
    return points


def _heart(pen: Pen) -> None:
    points = _heart_points()
    pen.line([*points, points[0]])


def _heart_full(pen: Pen) -> None:
    pen.area(_heart_points(0.04))


def _comment(pen: Pen) -> None:
    outline = [*_arc(12, 11.5, 8.8, 125, 430), (11.2, 20.6)]
    pen.line([*outline, (4.2, 20.6), (6.0, 17.8)])


def _share(pen: Pen) -> None:
    pen.line([(3, 4.5), (21, 4.5), (11, 20.5), (8.6, 11.6), (3, 4.5)])
    pen.line([(8.6, 11.6), (21, 4.5)])


def _bookmark(pen: Pen) -> None:
    pen.line([(6, 3.5), (18, 3.5), (18, 20.5), (12, 15.4), (6, 20.5), (6, 3.5)])


def _home(pen: Pen) -> None:
    pen.line([(3.5, 11), (12, 3.5), (20.5, 11)])
    pen.line([(5.6, 9.6), (5.6, 20.2), (18.4, 20.2), (18.4, 9.6)])


def _search(pen: Pen) -> None:
    pen.line(_arc(10.5, 10.5, 6.6, 0, 360))
    pen.line([(15.4, 15.4), (20.6, 20.6)], 2)


def _person(pen: Pen) -> None:
    pen.line(_arc(12, 8, 4.2, 0, 360))
    pen.line(_arc(12, 22, 8, 198, 342))


def _back(pen: Pen) -> None:
    pen.line([(20, 12), (4.5, 12)], 2)
    pen.line([(11.5, 5), (4.5, 12), (11.5, 19)], 2)


def _more(pen: Pen) -> None:
    for x in (5.5, 12, 18.5):
        pen.disc(x, 12, 1.7)


def _send(pen: Pen) -> None:
    pen.area([(3, 3.5), (21.5, 12), (3, 20.5), (3, 13.6), (14, 12), (3, 10.4)])


def _plus(pen: Pen) -> None:
    pen.line([(12, 4.5), (12, 19.5)], 2)
    pen.line([(4.5, 12), (19.5, 12)], 2)


def _bell(pen: Pen) -> None:
    pen.line([*_arc(12, 10.4, 6.2, 180, 360), (18.2, 15), (20, 17.6), (4, 17.6), (5.8, 15), (5.8, 10.4)])
    pen.line(_arc(12, 18.6, 2.4, 20, 160))


def _music(pen: Pen) -> None:
    pen.disc(8, 18, 3)
    pen.line([(10.4, 18), (10.4, 4.5), (18, 6.5)], 2)


def _play(pen: Pen) -> None:
    pen.area([(8, 4.5), (20, 12), (8, 19.5)])


def _book(pen: Pen) -> None:
    pen.line([(12, 6.5), (4, 4.5), (4, 17.5), (12, 19.8), (20, 17.5), (20, 4.5), (12, 6.5), (12, 19.8)])


def _bubble(pen: Pen) -> None:
    pen.box(3, 4, 21, 17, 4)
    pen.area([(6, 15), (13, 16), (6, 21)])
    for x in (8, 12, 16):
        pen.disc(x, 10.5, 1.3, 0)


def _feed(pen: Pen) -> None:
    pen.box(4, 4, 20, 13.5, 3)
    pen.line([(5, 16.6), (19, 16.6)], 2)
    pen.line([(5, 20), (14, 20)], 2)


def _nav_back(pen: Pen) -> None:
    pen.area([(17, 4.5), (17, 19.5), (5, 12)])


def _nav_home(pen: Pen) -> None:
    pen.disc(12, 12, 7.5)
    pen.disc(12, 12, 5.4, 0)


def _nav_recents(pen: Pen) -> None:
    pen.box(5, 5, 19, 19, 2)
    pen.box(7, 7, 17, 17, 1, 0)


def _wifi(pen: Pen) -> None:
    pen.area([(12, 20), *_arc(12, 20, 16, 228, 312)])


def _battery(pen: Pen) -> None:
    pen.box(7, 4.5, 17, 22, 1.6)
    pen.box(10, 2.5, 14, 5, 0.6)


def _check(pen: Pen) -> None:
    pen.disc(12, 12, 9.5)
    pen.line([(7.5, 12.4), (10.8, 15.6), (16.6, 8.8)], 2, 0)


DRAWINGS: dict[str, Callable[[Pen], None]] = {
    "ic_heart": _heart,
    "ic_heart_full": _heart_full,
    "ic_comment": _comment,
    "ic_share": _share,
    "ic_bookmark": _bookmark,
    "ic_home": _home,
    "ic_search": _search,
    "ic_person": _person,
    "ic_back": _back,
    "ic_more": _more,
    "ic_send": _send,
    "ic_plus": _plus,
    "ic_bell": _bell,
    "ic_music": _music,
    "ic_play": _play,
    "ic_book": _book,
    "ic_bubble": _bubble,
    "ic_feed": _feed,
    "ic_check": _check,
    "nav_back": _nav_back,
    "nav_home": _nav_home,
    "nav_recents": _nav_recents,
    "wifi": _wifi,
    "battery": _battery,
}


@lru_cache(maxsize=256)
def icon(name: str, size_px: int) -> Image.Image:
    """A mask (L) of `size_px` squared; an unknown name gives an empty one."""
    pen = Pen(max(1, size_px))
    if name in DRAWINGS:
        DRAWINGS[name](pen)
    return pen.image.resize((max(1, size_px), max(1, size_px)), Image.Resampling.BOX)
