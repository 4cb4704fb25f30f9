from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.library.stories_bar import intervention as module
from interventions.library.stories_bar.band import band
from interventions.library.stories_bar.intervention import StoriesBar
from interventions.library.stories_bar.tray import is_round
from interventions.sdk import Block, Box, Cover, Mask, Match, Pixels, Widget

Show = Callable[..., list[Any]]
Screen = Callable[[str], Pixels]
APP = "org.example.app"
BAR = Box(0, 66, 1080, 297)  # of the real feed: from the status bar to the divider


def found(pixels: Pixels, crop: Pixels, mask: Mask) -> list[Match]:
    """The best place of `crop` in the upper part of `pixels`, if it is good enough; the plainest search there is."""
    pixels = pixels[: pixels.shape[0] * 2 // 5]
    best = Match(mask.name or Path(mask.path).stem, Box(0, 0, 0, 0), -1.0)
    for scale in mask.scales:
        sized = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        _, score, _, (left, top) = cv2.minMaxLoc(cv2.matchTemplate(pixels, sized, cv2.TM_CCOEFF_NORMED))
        if score > best.score:
            best = Match(best.mask, Box(left, top, left + sized.shape[1], top + sized.shape[0]), score, scale)
    return [best] if best.score >= mask.score else []


def shipped() -> tuple[Mask, Pixels]:
    (mask,) = StoriesBar.masks
    picture = cv2.imread(str(Path(module.__file__).parent / mask.path))
    return mask, np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def test_the_bar_of_a_real_feed_goes_and_nothing_else(show: Show, screen: Screen) -> None:
    pixels = screen("twitter_stories_before.png")
    mask, crop = shipped()
    cover, block = show(StoriesBar(), matches=found(pixels, crop, mask), pixels=pixels)
    assert isinstance(cover, Cover)
    assert isinstance(block, Block)
    assert cover.style == "inpaint"
    assert cover.box == block.box
    assert cover.box.iou(BAR) > 0.97
    assert cover.box.bottom <= 298, "the feed below the divider is untouched"


@pytest.mark.parametrize("name", ["image_censor.png", "news_article.png", "test_screen_prev.png"])
def test_real_screens_without_a_bar_are_left_alone(show: Show, screen: Screen, name: str) -> None:
    pixels = screen(name)
    mask, crop = shipped()
    size = (pixels.shape[1], pixels.shape[0])
    assert show(StoriesBar(), matches=found(pixels, crop, mask), pixels=pixels, size=size) == []


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.3])
def test_one_crop_of_the_researchers_own_is_enough_on_any_phone(show: Show, screen: Screen, scale: float) -> None:
    original = screen("twitter_stories_before.png")
    crop = original[256:286, 70:150]  # the word under the first picture
    pixels = np.asarray(cv2.resize(original, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    matches = found(pixels, crop, Mask("masks/own.png", score=0.7))
    size = (pixels.shape[1], pixels.shape[0])
    cover, _ = show(StoriesBar(block=True), matches=matches, pixels=pixels, size=size)
    bar = Box(0, int(BAR.top * scale), size[0], int(BAR.bottom * scale))
    assert cover.box.iou(bar) > 0.9


def test_a_match_low_on_the_screen_is_no_bar(show: Show) -> None:
    match = Match("plus_badge", Box(950, 1870, 990, 1910), 0.95)
    assert show(StoriesBar(), matches=[match], pixels=np.full((2220, 1080, 3), 255, np.uint8)) == []


def widgets(*nodes: tuple[int | None, str, Box, dict[str, Any]]) -> list[Widget]:
    return [
        Widget(str(n), n, parent, 0, f"android.widget.{name}", APP, box, **fields)
        for n, (parent, name, box, fields) in enumerate(nodes)
    ]


def row_of_pictures(name: str, bar: dict[str, Any], item: dict[str, Any], top: int = 150) -> list[Widget]:
    """A feed with a scrolling row of five avatars at `top`."""
    nodes: list[tuple[int | None, str, Box, dict[str, Any]]] = [
        (None, "FrameLayout", Box(0, 0, 1080, 2220), {}),
        (0, name, Box(0, top, 1080, top + 280), {"scrollable": True, **bar}),
        (0, "ImageView", Box(0, top + 400, 1080, top + 1400), {"description": "A photograph"}),
    ]
    for n in range(5):
        left = 20 + 210 * n
        nodes.append((1, "LinearLayout", Box(left, top + 10, left + 200, top + 270), dict(item)))
        nodes.append((len(nodes) - 1, "ImageView", Box(left + 10, top + 20, left + 190, top + 200), {}))
    return widgets(*nodes)


@pytest.mark.parametrize(
    ("bar", "item"),
    [
        ({"view_id": f"{APP}:id/stories_bar"}, {}),
        ({"view_id": f"{APP}:id/reels_tray_container"}, {}),
        ({"view_id": f"{APP}:id/storyTrayRecyclerView"}, {}),
        ({"description": "Stories"}, {}),
        ({"description": "reels tray container"}, {}),
        ({"description": "Historias"}, {}),
        ({}, {"description": "anna's story, 2 of 27, unseen"}),
        ({}, {"description": "Story of Anna Schmidt"}),
        ({}, {"description": "Tu historia"}),
    ],
)
def test_the_bar_is_known_by_name_in_the_tree(show: Show, bar: dict[str, Any], item: dict[str, Any]) -> None:
    cover, block = show(StoriesBar(), widgets=row_of_pictures("HorizontalScrollView", bar, item))
    assert cover.box == block.box == Box(0, 150, 1080, 430)


@pytest.mark.parametrize("left_over", [80, 40, 6])
def test_a_bar_that_has_half_scrolled_away_stays_covered(show: Show, left_over: int) -> None:
    feed = widgets(
        (None, "FrameLayout", Box(0, 0, 1080, 2220), {}),
        (0, "ListView", Box(0, 200, 1080, 1950), {"scrollable": True}),
        (
            1,
            "HorizontalScrollView",
            Box(0, 200, 1080, 200 + left_over),
            {"scrollable": True, "view_id": f"{APP}:id/stories_bar"},
        ),
    )
    cover, _ = show(StoriesBar(), widgets=feed)
    assert cover.box == Box(0, 200, 1080, 200 + left_over)


def test_a_tab_called_stories_is_no_bar(show: Show) -> None:
    tabs = widgets(
        (None, "FrameLayout", Box(0, 0, 1080, 2220), {}),
        (0, "LinearLayout", Box(0, 80, 1080, 220), {}),
        (1, "TextView", Box(0, 80, 540, 220), {"description": "Stories", "text": "Stories"}),
        (1, "TextView", Box(540, 80, 1080, 220), {"text": "News"}),
        (0, "ImageView", Box(0, 2000, 1080, 2220), {"view_id": f"{APP}:id/stories_tab"}),
    )
    assert show(StoriesBar(), widgets=tabs) == []


def drawn(round_pictures: bool) -> Pixels:
    pixels = np.full((2220, 1080, 3), 255, np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (180, 180, 3), dtype=np.uint8)
    disc = cv2.circle(np.zeros((180, 180), np.uint8), (90, 90), 89, 1, -1).astype(bool)
    for n in range(5):
        target = pixels[170:350, 30 + 210 * n : 210 + 210 * n]
        shown = disc if round_pictures else np.ones_like(disc)
        target[shown] = noise[: target.shape[0], : target.shape[1]][shown]
    return pixels


def test_a_row_of_round_pictures_is_a_bar_and_one_of_square_pictures_is_not(show: Show) -> None:
    row = row_of_pictures("RecyclerView", {}, {})
    (cover, _) = show(StoriesBar(), widgets=row, pixels=drawn(round_pictures=True))
    assert cover.box == Box(0, 150, 1080, 430)
    assert show(StoriesBar(), widgets=row, pixels=drawn(round_pictures=False)) == []
    assert show(StoriesBar(by_shape=False), widgets=row, pixels=drawn(round_pictures=True)) == []
    assert is_round(drawn(True), Box(30, 170, 210, 350))


def test_what_the_tree_knows_is_not_covered_twice(show: Show) -> None:
    match = Match("plus_badge", Box(130, 300, 170, 340), 0.9)
    row = row_of_pictures("HorizontalScrollView", {"description": "Stories"}, {})
    assert len(show(StoriesBar(), widgets=row, matches=[match], pixels=drawn(True))) == 2


@given(st.integers(0, 700), st.integers(20, 60), st.data())
def test_a_band_holds_what_was_seen_and_stays_on_the_screen(top: int, height: int, data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 5))
    pixels = np.full((800, 400, 3), 255, np.uint8)
    for _ in range(seed):
        row = data.draw(st.integers(0, 799))
        pixels[row, : data.draw(st.integers(1, 400))] = data.draw(st.integers(0, 255))
    seen = Box(50, top, 50 + height, min(800, top + height))
    bar = band(pixels, seen)
    assert (bar.left, bar.right) == (0, 400)
    assert 0 <= bar.top <= bar.bottom <= 800
    assert bar.height <= height + 2 * 0.11 * 800
