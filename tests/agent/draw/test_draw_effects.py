"""Effects on single views of a real app: what the screen shows, and that it is exactly as before when they end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

COVER = (0x26, 0x54, 0x7C)
COVER_ARGB = 0xFF26547C
KINDS = ["replace", "cover", "blur", "placeholder", "hide", "remove", "block"]


def _is(pixels: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return (np.abs(pixels.astype(np.int16) - np.array(colour, np.int16)) <= 2).all(axis=2)


def _share(pixels: np.ndarray, colour: tuple[int, int, int]) -> float:
    return float(_is(pixels, colour).mean())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["post_text", "post_photo"])
def test_an_effect_that_is_named_no_more_leaves_every_pixel_as_it_was(
    feed: Any, on: Callable[..., Any], kind: str, name: str
) -> None:
    before, tree = feed.screen(), feed.phone.nodes()
    feed.show(on(feed.view(name), kind, text="Instead"))
    changes = kind not in ("block",) and (kind, name) not in {("replace", "post_photo")}
    assert bool((feed.screen() != before).any()) is changes
    feed.show()
    assert (feed.screen() == before).all()
    assert feed.phone.nodes() == tree


def test_a_cover_is_opaque_and_as_large_as_its_view(feed: Any, on: Callable[..., Any]) -> None:
    box = feed.phone.box("post_photo")
    feed.show(on(feed.view("post_photo"), "cover", colour=COVER_ARGB))
    assert _share(feed.part(box), COVER) == 1.0
    outside = feed.screen()
    outside[box[1] : box[3], box[0] : box[2]] = 0
    assert not _is(outside, COVER).any()


def test_a_cover_that_is_asked_for_see_through_is_opaque_all_the_same(feed: Any, on: Callable[..., Any]) -> None:
    box = feed.phone.box("post_photo")
    feed.show(on(feed.view("post_photo"), "cover", colour=COVER_ARGB & 0x20FFFFFF))
    assert _share(feed.part(box), COVER) == 1.0


def test_a_covers_text_is_in_its_middle_and_never_outside(feed: Any, on: Callable[..., Any]) -> None:
    box = feed.phone.box("post_photo")
    feed.show(on(feed.view("post_photo"), "cover", colour=COVER_ARGB, text="This picture is hidden for you"))
    part = feed.part(box)
    rows, columns = np.nonzero(~_is(part, COVER))
    assert 50 < len(rows) < 0.05 * part.shape[0] * part.shape[1]
    assert abs(rows.mean() - part.shape[0] / 2) < 20
    assert abs(columns.mean() - part.shape[1] / 2) < 40


def test_a_cover_moves_with_its_view(drawing: Callable[..., Any], on: Callable[..., Any]) -> None:
    feed = drawing()
    view = feed.view("post_photo")
    feed.show(on(view, "cover", colour=COVER_ARGB))
    old = feed.phone.box("post_photo")
    feed.phone.scroll(-300)
    box = feed.phone.box("post_photo")
    assert box[1] < old[1] - 100
    assert _share(feed.part(box), COVER) == 1.0


def test_a_cover_is_made_anew_when_its_view_has_another_size(
    drawing: Callable[..., Any], on: Callable[..., Any]
) -> None:
    feed = drawing()
    feed.show(on(feed.view("post_photo"), "cover", colour=COVER_ARGB, text="Hidden"))
    settings = feed.phone.phone.settings["system"]
    try:
        settings["user_rotation"] = "1"
        feed.phone.until(lambda: feed.phone.pixels().shape[1] == 2220, "the phone to turn")
        feed.phone.rest()
        left, top, right, bottom = feed.phone.box("post_photo")
        assert right - left == 2220
        part = feed.part((left, top, right, bottom))
        rows, columns = np.nonzero(~_is(part, COVER))
        assert len(rows) < 0.02 * part.shape[0] * part.shape[1]
        assert len(rows) == 0 or abs(columns.mean() - 1110) < 40
    finally:
        settings["user_rotation"] = "0"
        feed.phone.rest()


def test_a_blur_leaves_a_few_plain_cells(feed: Any, on: Callable[..., Any]) -> None:
    box = feed.phone.box("post_photo")
    before = feed.part(box).astype(float)
    feed.show(on(feed.view("post_photo"), "blur"))
    after = feed.part(box)
    assert len(np.unique(after.reshape(-1, 3), axis=0)) <= 64
    # The cells have the picture's own colours: brighter where it is.
    half = before.shape[0] // 2
    assert (after[:half].mean() > after[half:].mean()) == (before[:half].mean() > before[half:].mean())


def test_a_blurred_text_is_covered_and_cannot_be_read_from_the_tree(feed: Any, on: Callable[..., Any]) -> None:
    text = feed.phone.texts("post_text")[0]
    feed.show(on(feed.view("post_text"), "blur"))
    assert len(np.unique(feed.part(feed.phone.box("post_text")).reshape(-1, 3), axis=0)) == 1
    assert text not in feed.phone.texts()


def test_a_replaced_text_stands_in_the_screenshot_and_in_the_tree(feed: Any, on: Callable[..., Any]) -> None:
    feed.show(on(feed.view("post_text"), "replace", text="Nothing to see here."))
    assert feed.phone.texts("post_text")[0] == "Nothing to see here."


def test_hide_keeps_the_place_and_remove_gives_it_up(feed: Any, on: Callable[..., Any]) -> None:
    photo, below = feed.view("post_photo"), feed.phone.box("like_count")
    height = feed.phone.box("post_photo")[3] - feed.phone.box("post_photo")[1]
    feed.show(on(photo, "hide"))
    assert feed.phone.box("like_count") == below
    feed.show(on(photo, "remove"))
    assert feed.phone.box("like_count")[1] == below[1] - height


def test_no_touch_reaches_a_blocked_view(drawing: Callable[..., Any], on: Callable[..., Any]) -> None:
    feed = drawing()
    more = feed.view("post_more")
    feed.show(on(more, "block"))
    before = feed.screen()
    feed.phone.tap("post_more")
    feed.phone.rest()
    assert (feed.screen() == before).all()
    feed.show()
    feed.phone.tap("post_more")
    feed.phone.until(lambda: "Report" in feed.phone.texts("menu_entry"), "the menu")


@pytest.mark.parametrize("order", [("block", "cover"), ("cover", "block")])
def test_a_view_can_be_covered_and_blocked_and_each_ends_by_itself(
    drawing: Callable[..., Any], on: Callable[..., Any], order: tuple[str, str]
) -> None:
    feed = drawing()
    more, box = feed.view("post_more"), feed.phone.box("post_more")
    both = [on(more, kind, colour=COVER_ARGB) for kind in order]
    feed.show(*both)
    assert _share(feed.part(box), COVER) == 1.0
    covered = feed.screen()
    feed.phone.tap("post_more")
    feed.phone.rest()
    assert (feed.screen() == covered).all()
    feed.show(on(more, "block"))
    assert _share(feed.part(box), COVER) < 0.1
    open_ = feed.screen()
    feed.phone.tap("post_more")
    feed.phone.rest()
    assert (feed.screen() == open_).all()
    feed.show(on(more, "cover", colour=COVER_ARGB))
    feed.phone.tap("post_more")
    feed.phone.until(lambda: "Report" in feed.phone.texts("menu_entry"), "the menu")


def test_the_finger_still_scrolls_over_a_blocked_view(drawing: Callable[..., Any], on: Callable[..., Any]) -> None:
    feed = drawing()
    feed.show(on(feed.view("post_photo"), "block"))
    top = feed.phone.box("post_photo")[1]
    feed.phone.scroll(-300)
    assert feed.phone.box("post_photo")[1] < top - 100


def test_an_effect_on_a_view_that_is_gone_is_skipped(feed: Any, on: Callable[..., Any]) -> None:
    applied = feed.show(on(999_999, "cover"), on(feed.view("post_text"), "hide"))
    assert applied["skipped"] == [999_999]


def test_an_effect_decided_on_other_content_is_skipped(feed: Any, on: Callable[..., Any]) -> None:
    view, before = feed.view("post_text"), feed.screen()
    key = feed.key(view)
    assert feed.show(on(view, "cover", key="0" * 32))["skipped"] == [view]
    assert (feed.screen() == before).all()
    assert feed.show(on(view, "cover", key=key))["skipped"] == []
    assert (feed.screen() != before).any()


def test_an_effect_never_lands_on_what_a_recycled_view_shows_next(
    drawing: Callable[..., Any], on: Callable[..., Any]
) -> None:
    feed = drawing(texts=True)
    texts = [
        node["view"]
        for node in feed.nodes().values()
        if node.get("view_id", "").endswith(("post_text", "comment_text"))
    ]
    feed.show(*(on(view, "cover", key=feed.key(view), colour=COVER_ARGB) for view in texts))
    assert _is(feed.screen(), COVER).any()
    for _ in range(2):
        feed.phone.scroll(-1500)
        assert not _is(feed.screen(), COVER).any()
    assert not feed.agent.messages("problem")


def test_leaving_puts_everything_back_at_once(drawing: Callable[..., Any], on: Callable[..., Any]) -> None:
    feed = drawing()
    before, tree = feed.screen(), feed.phone.nodes()
    text, photo, stories = (feed.view(name) for name in ("post_text", "post_photo", "stories_bar"))
    feed.show(on(text, "replace", text="A"), on(photo, "blur"), on(stories, "remove"), dim=0.5, grey=1.0, block=True)
    assert (feed.screen() != before).mean() > 0.5
    bye = feed.agent.leave()
    assert bye["restored"] >= 4
    feed.phone.rest()
    assert (feed.screen() == before).all()
    assert feed.phone.nodes() == tree
