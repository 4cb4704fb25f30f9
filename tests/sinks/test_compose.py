"""What is covered is gone: OCR of the covered picture finds none of it."""

from __future__ import annotations

import numpy as np
import pytest
from font_roboto import Roboto
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from backend.perception.perception import Perception
from backend.phones.frame import Frame
from backend.sinks.compose import compose
from interventions.sdk import App, Box, Cover, Dim, Greyscale, Replace

INSULT = "you are a worthless idiot"
NEIGHBOUR = "what a lovely morning it is"


def text_screen() -> tuple[np.ndarray, dict[str, Box]]:
    """Two lines of dark text on paper, 1080x600, and their boxes."""
    picture = Image.new("RGB", (1080, 600), (250, 250, 248))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(Roboto, 44)
    boxes = {}
    for text, y in ((NEIGHBOUR, 120), (INSULT, 200), ("nothing to see here", 280)):
        draw.text((60, y), text, font=font, fill=(20, 20, 24))
        boxes[text] = Box(*(int(v) for v in draw.textbbox((60, y), text, font=font)))
    return np.asarray(picture), boxes


def read(pixels: np.ndarray) -> list[str]:
    scene = Perception().see(Frame(1, 0.0, "test", App("org.example"), pixels)).scene
    return [line.text.lower() for line in scene.lines]


@pytest.mark.parametrize("style", ["solid", "blur", "inpaint", "text"])
def test_ocr_finds_nothing_of_a_covered_line_and_all_of_its_neighbours(style):
    pixels, boxes = text_screen()
    assert any("worthless" in line for line in read(pixels)), "the uncovered line can be read"
    lines = read(compose(pixels, [Cover(boxes[INSULT], style=style, text="hidden")]))
    words = " ".join(lines)
    assert not any(word in words for word in ("worthless", "idiot"))
    assert any("lovely morning" in line for line in lines)
    assert any("nothing to see" in line for line in lines)


@pytest.mark.parametrize("style", ["solid", "inpaint", "text"])
def test_an_opaque_cover_does_not_depend_on_what_it_hides(style):
    """Two screens that differ only under the cover are the same afterwards: not a bit of it leaks."""
    pixels, boxes = text_screen()
    other = pixels.copy()
    box = boxes[INSULT]
    other[box.top : box.bottom, box.left : box.right] = np.random.default_rng(1).integers(
        0, 256, (box.height, box.width, 3), dtype=np.uint8
    )
    cover = [Cover(box, style=style, text="hidden")]
    assert np.array_equal(compose(pixels, cover), compose(other, cover))


def test_the_frame_itself_is_left_alone():
    pixels, boxes = text_screen()
    before = pixels.copy()
    compose(pixels, [Cover(boxes[INSULT]), Dim(0.5), Greyscale()])
    assert np.array_equal(pixels, before)


def test_replace_writes_other_words_in_the_place():
    pixels, boxes = text_screen()
    lines = read(compose(pixels, [Replace(boxes[INSULT], "someone is upset")]))
    assert any("upset" in line for line in lines)
    assert not any("idiot" in line for line in lines)


def test_dim_and_greyscale_act_on_their_box_only():
    pixels = np.full((100, 100, 3), (200, 100, 50), np.uint8)
    half = Box(0, 0, 50, 100)
    dimmed = compose(pixels, [Dim(0.5, half)])
    assert tuple(dimmed[10, 10]) == (100, 50, 25)
    assert tuple(dimmed[10, 90]) == (200, 100, 50)
    grey = compose(pixels, [Greyscale(1.0)])
    assert len(set(grey[10, 10].tolist())) == 1


numbers = st.integers(-200, 400)


@settings(max_examples=60, deadline=None)
@given(numbers, numbers, numbers, numbers, st.sampled_from(["solid", "blur", "inpaint", "text"]))
def test_any_box_is_drawn_or_ignored_never_an_error(left, top, right, bottom, style):
    pixels = np.zeros((120, 160, 3), np.uint8)
    out = compose(
        pixels,
        [Cover(Box(left, top, right, bottom), style=style, text="x"), Replace(Box(left, top, right, bottom), "y")],
    )
    assert out.shape == pixels.shape
