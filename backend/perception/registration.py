"""Where the texts of a UI tree really lie in a picture, measured on its pixels.

Tree and picture travel from the phone apart, and no clock tells how late either is. Their pixels do: a text that was
seen at rest is looked for as it looked then, which is exact. And the sharp edges of a screen full of text lie inside
the boxes of texts and not between them, which tells whether a place is plausible, but not which: rows are alike. Both
look up and down only: lists and pages scroll that way.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.perception import tree_text
from interventions.sdk import Box, Line, Pixels, Widget

_THINNER = 4
"""Texts are remembered and compared at a fourth of their breadth: all of their height tells where they are."""
_REMEMBERED = 400
_ASKED = 6
_CLOSE = 20
"""Texts asked at most; one that is near where another was found, within so many pixels, agrees with it or not."""
_ALIKE = 0.9
_UNIQUE = 0.12
_RIVAL = 24
"""A text is found where it correlates so well, and nowhere else, beyond so many pixels, within so little of it."""
_LEAST_TEXT = 8
_EDGE = 32
"""Grey levels between neighbouring pixels that make a sharp edge."""
_LEAST_TEXTS = 3
_TELLING = 0.07
_PLATEAU = 0.035
_NEAR = 80
"""Edges fit a place when their correlation with text boxes there is so high, and no place within so many pixels is
better by more than that.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """At least and at most how many pixels below their boxes texts are."""

    least: int
    most: int

    @property
    def middle(self) -> int:
        return (self.least + self.most) // 2

    def moved(self, off: int) -> Limits:
        return Limits(self.least + off, self.most + off)

    def meet(self, least: int, most: int) -> bool:
        return self.least <= most and self.most >= least


_EXACT = Limits(0, 0)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a text looks, at a fourth of its breadth; it may be `slack` pixels below its box in that picture."""

    pixels: NDArray[np.uint8]
    slack: Limits


class Registration:
    """Measures trees against pictures of one phone, and remembers what texts look like."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, int, int, int], _Look] = OrderedDict()

    def learn(self, pixels: Pixels, lines: Iterable[Line], area: Box, off: int, slack: Limits = _EXACT) -> None:
        """Remember how `lines` look, `off` pixels below their boxes; not those cut off at the rim of `area`."""
        for line in lines:
            key, now = _key(line), line.box.moved(0, off)
            known = self._known.get(key)
            if known is not None and (known.slack == _EXACT or slack != _EXACT):
                self._known.move_to_end(key)
            elif len(line.text) >= _LEAST_TEXT and _whole(line.box, area) and _whole(now, area):
                self._known[key] = _Look(_sample(pixels, now, now.top, now.bottom), slack)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def measure(self, pixels: Pixels, lines: Sequence[Line], area: Box) -> Limits | None:
        """How far below their boxes known texts of `lines` are; None unless two that are found agree.

        All of `area` is searched: what stands in it twice tells nothing, and the same words of another row, alone in
        reach of where times say, would. One text is not believed, for it may be seen where another says the same.
        """
        known = [line for line in lines if _key(line) in self._known and _whole(line.box, area)]
        places = list[Limits]()
        for line in sorted(known, key=lambda line: -len(line.text))[:_ASKED]:
            look = self._known[_key(line)]
            for place in places:
                near = place.middle - look.slack.middle
                off = _search(pixels, line.box, look.pixels, area, (near - _CLOSE, near + _CLOSE))
                if off is not None and (other := look.slack.moved(off)).meet(place.least - 1, place.most + 1):
                    both = Limits(max(place.least, other.least), min(place.most, other.most))
                    return both if both.least <= both.most else other
            if (off := _search(pixels, line.box, look.pixels, area)) is not None:
                places.append(look.slack.moved(off))
        return None

    def fits(self, pixels: Pixels, widgets: Sequence[Widget], area: Box) -> bool:
        """Whether texts may well be where their boxes say, by the sharp edges of the picture.

        It says so also where there is too little text to tell.
        """
        fit = _fit(pixels, widgets, area, np.arange(-_NEAR, _NEAR + 1))
        return fit is None or bool(fit[_NEAR] >= max(_TELLING, float(fit.max()) - _PLATEAU))


def _key(line: Line) -> tuple[str, int, int, int]:
    return line.text, line.box.left, line.box.width, line.box.height


