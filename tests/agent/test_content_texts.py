"""Texts are judged before they are shown, and put back as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

REPLACED = "Let us talk about the weather."
HOLD = {"hold": True, "deadline_ms": 60_000, "afterwards": "hide"}


def replaced(text: str = REPLACED) -> dict[str, object]:
    return {"kind": "replace", "text": text}


def items(agent: Any) -> list[dict[str, Any]]:
    """Every text the agent reported so far."""
    return [item for message in agent.messages("texts") for item in message["items"]]


def reported(agent: Any, view_id: str) -> dict[str, Any]:
    """The first reported text of a view with that resource name."""
    return agent.until(
        lambda: next((item for item in items(agent) if item["view_id"].endswith(view_id)), None), f"a text of {view_id}"
    )


def judge(agent: Any, seq: int, verdicts: dict[str, dict[str, object]], **more: object) -> dict[str, Any]:
    """Send verdicts by key and wait until they are in place."""
    entries = [{"key": key, "effect": effect} for key, effect in verdicts.items()]
    agent.post("verdicts", seq=seq, items=entries, **more)
    return agent.wait_for("applied", lambda applied: applied["seq"] == seq)


def test_texts_on_the_screen_are_reported_with_their_names(inject: Callable[..., Any], app_phone: Any) -> None:
    agent = inject("feed")
    agent.post("configure", texts=True)
    item = reported(agent, ":id/post_text")
    assert item["text"] in app_phone.texts(":id/post_text")
    assert (item["role"], item["class_name"]) == ("text", "android.widget.TextView")
    assert item["view_id"] == "org.mindproof.feed:id/post_text"
    assert item["length"] == len(item["text"].encode("utf-16-le")) // 2
    descriptions = [one["text"] for one in items(agent) if one["role"] == "description"]
    assert "Notifications, 3 new" in descriptions


def test_a_verdict_replaces_what_is_on_the_screen_and_leave_puts_it_back(
    inject: Callable[..., Any], app_phone: Any
) -> None:
    agent = inject("feed")
    before = app_phone.pixels(app_phone.box("post_text"))
    agent.post("configure", texts=True)
    item = reported(agent, ":id/post_text")
    assert judge(agent, 1, {item["key"]: replaced()})["skipped"] == []
    app_phone.until(lambda: REPLACED in app_phone.texts(":id/post_text"), "the replacement to show")
    assert item["text"] not in app_phone.texts()
    assert agent.leave()["restored"] == 1
    app_phone.until(lambda: item["text"] in app_phone.texts(":id/post_text"), "the app's own text to show")
    app_phone.rest()
    assert (app_phone.pixels(app_phone.box("post_text")) == before).all()


def test_unknown_texts_show_a_placeholder_until_their_verdict(inject: Callable[..., Any], app_phone: Any) -> None:
    agent = inject("feed")
    own = app_phone.texts(":id/post_text")[0]
    agent.post("configure", texts=True, text_waiting=HOLD)
    app_phone.until(lambda: own not in app_phone.texts(), "the text to be held")
    shown = app_phone.texts(":id/post_text")[0]
    assert set(shown) <= {"•", " "}
    assert len(shown) == len(own)
    item = next(item for item in items(agent) if item["text"] == own)
    judge(agent, 1, {item["key"]: {"kind": "show"}})
    app_phone.until(lambda: own in app_phone.texts(":id/post_text"), "the text to show")


@pytest.mark.parametrize(("afterwards", "shows"), [("show", True), ("hide", False)])
def test_past_the_deadline_the_policy_decides(
    inject: Callable[..., Any], app_phone: Any, afterwards: str, shows: bool
) -> None:
    agent = inject("feed")
    own = app_phone.texts(":id/post_text")[0]
    waiting = {"hold": True, "deadline_ms": 300, "afterwards": afterwards}
    agent.post("configure", texts=True, text_waiting=waiting)
    app_phone.until(lambda: own not in app_phone.texts(), "the text to be held")
    if shows:
        app_phone.until(lambda: own in app_phone.texts(), "the text to show past its deadline")
    else:
        app_phone.rest()
        app_phone.rest()
        assert own not in app_phone.texts()


def test_a_known_verdict_holds_for_texts_that_come_later(inject: Callable[..., Any], app_phone: Any) -> None:
    """Scrolled in, out and in again: no frame's tree ever shows a text that was judged before it came."""
    agent = inject("feed")
    agent.post("configure", texts=True)
    item = reported(agent, ":id/post_text")
    judge(agent, 1, {item["key"]: replaced()})
    app_phone.until(lambda: REPLACED in app_phone.texts(), "the replacement to show")
    app_phone.scroll(-1500)
    app_phone.scroll(-1500)
    seen: list[str] = []
    for _ in range(6):
        app_phone.scroll(700)
        seen += app_phone.texts(":id/post_text")
    assert item["text"] not in seen
    assert REPLACED in seen


