"""Places that look like a given crop, found by normalised correlation at several sizes.

The screen is searched small, and only where something is new; what looks promising there is measured again
at full resolution, in colour. Matches of the frame before are moved along with the scroll.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.perception.motion import Motion
from backend.perception.settings import Template
from interventions.sdk import Box, Match, Pixels

_log = logging.getLogger(__name__)

_REDUCTION = 8
_COARSE_SIDE = 14
"""Pixels that the shorter side of a template keeps when it is searched for small."""
_COARSE_SLACK = 0.15
"""How much lower a true match may score at the small size."""
_HALF_SLACK = 0.1
"""How much lower at half size."""
_LARGE = 40_000
"""Pixels of a template from which it is measured at half size: it is known by enough of them."""
_CANDIDATES = 8
_SIZES_A_PLACE = 2
_SHARED = 0.3
_JOIN = 64
_FLAT = 3.0
"""Standard deviation, in grey levels, below which a crop has nothing to be recognised by."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sized:
    """A template at one of its scales, of `size` (width, height).

    `measured` in colour, and smaller by `shrunk` where it is large; `half` grey; `coarse` grey and smaller by
    `reduction`.
    """

    scale: float
    reduction: int
    size: tuple[int, int]
    shrunk: int
    measured: Pixels
    coarse: NDArray[np.uint8]
    half: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    score: float
    box: Box
    sized: _Sized


def find(pixels: Pixels, template: Template) -> list[Match]:
    """Where `template` is on a whole screen, ``(height, width, 3)`` RGB; nowhere if it has nothing to be known by."""
    screen = Box(0, 0, pixels.shape[1], pixels.shape[0])
    return _best(_search(pixels, _Reduced(pixels), screen, template, list(_sized(template))))


def in_the_other_theme(template: Template) -> Template:
    """`template` as a dark theme draws what a light one has drawn, or the other way round.

    Lightness is turned over and hue stays, which is what themes do to paper and ink; pictures they leave alone, and
    those the template itself finds.
    """
    lab = cv2.cvtColor(np.ascontiguousarray(template.pixels), cv2.COLOR_RGB2LAB)
    lab[:, :, 0] = 255 - lab[:, :, 0]
    return replace(template, pixels=np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), dtype=np.uint8))


class ScreenMasks:
    """Where the templates of the active interventions are on one phone's screen."""

    def __init__(self) -> None:
        self._templates: tuple[Template, ...] = ()
        self._followed = False
        self._sized: list[list[_Sized]] = []
        self._matches: list[list[Match]] = []

    def forget(self) -> None:
        """Nothing is known of the screen any more; prepared templates still are."""
        self._followed = False

    def update(self, motion: Motion, templates: Sequence[Template]) -> dict[str, tuple[Match, ...]]:
        """The matches after `motion`, by the templates' owners."""
        if self._templates != tuple(templates):
            self._prepare(tuple(templates))
        known, self._followed = self._followed, True
        screen = Box(0, 0, *motion.size)
        areas = motion.stale_boxes(_JOIN) if known else (screen,)
        reduced = _Reduced(motion.after)
        found: dict[str, tuple[Match, ...]] = {template.owner: () for template in templates}
        for at, template in enumerate(self._templates):
            kept = list(_carried(self._matches[at], motion)) if known else []
            for area in areas:
                kept.extend(_search(motion.after, reduced, area, template, self._sized[at]))
            self._matches[at] = _best(kept)
            found[template.owner] += tuple(self._matches[at])
        return found

    def _prepare(self, templates: tuple[Template, ...]) -> None:
        self._templates = templates
        self._followed = False
        self._sized = [list(_sized(template)) for template in templates]
        self._matches = [[] for _ in templates]


class _Reduced:
    """The screen in grey at the sizes asked for, each made once."""

    def __init__(self, pixels: Pixels) -> None:
        self._grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        self._made: dict[int, NDArray[np.uint8]] = {}

    def at(self, reduction: int) -> NDArray[np.uint8]:
        if reduction not in self._made:
            self._made[reduction] = _smaller(self._grey, reduction)
        return self._made[reduction]


