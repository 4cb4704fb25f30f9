"""From a piece of the screen to a crop that finds it again: for what no UI tree tells of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np

from backend.errors import AnnotationError
from backend.perception.masks import find, in_the_other_theme
from backend.perception.settings import Template
from interventions.library.taught.lessons import LEAST_SCORE, around, crop_rule, lesson, mask, read
from interventions.sdk import Box, Match, Pixels

_LOOKED_FROM = 0.35
"""Correlation from which other places of the screen are compared."""
_ABOVE_OTHERS = 0.1
_MOST_SCORE = 0.85
_SAME_PLACE = 0.3
"""Overlap, as intersection over union, from which a match is of the piece itself."""
_LEAST_SIDE = 16
_MOST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """A crop (`png`), the rule that goes by it, and where it is on the screen that it was taken from."""

    rule: str
    png: bytes
    boxes: tuple[Box, ...]


def look_of(pixels: Pixels, box: Box, package: str) -> Look:
    """How `box` of a screen, ``(height, width, 3)`` RGB, is known again.

    The score from which it counts as found lies above whatever else on this screen resembles it.

    Raises:
        AnnotationError: it is too small, too large, or has nothing to be known by.
    """
    box = box.clipped((pixels.shape[1], pixels.shape[0]))
    if min(box.width, box.height) < _LEAST_SIDE:
        raise AnnotationError(f"{box.width} x {box.height} pixels are too few to be known by", "take a larger piece")
    if box.area > _MOST_SHARE * pixels.shape[0] * pixels.shape[1]:
        raise AnnotationError("this is most of the screen", "take the piece of it that makes it what it is")
    crop = np.ascontiguousarray(pixels[box.top : box.bottom, box.left : box.right])
    matches = _matches(pixels, crop)
    itself = [match for match in matches if match.box.iou(box) >= _SAME_PLACE]
    if not itself:
        raise AnnotationError(
            "this piece has nothing to be known by: it looks like what is around it", "take a piece with more in it"
        )
    others = [match.score for match in matches if match not in itself]
    score = min(_MOST_SCORE, max(LEAST_SCORE, max(others, default=0.0) + _ABOVE_OTHERS))
    written, png = cv2.imencode(".png", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR))
    assert written
    name = hashlib.sha256(png.tobytes()).hexdigest()[:16] + ".png"
    found = tuple(
        around(match).clipped((pixels.shape[1], pixels.shape[0])) for match in matches if match.score >= score
    )
    return Look(crop_rule(package, name, score), png.tobytes(), found)


def crop_of(rule: str) -> str:
    """The file's name of the crop that a rule goes by."""
    return next(one.crop for one in read([lesson("", rule)]))


def _matches(pixels: Pixels, crop: Pixels) -> list[Match]:
    """Where the crop, and the crop in the other theme, may be on the screen it is from; the best first."""
    wanted = mask("", "crop", _LOOKED_FROM)
    template = Template(wanted.name, crop, wanted.score, wanted.scales)
    found = [*find(pixels, template), *find(pixels, in_the_other_theme(template))]
    best: list[Match] = []
    for match in sorted(found, key=lambda one: -one.score):
        if all(match.box.iou(other.box) < _SAME_PLACE for other in best):
            best.append(match)
    return best
