"""The page that asks something: nothing of the app is seen or touched until it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

BACK = 4
CHOICES = [["go", "Go on"], ["leave", "Leave Plaza"]]


def _ask(drawing: Any, key: str = "k", **fields: Any) -> None:
    drawing.agent.post("interstitial", key=key, message="Twenty minutes are over.", **{"choices": CHOICES, **fields})
    drawing.phone.until(lambda: "Twenty minutes are over." in drawing.phone.texts(), "the page")
    drawing.phone.rest()


def _end(drawing: Any, key: str = "k") -> None:
    drawing.agent.post("interstitial", key=key, open=False)
    drawing.phone.until(lambda: "Twenty minutes are over." not in drawing.phone.texts(), "the page to go")
    drawing.phone.rest()


def _tap(drawing: Any, label: str) -> None:
    node = next(node for node in drawing.phone.nodes() if node["text"] == label)
    left, top, right, bottom = (int(n) for n in node["bounds"].replace("][", ",").strip("[]").split(","))
    drawing.phone.phone.tap((left + right) // 2, (top + bottom) // 2)


def _enabled(drawing: Any) -> dict[str, bool]:
    return {n["text"]: n["enabled"] == "true" for n in drawing.phone.nodes() if n["class"] == "android.widget.Button"}


def test_the_page_lets_nothing_of_the_app_through_and_leaves_no_trace(feed: Any) -> None:
    before, tree = feed.screen(), feed.phone.nodes()
    _ask(feed)
    assert not set(feed.phone.texts("post_text"))
    assert set(feed.phone.texts()) == {"Twenty minutes are over.", "Go on", "Leave Plaza"}
    assert (feed.part((0, 300, 1080, 600)) == feed.part((0, 300, 1, 301))).all()
    _end(feed)
    assert (feed.screen() == before).all()
    assert feed.phone.nodes() == tree


def test_the_agents_tree_has_the_app_and_not_the_page(feed: Any) -> None:
    _ask(feed)
    texts = {node.get("text", "") for node in feed.nodes().values()}
    assert "Twenty minutes are over." not in texts
    _end(feed)


def test_every_button_is_large_and_inside_the_screen(feed: Any) -> None:
    _ask(feed, choices=[["a", "A"], ["b", "B"], ["c", "C"]])
    density = feed.phone.phone.density / 160
    for node in feed.phone.nodes():
        if node["class"] == "android.widget.Button":
            left, top, right, bottom = (int(n) for n in node["bounds"].replace("][", ",").strip("[]").split(","))
            assert bottom - top >= 48 * density
            assert right - left >= 200 * density
            assert (left >= 0, right <= 1080, bottom <= 2220) == (True, True, True)
    _end(feed)


def test_the_answer_is_told_once_and_the_page_goes(feed: Any) -> None:
    before = feed.screen()
    _ask(feed, key="answer")
    _tap(feed, "Leave Plaza")
    answered = feed.agent.wait_for("answered", lambda one: one["key"] == "answer")
    assert answered["choice"] == "leave"
    assert answered["after_s"] >= 0
    feed.phone.until(lambda: (feed.screen() == before).all(), "the app as it was")
    assert len([one for one in feed.agent.messages("answered") if one["key"] == "answer"]) == 1


def test_during_the_countdown_only_what_may_be_taken_at_once_is_open(feed: Any) -> None:
    _ask(feed, key="wait", seconds=60, at_once=["leave"])
    assert any(text.startswith("You can go on in ") for text in feed.phone.texts())
    assert _enabled(feed) == {"Go on": False, "Leave Plaza": True}
    _tap(feed, "Go on")
    feed.agent.settle(700)
    assert not [one for one in feed.agent.messages("answered") if one["key"] == "wait"]
    _tap(feed, "Leave Plaza")
    assert feed.agent.wait_for("answered", lambda one: one["key"] == "wait")["choice"] == "leave"


def test_when_the_countdown_is_over_all_choices_are_open(feed: Any) -> None:
    _ask(feed, key="short", seconds=0.6)
    feed.phone.until(lambda: _enabled(feed) == {"Go on": True, "Leave Plaza": True}, "the countdown's end")
    _tap(feed, "Go on")
    assert feed.agent.wait_for("answered", lambda one: one["key"] == "short")["after_s"] >= 0.6


def test_the_back_key_does_not_get_around_the_page(feed: Any) -> None:
    _ask(feed)
    feed.phone.phone.key(BACK)
    feed.agent.settle(701)
    assert "Twenty minutes are over." in feed.phone.texts()
    assert feed.phone.phone.foreground()[0].name == "org.mindproof.feed"
    _end(feed)


def test_only_its_own_key_takes_a_page_away(feed: Any) -> None:
    _ask(feed, key="one")
    feed.agent.post("interstitial", key="other", open=False)
    feed.agent.settle(702)
    assert "Twenty minutes are over." in feed.phone.texts()
    _end(feed, key="one")


def test_the_page_covers_the_next_activity_too(drawing: Callable[..., Any]) -> None:
    feed = drawing()
    feed.phone.tap("top_comment")
    feed.phone.until(lambda: any(n["resource-id"].endswith("comment_field") for n in feed.phone.nodes()), "comments")
    feed.phone.rest()
    _ask(feed)
    feed.agent.post("interstitial", key="k", open=False)
    feed.phone.until(lambda: "Twenty minutes are over." not in feed.phone.texts(), "the page to go")
    assert any(n["resource-id"].endswith("comment_field") for n in feed.phone.nodes())


def test_a_dialog_that_is_there_already_is_covered(drawing: Callable[..., Any]) -> None:
    feed = drawing()
    feed.phone.tap("post_more")
    feed.phone.until(lambda: "Report" in feed.phone.texts("menu_entry"), "the menu")
    _ask(feed)
    assert "Report" not in feed.phone.texts()
    _tap(feed, "Go on")
    feed.phone.until(lambda: "Report" in feed.phone.texts("menu_entry"), "the menu again")


def test_a_dialog_that_comes_later_lies_beneath_the_page(drawing: Callable[..., Any]) -> None:
    feed = drawing()
    feed.phone.tap("post_more")
    feed.phone.until(lambda: "Report" in feed.phone.texts("menu_entry"), "the menu")
    feed.phone.phone.key(BACK)
    feed.phone.until(lambda: "Report" not in feed.phone.texts(), "the menu to go")
    # The tap is under way when the page comes: whichever is first, the page is on top.
    feed.agent.post("interstitial", key="k", message="Twenty minutes are over.", choices=CHOICES)
    feed.phone.tap("post_more") if feed.phone.texts("post_author") else None
    feed.phone.until(lambda: "Twenty minutes are over." in feed.phone.texts(), "the page")
    feed.phone.rest()
    assert "Report" not in feed.phone.texts()


def test_the_page_goes_along_to_another_activity_and_back(drawing: Callable[..., Any]) -> None:
    feed = drawing()
    feed.phone.tap("top_comment")
    feed.agent.post("interstitial", key="k", message="Twenty minutes are over.", choices=CHOICES)
    feed.phone.until(lambda: "Twenty minutes are over." in feed.phone.texts(), "the page")
    feed.phone.rest()
    assert set(feed.phone.texts()) == {"Twenty minutes are over.", "Go on", "Leave Plaza"}
    _tap(feed, "Go on")
    assert feed.agent.wait_for("answered")["choice"] == "go"
    feed.phone.until(lambda: "Twenty minutes are over." not in feed.phone.texts(), "the page to go")


@pytest.mark.parametrize("rotation", ["1", "0"])
def test_the_page_fits_a_turned_phone(drawing: Callable[..., Any], rotation: str) -> None:
    chat = drawing("chat")
    _ask(chat)
    settings = chat.phone.phone.settings["system"]
    try:
        settings["user_rotation"] = rotation
        chat.phone.rest()
        _tap(chat, "Go on")
        assert chat.agent.wait_for("answered")["choice"] == "go"
    finally:
        settings["user_rotation"] = "0"
        chat.phone.rest()


def test_leaving_takes_the_page_away(drawing: Callable[..., Any]) -> None:
    chat = drawing("chat")
    before = chat.screen()
    _ask(chat, seconds=60)
    chat.agent.leave()
    chat.phone.rest()
    assert (chat.screen() == before).all()