def _whole(box: Box, area: Box) -> bool:
    return area.top < box.top and box.bottom < area.bottom


def _sample(pixels: Pixels, box: Box, top: int, bottom: int) -> NDArray[np.uint8]:
    """Every fourth column of the green channel, from `top` to `bottom` in the columns of `box`."""
    return np.ascontiguousarray(pixels[max(0, top) : bottom, box.left : box.right : _THINNER, 1])


def _search(
    pixels: Pixels, box: Box, look: NDArray[np.uint8], area: Box, reach: tuple[int, int] | None = None
) -> int | None:
    """How far below `box` something looks like `look`, in one place of `area` only; None where nothing or more does.

    `reach` narrows the search to so many pixels below, from the one to the other.
    """
    low, high = reach or (area.top - box.top, area.bottom - box.bottom)
    top = max(area.top, box.top + low)
    strip = _sample(pixels, box, top, min(area.bottom, box.bottom + high))
    if strip.shape[0] < look.shape[0] or strip.shape[1] != look.shape[1]:
        return None
    alike = cv2.matchTemplate(strip, look, cv2.TM_CCOEFF_NORMED)[:, 0]
    at = int(alike.argmax())
    best = float(alike[at])
    if best < _ALIKE:
        return None
    alike[max(0, at - _RIVAL) : at + _RIVAL + 1] = -1.0
    return top + at - box.top if float(alike.max()) < best - _UNIQUE else None


def _fit(pixels: Pixels, widgets: Sequence[Widget], area: Box, offs: NDArray[np.int_]) -> NDArray[np.float64] | None:
    """How well the edges in `area` correlate with boxes of texts moved down by `offs`; None for too few texts.

    What is under other leaves, such as pictures, counts neither way.
    """
    leaves = [w for w in tree_text.leaves(widgets) if w.box.intersect(area) and not w.box.contains(area)]
    texts = [
        Box(w.box.left, w.box.top + w.box.height // 8, w.box.right, w.box.bottom - w.box.height // 8)
        for w in leaves
        if w.text
    ]
    if len(texts) < _LEAST_TEXTS:
        return None
    edges = _edges_above(pixels)
    in_texts, of_texts = _sums(edges, texts, area, offs)
    in_others, of_others = _sums(edges, [w.box for w in leaves if not w.text], area, offs)
    everything = float(_sum(edges, area.left, area.right, np.array([area.top]), np.array([area.bottom]))[0])
    of_texts = np.maximum(of_texts, 1.0)
    of_gaps = np.maximum(area.area - of_texts - of_others, 1.0)
    in_gaps = everything - in_texts - in_others
    share = np.clip((in_texts + in_gaps) / (of_texts + of_gaps), 1e-6, 1 - 1e-6)
    between = np.sqrt(of_texts * of_gaps) / (of_texts + of_gaps)
    fit = (in_texts / of_texts - in_gaps / of_gaps) * between / np.sqrt(share * (1 - share))
    return np.asarray(fit, dtype=np.float64)


def _edges_above(pixels: Pixels) -> NDArray[np.int32]:
    """How many sharp edges there are above and left of each pixel."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    edges = np.zeros(grey.shape, dtype=np.uint8)
    edges[:, 1:] = cv2.absdiff(grey[:, 1:], grey[:, :-1]) > _EDGE
    return np.asarray(cv2.integral(edges), dtype=np.int32)


def _sums(
    edges: NDArray[np.int32], boxes: Sequence[Box], area: Box, offs: NDArray[np.int_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges in `boxes`, and how many pixels they cover, within `area`, by how far they are moved down."""
    inside, covered = np.zeros(len(offs)), np.zeros(len(offs))
    for box in boxes:
        left, right = max(box.left, area.left), min(box.right, area.right)
        if left < right:
            tops = np.clip(box.top + offs, area.top, area.bottom)
            bottoms = np.clip(box.bottom + offs, area.top, area.bottom)
            inside += _sum(edges, left, right, tops, bottoms)
            covered += (bottoms - tops) * (right - left)
    return inside, covered


def _sum(
    edges: NDArray[np.int32], left: int, right: int, tops: NDArray[np.int_], bottoms: NDArray[np.int_]
) -> NDArray[np.float64]:
    inside = edges[bottoms, right] - edges[tops, right] - edges[bottoms, left] + edges[tops, left]
    return np.asarray(inside, dtype=np.float64)
