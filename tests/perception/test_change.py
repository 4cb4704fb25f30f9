"""What counts as changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.perception.change import boxes, differing, equal, marked, tile_boxes, tiles
from interventions.sdk import Box

SIZES = st.sampled_from([(192, 200), (1080, 300), (331, 130), (64, 64), (100, 65)])


@st.composite
def painted(draw):
    """A screen, and boxes inside it."""
    width, height = draw(SIZES)
    count = draw(st.integers(1, 4))
    found = []
    for _ in range(count):
        left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        found.append(Box(left, top, draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height))))
    return (width, height), found


@given(painted())
def test_every_change_is_found_and_rows_are_exact(case):
    (width, height), changes = case
    before = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
    after = before.copy()
    for box in changes:
        after[box.top : box.bottom, box.left : box.right] = 255 - before[box.top : box.bottom, box.left : box.right]
    strips = differing(before, after)
    truth = (before != after).any(axis=2)
    if strips is None:
        assert not truth.any()
        return
    assert (strips.any(axis=1) == truth.any(axis=1)).all()
    for found in (boxes(strips, (width, height)), tile_boxes(strips, (width, height))):
        inside = np.zeros_like(truth)
        for box in found:
            assert Box(0, 0, width, height).contains(box)
            inside[box.top : box.bottom, box.left : box.right] = True
        assert (inside | ~truth).all()


def test_equal_frames_differ_nowhere():
    pixels = np.random.default_rng(2).integers(0, 255, (200, 192, 3), dtype=np.uint8)
    assert differing(pixels, pixels) is None
    assert differing(pixels, pixels.copy()) is None
    assert differing(pixels, pixels.copy(), tolerance=12) is None


def test_one_pixel_is_a_change():
    before = np.zeros((200, 192, 3), dtype=np.uint8)
    after = before.copy()
    after[130, 70, 2] = 1
    strips = differing(before, after)
    assert strips is not None
    assert strips.sum() == 1
    assert strips[130, 1]
    assert tiles(strips).tolist() == [[False] * 3, [False] * 3, [False, True, False], [False] * 3]


def test_coding_noise_is_no_change_but_a_changed_letter_is():
    rng = np.random.default_rng(3)
    before = np.full((128, 192, 3), 200, dtype=np.uint8)
    noisy = (before.astype(int) + rng.integers(-9, 10, before.shape)).astype(np.uint8)
    assert differing(before, noisy, tolerance=12) is None
    assert equal(before, noisy, tolerance=12)
    letter = noisy.copy()
    letter[40:60, 100:103] = 30
    strips = differing(before, letter, tolerance=12)
    assert strips is not None
    assert strips[40:60, 1].all()
    assert not equal(before, letter, tolerance=12)


@pytest.mark.parametrize("outside", [Box(-50, -50, -10, -10), Box(500, 500, 900, 900), Box(5, 5, 5, 9)])
def test_boxes_off_the_screen_mark_nothing(outside):
    assert not marked([outside], (192, 200)).any()
