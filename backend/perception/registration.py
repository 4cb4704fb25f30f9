"""Where the texts of a UI tree really lie in a picture, measured on its pixels.

Tree and picture travel from the phone apart, and no clock tells how late either is. Their pixels do: a text that was
seen at rest is looked for as it looked then, which is exact; and where no text is known yet, the sharp edges of a
screen full of text lie inside the boxes of texts and not between them, which is right to the breadth of a box's margin.
Both look up and down only: lists and pages scroll that way.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.perception import tree_text
from interventions.sdk import Box, Line, Pixels, Widget

_THINNER = 4
"""Texts are remembered and compared at a fourth of their breadth: all of their height tells where they are."""
_REMEMBERED = 400
_ASKED = 6
_ALIKE = 0.9
_UNIQUE = 0.12
"""A text is found where it correlates so well, and nowhere else within so little of it."""
_LEAST_TEXT = 8
_REACH = 300
"""Pixels that content may be beyond where times say it is, and is still found."""
_EDGE = 32
"""Grey levels between neighbouring pixels that make a sharp edge."""
_LEAST_TEXTS = 3
_TELLING = 0.07
_PLATEAU = 0.035
_NEAR = 24
_EDGE_REACH = 80
"""Correlation of edges with text boxes: at least so high; as good as the best within so little; and no rival beyond so
many pixels of the best may be as good as that.
"""


class Registration:
    """Measures trees against pictures of one phone, and remembers what texts look like."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, int, int, int], NDArray[np.uint8]] = OrderedDict()

    def learn(self, pixels: Pixels, lines: Iterable[Line], area: Box, off: int) -> None:
        """Remember how `lines` look, `off` pixels below their boxes; not those cut off at the rim of `area`."""
        grey: NDArray[np.uint8] | None = None
        for line in lines:
            key, now = _key(line), line.box.moved(0, off)
            if key in self._known:
                self._known.move_to_end(key)
            elif len(line.text) >= _LEAST_TEXT and _whole(line.box, area) and _whole(now, area):
                grey = _thin(pixels) if grey is None else grey
                self._known[key] = _cut(grey, now, now.top, now.bottom).copy()
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def found(self, pixels: Pixels, lines: Sequence[Line], area: Box, low: int, high: int) -> int | None:
        """How far below their boxes known texts of `lines` are, where those that are found agree; else None.

        They are looked for from `low` to `high` pixels below, and a good way beyond.
        """
        known = [line for line in lines if _key(line) in self._known and _whole(line.box, area)]
        if not known:
            return None
        grey, votes = _thin(pixels), Counter[int]()
        for line in sorted(known, key=lambda line: -len(line.text))[:_ASKED]:
            off = _search(grey, line.box, self._known[_key(line)], area, low - _REACH, high + _REACH)
            if off is not None:
                votes[off] += 1
            if votes and votes.most_common(1)[0][1] >= 2:
                break
        if not votes:
            return None
        (off, agreeing), *others = votes.most_common(2)
        return off if not others or agreeing > 2 * others[0][1] else None

    def by_edges(
        self, pixels: Pixels, widgets: Sequence[Widget], area: Box, low: int, high: int
    ) -> tuple[int, int] | None:
        """At least and at most how far below their boxes the texts are, by where the picture has sharp edges.

        None where it does not tell, or tells something else than from `low` to `high` pixels.
        """
        limits = _by_edges(pixels, widgets, area, low - _EDGE_REACH, high + _EDGE_REACH)
        return limits if limits is not None and limits[0] <= high and limits[1] >= low else None


def _key(line: Line) -> tuple[str, int, int, int]:
    return line.text, line.box.left, line.box.width, line.box.height


def _whole(box: Box, area: Box) -> bool:
    return area.top < box.top and box.bottom < area.bottom


def _thin(pixels: Pixels) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    thin = cv2.resize(grey, (grey.shape[1] // _THINNER, grey.shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(thin, dtype=np.uint8)


def _cut(thin: NDArray[np.uint8], box: Box, top: int, bottom: int) -> NDArray[np.uint8]:
    return thin[top:bottom, box.left // _THINNER : -(-box.right // _THINNER)]


def _search(thin: NDArray[np.uint8], box: Box, look: NDArray[np.uint8], area: Box, low: int, high: int) -> int | None:
    """How far below `box` something looks like `look`, in one place only; None where nothing or more does."""
    top = max(area.top, box.top + low)
    strip = _cut(thin, box, top, min(area.bottom, box.bottom + high))
    if strip.shape[0] < look.shape[0] or strip.shape[1] != look.shape[1]:
        return None
    alike = cv2.matchTemplate(strip, look, cv2.TM_CCOEFF_NORMED)[:, 0]
    at = int(alike.argmax())
    best = float(alike[at])
    if best < _ALIKE:
        return None
    alike[max(0, at - _NEAR) : at + _NEAR + 1] = -1.0
    return top + at - box.top if float(alike.max()) < best - _UNIQUE else None


def _by_edges(pixels: Pixels, widgets: Sequence[Widget], area: Box, low: int, high: int) -> tuple[int, int] | None:
    """Where sharp edges lie in the boxes of texts and not between them."""
    leaves = [w for w in tree_text.leaves(widgets) if w.box.intersect(area) and not w.box.contains(area)]
    texts = [w.box for w in leaves if w.text]
    if len(texts) < _LEAST_TEXTS:
        return None
    offs = np.arange(low, high + 1)
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
    best = int(fit.argmax())
    good = fit >= fit[best] - _PLATEAU
    least = best - int(np.argmin(good[best::-1])) + 1 if not good[: best + 1].all() else 0
    most = best + int(np.argmin(good[best:])) - 1 if not good[best:].all() else len(offs) - 1
    beyond = np.concatenate((good[: max(0, least - _NEAR)], good[most + _NEAR + 1 :]))
    if fit[best] < _TELLING or beyond.any() or least == 0 or most == len(offs) - 1:
        return None
    return int(offs[least]), int(offs[most])


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
