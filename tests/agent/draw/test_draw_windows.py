"""Dimming, greying and closing all windows of an app, those too that come later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from device_agent.virtual_phone.window import bars


def _inside(feed: Any) -> np.ndarray:
    """The screen between the system's bars, which are not the app's."""
    density = feed.phone.phone.density / 160
    top, bottom = round(bars.STATUS_DP * density), round(bars.NAVIGATION_DP * density)
    return feed.screen()[top:-bottom].astype(int)


def _colourful(pixels: np.ndarray) -> int:
    return int((pixels.max(axis=2) - pixels.min(axis=2)).max())


@pytest.mark.parametrize("dim", [0.25, 0.8])
def test_dimming_takes_that_much_light_from_every_pixel(feed: Any, dim: float) -> None:
    before = _inside(feed)
    feed.show(dim=dim)
    assert np.abs(_inside(feed) - before * (1 - dim)).max() <= 3
    feed.show()
    assert (_inside(feed) == before).all()


def test_grey_takes_all_colour_or_a_part_of_it(feed: Any) -> None:
    before = _inside(feed)
    feed.show(grey=0.5)
    assert 20 < _colourful(_inside(feed)) < _colourful(before)
    feed.show(grey=1.0)
    assert _colourful(_inside(feed)) <= 2
    feed.show()
    assert (_inside(feed) == before).all()


def test_a_cover_stays_over_what_is_dimmed(feed: Any, on: Callable[..., Any]) -> None:
    box = feed.phone.box("post_photo")
    feed.show(on(feed.view("post_photo"), "cover", colour=0xFFFFFFFF), dim=0.5)
    part = feed.part(box).astype(int)
    assert np.abs(part - 128).max() <= 2


def test_a_dialog_gets_what_holds_for_the_windows_and_is_itself_again(drawing: Callable[..., Any]) -> None:
    feed = drawing()
    feed.show(grey=1.0)
    feed.phone.tap("post_more")
    feed.phone.until(lambda: "Report" in feed.phone.texts("menu_entry"), "the menu")
    feed.phone.rest()
    assert _colourful(_inside(feed)) <= 2
    feed.show()
    assert _colourful(_inside(feed)) > 50


def test_another_activity_is_grey_from_its_first_frame(drawing: Callable[..., Any]) -> None:
    feed = drawing()
    feed.show(grey=1.0)
    phone = feed.phone.phone
    frame = phone.frame_number()
    feed.phone.tap("view_comments") if feed.phone.texts("view_comments") else feed.phone.tap("top_comment")

    def there() -> bool:
        nonlocal frame
        frame = phone.wait_for_frame(frame, 0.5)
        assert _colourful(_inside(feed)) <= 2
        return bool(feed.phone.texts("comment_field")) or any(
            node["resource-id"].endswith("comment_field") for node in feed.phone.nodes()
        )

    feed.phone.until(there, "the comments")


def test_a_closed_window_takes_every_touch_and_gives_none_on(drawing: Callable[..., Any]) -> None:
    feed = drawing()
    before = feed.screen()
    feed.show(block=True)
    feed.phone.tap("post_more")
    feed.phone.scroll(-400)
    assert (feed.screen() == before).all()
    feed.show()
    feed.phone.scroll(-400)
    assert (feed.screen() != before).any()