def test_a_recycled_view_does_not_get_its_last_content_s_verdict(inject: Callable[..., Any], app_phone: Any) -> None:
    agent = inject("feed")
    agent.post("configure", texts=True)
    item = reported(agent, ":id/post_text")
    app_phone.scroll(-1500)
    app_phone.scroll(-1500)
    now = app_phone.texts(":id/post_text")
    assert item["text"] not in now
    applied = judge(agent, 1, {item["key"]: replaced()})
    app_phone.rest()
    assert app_phone.texts(":id/post_text") == now
    assert applied["skipped"] == [item["view"]]


def test_forget_drops_earlier_verdicts_and_asks_again(inject: Callable[..., Any], app_phone: Any) -> None:
    agent = inject("feed")
    agent.post("configure", texts=True)
    item = reported(agent, ":id/post_text")
    judge(agent, 1, {item["key"]: replaced()})
    app_phone.until(lambda: REPLACED in app_phone.texts(), "the replacement to show")
    count = len([one for one in items(agent) if one["key"] == item["key"]])
    judge(agent, 2, {}, forget=True)
    app_phone.until(lambda: item["text"] in app_phone.texts(), "the app's own text")
    agent.until(lambda: len([one for one in items(agent) if one["key"] == item["key"]]) > count, "the text again")


def test_hold_switched_off_shows_what_waits(inject: Callable[..., Any], app_phone: Any) -> None:
    agent = inject("feed")
    own = app_phone.texts(":id/post_text")[0]
    agent.post("configure", texts=True, text_waiting=HOLD)
    app_phone.until(lambda: own not in app_phone.texts(), "the text to be held")
    agent.post("configure", texts=True)
    app_phone.until(lambda: own in app_phone.texts(), "the text to show")


def test_unloading_without_leave_puts_texts_back(inject: Callable[..., Any], app_phone: Any) -> None:
    agent = inject("feed")
    own = app_phone.texts(":id/post_text")[0]
    agent.post("configure", texts=True, text_waiting=HOLD)
    app_phone.until(lambda: own not in app_phone.texts(), "the text to be held")
    agent.close()
    app_phone.until(lambda: own in app_phone.texts(), "the app's own text")


def test_what_the_participant_types_is_neither_reported_nor_changed(inject: Callable[..., Any], app_phone: Any) -> None:
    agent = inject("chat")
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    app_phone.tap("conversation")
    app_phone.until(lambda: any(node["class"].endswith("EditText") for node in app_phone.nodes()), "a text field")
    field = next(node for node in app_phone.nodes() if node["class"].endswith("EditText"))
    app_phone.tap(field["resource-id"].rpartition("/")[2])
    app_phone.phone.text("my secret")
    app_phone.until(lambda: "my secret" in app_phone.texts(), "what was typed")
    agent.settle(2)
    assert not [item for item in items(agent) if "secret" in item["text"]]
