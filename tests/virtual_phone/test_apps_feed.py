"""The feed, driven by touches and read through the UI tree."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from device_agent.virtual_phone.build import SOURCES


@pytest.fixture
def feed(hand: Any) -> Any:
    hand.open("feed")
    return hand


def test_it_opens_with_stories_and_a_post(feed: Any) -> None:
    bar = feed.find("stories_bar")
    assert bar.attributes["content-desc"] == "Stories"
    assert bar.attributes["class"] == "android.widget.HorizontalScrollView"
    assert bar.attributes["scrollable"] == "true"
    assert len(feed.all("story")) >= 4
    assert feed.find("post_author").text
    assert re.fullmatch(r"[\d,]+ likes|[\d.]+K likes", feed.find("like_count").text)
    assert feed.find("share_count").text.endswith(" shares")


def test_a_drag_moves_the_list_pixel_for_pixel(feed: Any) -> None:
    slop = round(8 * feed.phone.density / 160)
    before = feed.phone.screenshot()
    top = feed.find("post_author").box[1]
    feed.drag(-300)
    after = feed.phone.screenshot()
    moved = 300 - slop
    assert top - feed.find("post_author").box[1] == moved
    left, list_top, right, bottom = feed.find("feed_list").box
    assert np.array_equal(before[list_top + moved : bottom, left:right], after[list_top : bottom - moved, left:right])


def test_a_fling_goes_on_and_slows_down_to_rest(feed: Any) -> None:
    frames = feed.phone.frame_number()
    feed.phone.swipe(540, 1600, 540, 800, 160)
    at_release = feed.phone.frame_number()
    feed.rest()
    assert feed.phone.frame_number() - at_release > 10
    assert at_release > frames
    assert feed.all("stories_bar") == []


def test_posts_never_end_and_views_are_used_again(feed: Any) -> None:
    app = feed.phone._server.foreground()
    seen: set[str] = set()
    counts = []
    for _ in range(12):
        feed.drag(-1400)
        seen.update(node.text for node in feed.all("post_text"))
        counts.append(sum(1 for node in app.scene.nodes.values() if node.resource_id.endswith(":id/post")))
    assert len(seen) > 8
    assert counts[-1] <= 12, "the list makes a new view for every post"


def test_scrolling_back_shows_the_same_pixels(feed: Any) -> None:
    before = feed.phone.screenshot()
    feed.drag(-900)
    feed.drag(900)
    assert np.array_equal(before, feed.phone.screenshot())


def test_a_like_counts_and_can_be_taken_back(feed: Any) -> None:
    def likes() -> int:
        return int(feed.find("like_count").text.split()[0].replace(",", ""))

    before = likes()
    feed.tap("like_button")
    assert likes() == before + 1
    assert feed.find("like_button").attributes["content-desc"] == "Unlike"
    assert feed.find("like_button").attributes["selected"] == "true"
    feed.tap("like_button")
    assert likes() == before


def test_comments_open_and_take_one_more(feed: Any) -> None:
    feed.tap("comment_button")
    feed.until(lambda: feed.activity() == "CommentsActivity", "the comments")
    assert len(feed.all("comment_text")) > 4
    feed.tap("comment_field")
    feed.phone.text("Well said, neighbour")
    assert feed.find("comment_field").text == "Well said, neighbour"
    assert feed.find("comment_field").attributes["focused"] == "true"
    feed.tap("send_button")
    assert feed.all("comment_text")[0].text == "Well said, neighbour"
    feed.phone.key(4)
    feed.until(lambda: feed.activity() == "FeedActivity", "the feed again")


def test_some_comments_are_abusive_and_most_are_not(feed: Any) -> None:

    abuse = set(json.loads((SOURCES[1] / "content/abuse.json").read_text())["lines"])
    feed.tap("comment_button")
    texts: set[str] = set()
    for _ in range(4):
        texts.update(node.text for node in feed.all("comment_text"))
        feed.drag(-1200)
    bad = {text for text in texts if text in abuse}
    assert 0 < len(bad) < len(texts) / 2


def test_a_profile_shows_counts(feed: Any) -> None:
    feed.tap("post_author")
    feed.until(lambda: feed.activity() == "ProfileActivity", "the profile")
    assert re.fullmatch(r"[\d.]+[KM]?", feed.find("followers_count").text)
    assert feed.find("followers_count").attributes["content-desc"].endswith("followers")
    feed.tap("back")
    feed.until(lambda: feed.activity() == "FeedActivity", "the feed again")


def test_the_stories_scroll_sideways_under_the_finger(feed: Any) -> None:
    left, top, right, bottom = feed.find("stories_bar").box
    first = feed.all("story")[1].box[0]
    y = (top + bottom) // 2
    feed.phone.swipe(900, y, 500, y, 400)
    feed.rest()
    assert feed.all("story_avatar")[0].box[0] != first
    assert feed.find("stories_bar").box == (left, top, right, bottom)


def test_a_still_screen_makes_no_frames(feed: Any) -> None:
    feed.rest()
    before = feed.phone.frame_number()
    assert feed.phone.wait_for_frame(before, 0.4) == before
    assert feed.phone.screenshot() is feed.phone.screenshot()
