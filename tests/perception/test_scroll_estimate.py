"""How the shift between two frames is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.perception.change import differing
from backend.perception.scroll import estimate
from interventions.sdk import Box

TOP, BOTTOM = 96, 1184


@pytest.fixture(scope="module")
def tall(draw):
    """Two thousand rows and more: text, with photographs between."""
    pictures = {at: draw.photograph(at) for at in (9, 30)}
    return draw.page([draw.sentence(n) for n in range(48)], pictures)


def _shift(before, after, tolerance=0):
    changed = differing(before, after, tolerance)
    return None if changed is None else estimate(before, after, changed, tolerance)


@settings(max_examples=40, deadline=None)
@given(first=st.integers(0, 1980), second=st.integers(0, 1980))
def test_any_shift_that_leaves_an_overlap_is_found_exactly(draw, tall, first, second):
    if not 0 < abs(first - second) <= 800:
        return
    shift = _shift(draw.screen(tall, first), draw.screen(tall, second))
    assert shift is not None
    assert (shift.dx, shift.dy) == (0, first - second)
    assert Box(0, TOP, 720, BOTTOM).contains(shift.box)
    revealed = slice(TOP, TOP + shift.dy) if shift.dy > 0 else slice(BOTTOM + shift.dy, BOTTOM)
    shift.stale[revealed] = False
    assert not shift.stale.any(), "all that is not new is explained"


@settings(max_examples=10, deadline=None)
@given(dx=st.integers(-500, 500).filter(lambda dx: abs(dx) > 8))
def test_a_carousel_moves_sideways(draw, dx):
    pictures = np.concatenate([draw.photograph(n, 300, 256) for n in range(8)], axis=1)
    before = np.array(draw.screen(draw.page([draw.sentence(n) for n in range(20)]), 0))
    after = before.copy()
    before[400:656] = pictures[:, 700:1420]
    after[400:656] = pictures[:, 700 - dx : 1420 - dx]
    shift = _shift(before, after)
    assert shift is not None
    assert (shift.dx, shift.dy) == (dx, 0)
    assert shift.box.top >= 400
    assert shift.box.bottom <= 656


def test_a_spinner_on_a_scrolling_page_does_not_hide_the_scroll(draw, tall):
    before, after = np.array(draw.screen(tall, 200)), np.array(draw.screen(tall, 341))
    before[600:720, 500:620] = draw.photograph(1, 120, 120)
    after[600:720, 500:620] = draw.photograph(2, 120, 120)
    shift = _shift(before, after)
    assert shift is not None
    assert shift.dy == -141


def test_an_animation_alone_is_no_scroll(draw, tall):
    before = np.array(draw.screen(tall, 200))
    after = before.copy()
    after[600:840, 300:540] = draw.photograph(5, 240, 240)
    assert _shift(before, after) is None


def test_another_screen_is_no_scroll(draw, tall):
    other = draw.page([draw.sentence(n) for n in range(500, 530)], {3: draw.photograph(77)})
    assert _shift(draw.screen(tall, 0), draw.screen(other, 0, title="Elsewhere")) is None
    blank = np.full((1280, 720, 3), 250, dtype=np.uint8)
    assert _shift(draw.screen(tall, 0), blank) is None
    assert _shift(blank, draw.screen(tall, 0)) is None


def test_a_real_pair_of_screenshots(real_screen):
    shift = _shift(real_screen("test_screen_prev.png"), real_screen("test_screen.png"))
    assert shift is not None
    assert (shift.dx, shift.dy) == (0, 720)


@pytest.mark.parametrize("name", ["news_article.png", "twitter_stories_before.png", "image_censor.png"])
@pytest.mark.parametrize("dy", [-1, -37, -200, -800, 3, 256, 700])
def test_real_screens_shifted_between_their_bars(real_screen, name, dy):
    before = real_screen(name)
    top, bottom = 220, before.shape[0] - 200
    view = before[top:bottom]
    after = before.copy()
    after[top:bottom] = 245
    if dy < 0:
        after[top : bottom + dy] = view[-dy:]
    else:
        after[top + dy : bottom] = view[:-dy]
    shift = _shift(before, after)
    assert shift is not None
    assert (shift.dx, shift.dy) == (0, dy)
