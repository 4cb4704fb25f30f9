"""The shorts, the reader, the chat and the home screen, driven by touches."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from device_agent.virtual_phone.build import SOURCES

ABUSE = set(json.loads((SOURCES[1] / "content/abuse.json").read_text())["lines"])


def test_home_opens_an_app_and_home_comes_back(hand: Any) -> None:
    hand.phone.key(3)
    hand.until(lambda: hand.activity() == "LauncherActivity", "the home screen")
    hand.tap(desc="Chat")
    hand.until(lambda: hand.activity() == "ChatActivity", "the chat")
    width, height = hand.phone.size
    hand.phone.tap(width // 2, height - 60)
    hand.until(lambda: hand.activity() == "LauncherActivity", "home by its button")


def test_back_from_the_first_screen_leaves_the_app(hand: Any) -> None:
    hand.open("chat")
    hand.phone.key(4)
    hand.until(lambda: hand.activity() == "LauncherActivity", "the home screen")
    hand.phone.start_activity("org.mindproof.chat", None)
    assert hand.find("title").text == "Chats"


def test_a_short_plays_by_itself_and_a_swipe_brings_the_next(hand: Any) -> None:
    hand.open("shorts")
    first = hand.find("author").text
    frame = hand.phone.frame_number()
    for _ in range(3):
        frame = hand.phone.wait_for_frame(frame, 2)
    assert frame > hand.phone.frame_number() - 20
    hand.phone.swipe(540, 1600, 540, 900, 100)
    hand.until(lambda: hand.all("page")[0].box == hand.find("pager").box, "a page to rest on the whole screen")
    assert hand.find("author").text != first


def test_a_small_drag_on_a_short_springs_back(hand: Any) -> None:
    hand.open("shorts")
    first = hand.find("author").text
    hand.drag(-300)
    hand.until(lambda: hand.all("page")[0].box == hand.find("pager").box, "the page to spring back")
    assert hand.find("author").text == first


def test_a_paused_short_stops(hand: Any) -> None:
    hand.open("shorts")
    hand.phone.key(3)
    hand.until(lambda: hand.activity() == "LauncherActivity", "the home screen")
    hand.rest()
    before = hand.phone.frame_number()
    assert hand.phone.wait_for_frame(before, 0.4) == before


def test_the_reader_shows_words_that_the_tree_does_not_have(hand: Any) -> None:
    hand.open("reader")
    nodes = [node for node in hand.all() if node.attributes["package"] == "org.mindproof.reader"]
    assert all(not node.text and not node.attributes["content-desc"] for node in nodes)
    assert nodes[-1].attributes["class"] == "android.view.View"
    assert nodes[-1].attributes["scrollable"] == "true"
    dark = (hand.phone.screenshot()[200:, :, 0] < 90).mean()
    assert dark > 0.02, "there is no text on the screen"


def test_the_reader_scrolls_pixel_for_pixel_and_does_not_end(hand: Any) -> None:
    hand.open("reader")
    moved = 400 - round(8 * hand.phone.density / 160)
    before = hand.phone.screenshot()
    hand.drag(-400)
    after = hand.phone.screenshot()
    top, bottom = 63, hand.phone.size[1] - 126
    assert np.array_equal(before[top + moved : bottom], after[top : bottom - moved])
    for _ in range(10):
        hand.drag(-1800)
    assert (hand.phone.screenshot()[200:-200, :, 0] < 90).any()


def test_a_typed_message_appears_and_is_answered(hand: Any) -> None:
    hand.open("chat")
    hand.tap("conversation")
    hand.until(lambda: hand.activity() == "ConversationActivity", "the conversation")
    assert hand.find("message_field").text == "Message"
    hand.tap("message_field")
    hand.phone.text("See you at nine?")
    hand.phone.key(67)
    assert hand.find("message_field").text == "See you at nine"
    hand.tap("send_button")
    assert hand.all("message")[-1].text == "See you at nine"
    hand.until(lambda: hand.all("message")[-1].text != "See you at nine", "an answer")


def test_some_chats_hold_abuse(hand: Any) -> None:
    hand.open("chat")
    found = False
    for i in range(6):
        hand.tap_nth("conversation", i)
        hand.until(lambda: hand.activity() == "ConversationActivity", "the conversation")
        for _ in range(2):
            found = found or any(node.text in ABUSE for node in hand.all("message"))
            hand.drag(1300)
        hand.phone.key(4)
        hand.until(lambda: hand.activity() == "ChatActivity", "the list")
    assert found


def test_a_secure_window_is_black_to_a_capture(hand: Any) -> None:
    hand.open("chat")
    hand.tap(text="Private notes")
    hand.until(lambda: hand.activity() == "ConversationActivity", "the conversation")
    assert hand.find("message_field")
    screen = hand.phone.screenshot()
    assert screen[:, :, :3].max() == 0
    assert screen[:, :, 3].min() == 255
    hand.phone.key(4)
    hand.until(lambda: hand.activity() == "ChatActivity", "the list")
    assert hand.phone.screenshot()[:, :, :3].max() > 0