def _sized(template: Template) -> Iterator[_Sized]:
    """The template at each of its scales; none of a template that is flat or of no size."""
    pixels = template.pixels
    if pixels.ndim != 3 or min(pixels.shape[:2]) < 4 or float(pixels.std()) < _FLAT:
        _log.warning("mask %s has nothing to be recognised by and is left out; crop it larger", template.mask)
        return
    height, width = pixels.shape[:2]
    for scale in template.scales:
        size = (round(width * scale), round(height * scale))
        if min(size) < 4:
            continue
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        full = np.asarray(cv2.resize(np.ascontiguousarray(pixels), size, interpolation=method), dtype=np.uint8)
        reduction = max(1, min(_REDUCTION, min(size) // _COARSE_SIDE))
        shrunk = 2 if size[0] * size[1] >= _LARGE else 1
        measured = _smaller(full, shrunk) if shrunk > 1 else full
        yield _Sized(scale, reduction, size, shrunk, measured, _reduced(full, reduction), _reduced(full, 2))


def _reduced(pixels: Pixels, reduction: int) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    return _smaller(np.asarray(grey, dtype=np.uint8), reduction)


def _smaller(pixels: NDArray[np.uint8], reduction: int) -> NDArray[np.uint8]:
    size = (max(1, pixels.shape[1] // reduction), max(1, pixels.shape[0] // reduction))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _carried(matches: Iterable[Match], motion: Motion) -> Iterator[Match]:
    for match in matches:
        now = motion.carry(match.box)
        if now is not None:
            yield replace(match, box=now)


def _search(
    pixels: Pixels, reduced: _Reduced, area: Box, template: Template, sizes: Sequence[_Sized]
) -> Iterator[Match]:
    """Matches that touch `area`."""
    likely: list[_Candidate] = []
    for sized in sizes:
        width, height = sized.size
        window = area.grown(width, height).clipped((pixels.shape[1], pixels.shape[0]))
        likely.extend(_candidates(reduced.at(sized.reduction), window, sized, template.score - _COARSE_SLACK))
    for candidate in _likeliest(likely):
        if candidate.sized.reduction > 2 and not _holds_at_half(reduced.at(2), candidate, template):
            continue
        match = _measured(pixels, candidate, template)
        if match is not None and match.box.intersect(area):
            yield match


def _candidates(grey: NDArray[np.uint8], window: Box, sized: _Sized, least: float) -> Iterator[_Candidate]:
    """The best places in `window` at the small size."""
    by = sized.reduction
    rows, columns = sized.coarse.shape
    left, top = window.left // by, window.top // by
    part = grey[top : -(-window.bottom // by), left : -(-window.right // by)]
    if part.shape[0] < rows or part.shape[1] < columns:
        return
    scores = cv2.matchTemplate(part, sized.coarse, cv2.TM_CCOEFF_NORMED)
    for _ in range(_CANDIDATES):
        _, best, _, (x, y) = cv2.minMaxLoc(scores)
        if not least <= best <= 1.01:
            return
        width, height = sized.size
        corner = ((left + x) * by, (top + y) * by)
        yield _Candidate(best, Box(*corner, corner[0] + width, corner[1] + height), sized)
        scores[max(0, y - rows // 2) : y + rows // 2 + 1, max(0, x - columns // 2) : x + columns // 2 + 1] = -1


def _likeliest(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """The candidates worth measuring: of those in one place, the best two sizes."""
    chosen: list[_Candidate] = []
    for candidate in sorted(candidates, key=lambda candidate: -candidate.score):
        if sum(candidate.box.iou(other.box) > _SHARED for other in chosen) < _SIZES_A_PLACE:
            chosen.append(candidate)
    return chosen


def _holds_at_half(grey: NDArray[np.uint8], candidate: _Candidate, template: Template) -> bool:
    """Whether a candidate still looks likely at half size: a tenth of the price of measuring it."""
    half = candidate.sized.half
    about = candidate.sized.reduction
    left, top = candidate.box.left // 2, candidate.box.top // 2
    around = Box(left, top, left + half.shape[1], top + half.shape[0]).grown(about)
    around = around.clipped((grey.shape[1], grey.shape[0]))
    if around.height < half.shape[0] or around.width < half.shape[1]:
        return False
    scores = cv2.matchTemplate(grey[around.top : around.bottom, around.left : around.right], half, cv2.TM_CCOEFF_NORMED)
    return float(scores.max()) >= template.score - _HALF_SLACK


def _measured(pixels: Pixels, candidate: _Candidate, template: Template) -> Match | None:
    """The match near a candidate, in colour, to the pixel unless it is large; None below the template's score."""
    sized = candidate.sized
    width, height = sized.size
    around = candidate.box.grown(sized.reduction + 2).clipped((pixels.shape[1], pixels.shape[0]))
    if around.width < width or around.height < height:
        return None
    crop = np.ascontiguousarray(pixels[around.top : around.bottom, around.left : around.right])
    if float(crop.std()) < _FLAT:
        return None
    shown = _smaller(crop, sized.shrunk) if sized.shrunk > 1 else crop
    _, score, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(shown, sized.measured, cv2.TM_CCOEFF_NORMED))
    if not template.score <= score <= 1.01:
        return None
    left, top = around.left + x * sized.shrunk, around.top + y * sized.shrunk
    box = Box(left, top, left + width, top + height)
    return Match(mask=template.mask, box=box, score=min(1.0, float(score)), scale=sized.scale)


def _best(matches: Iterable[Match]) -> list[Match]:
    """Of matches in one place, the best."""
    chosen: list[Match] = []
    for match in sorted(matches, key=lambda match: -match.score):
        if not any(match.box.iou(other.box) > _SHARED for other in chosen):
            chosen.append(match)
    return sorted(chosen, key=lambda match: (match.box.top, match.box.left))
