"""One crop, taken once, finds its thing in any theme, density and size of letters; and takes nothing else for it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from PIL import Image

from backend.annotations.looks import Look, crop_of, look_of
from backend.errors import AnnotationError
from backend.perception.masks import find, in_the_other_theme
from backend.perception.settings import Template
from interventions.library.taught.lessons import around, lesson, mask, read
from interventions.sdk import Box, Match, Pixels
from tests.annotations import cards
from tests.library.conftest import SCREENS

PACKAGE = "org.example.canvas"
LOOKS = [
    cards.Look(dpi, font, dark) for dpi in (320, 420, 560) for font in (0.85, 1.0, 1.15, 1.3) for dark in (False, True)
]


@cache
def taken() -> tuple[Look, Pixels]:
    """The promotion of one screen, as somebody draws a box around it."""
    pixels, place = cards.screen(cards.Look(), seed=1)
    crop = pixels[place.top : place.bottom, place.left : place.right]
    return look_of(pixels, place, PACKAGE), np.ascontiguousarray(crop)


def found(pixels: Pixels) -> list[Match]:
    """Where the crop is on a screen, as perception looks for it."""
    look, crop = taken()
    (told,) = read([lesson("", look.rule)])
    wanted = mask("", told.crop, told.score)
    template = Template(wanted.name, crop, wanted.score, wanted.scales)
    return [*find(pixels, template), *find(pixels, in_the_other_theme(template))]


def test_it_finds_itself_and_is_named_by_its_content() -> None:
    look, crop = taken()
    _, place = cards.screen(cards.Look(), seed=1)
    assert [box.iou(place) > 0.9 for box in look.boxes] == [True]
    assert look.png.startswith(b"\x89PNG")
    assert crop_of(look.rule).endswith(".png")
    assert look_of(cards.screen(cards.Look(), seed=1)[0], place, PACKAGE) == look
    assert crop.shape[:2] == (place.height, place.width)


@pytest.mark.parametrize("how", LOOKS, ids=str)
def test_one_crop_is_enough_for_every_theme_density_and_font_scale(how: cards.Look) -> None:
    pixels, place = cards.screen(how, seed=7)
    (best, *others) = sorted(found(pixels), key=lambda match: -match.score)
    hidden = around(best)
    assert hidden.intersect(place).area >= 0.88 * place.area
    assert all(match.box.iou(best.box) > 0.3 for match in others)


@pytest.mark.parametrize("how", LOOKS[::5], ids=str)
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_screen_without_it_has_nothing_hidden(how: cards.Look, seed: int) -> None:
    assert found(cards.screen(how, seed, promoted=False)[0]) == []


@pytest.mark.skipif(not SCREENS.is_dir(), reason=f"{SCREENS} is not there: real screenshots are kept outside")
def test_real_screens_without_it_have_nothing_hidden() -> None:
    for path in sorted(SCREENS.glob("*.png")):
        assert found(np.asarray(Image.open(path).convert("RGB"))) == [], path.name


def test_what_resembles_it_on_its_own_screen_raises_the_bar() -> None:
    pixels, place = cards.screen(cards.Look(), seed=1)
    twin = np.array(pixels)
    lower = place.moved(dy=900)
    twin[lower.top : lower.bottom, lower.left : lower.right] = pixels[
        place.top : place.bottom, place.left : place.right
    ]
    twin[lower.top + 20 : lower.bottom - 20, lower.left + 30 : lower.left + 500] = 255
    look = look_of(twin, place, PACKAGE)
    assert len(look.boxes) == 1
    assert float(look.rule.rpartition("=")[2]) > 0.6


@pytest.mark.parametrize(
    ("box", "why"),
    [
        (Box(10, 10, 20, 200), "too few"),
        (Box(0, 0, 1080, 2000), "most of the screen"),
        (Box(900, 20, 1000, 90), "nothing to be known by"),
        (Box(5000, 5000, 6000, 6000), "too few"),
    ],
)
def test_a_piece_that_cannot_be_known_again_is_refused(box: Box, why: str) -> None:
    with pytest.raises(AnnotationError, match=why):
        look_of(cards.screen(cards.Look(), seed=1)[0], box, PACKAGE)
