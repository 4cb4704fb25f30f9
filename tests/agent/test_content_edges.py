"""Texts at the edges: whatever an app sets, and however, is judged once and comes back as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.phones.agent.messages import MAX_TEXT, Texts, read

HOLD = {"hold": True, "deadline_ms": 60_000, "afterwards": "hide"}
FAMILY = "\U0001f468‍\U0001f469‍\U0001f467"
ARABIC = "مرحبا بالعالم"
LONE = "cut \ud83d here"


@pytest.fixture
def app(inject: Callable[..., Any], drive: Callable[..., Any]) -> tuple[Any, Any]:
    """The feed app with the agent in it, and a column of three text views of the test's own."""
    agent = inject("feed")
    driver = drive(agent)
    driver.column(3)
    return agent, driver


def text_of(agent: Any, start: str) -> dict[str, Any]:
    """The reported text that begins so."""

    def find() -> dict[str, Any] | None:
        every = (item for message in agent.messages("texts") for item in message["items"])
        return next((item for item in every if item["text"].startswith(start)), None)

    found: dict[str, Any] = agent.until(find, f"the text {start!r}")
    return found


def replace(agent: Any, seq: int, key: str, text: str) -> None:
    agent.post("verdicts", seq=seq, items=[{"key": key, "effect": {"kind": "replace", "text": text}}])
    agent.wait_for("applied", lambda applied: applied["seq"] == seq)


@pytest.mark.parametrize("text", [ARABIC, FAMILY, "שלום \U0001f600 world", "nul \0 inside", "a\nb\tc"])
def test_any_script_travels_and_comes_back(app: tuple[Any, Any], text: str) -> None:
    agent, driver = app
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    driver.set(0, "plain", text)
    assert text not in driver.shown(0)
    item = text_of(agent, text.replace("\0", "�"))
    assert isinstance(read({"v": 1, "type": "texts", "items": [item]}), Texts)
    replace(agent, 1, item["key"], text[::-1].replace("\0", ""))
    assert driver.shown(0) == text[::-1].replace("\0", "")
    assert driver.get(0) == text
    agent.leave()
    assert driver.shown(0) == text


@pytest.mark.parametrize("how", ["plain", "chars", "append", "spannable"])
def test_every_way_to_set_a_text_is_held(app: tuple[Any, Any], how: str) -> None:
    agent, driver = app
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    driver.set(0, how, "never seen before")
    assert driver.shown(0) == "••••• •••• ••••••"
    assert driver.get(0) == "never seen before"
    text_of(agent, "never seen before")
    agent.leave()
    assert driver.shown(0) == "never seen before"


def test_what_is_appended_is_judged_with_all_that_was_there(app: tuple[Any, Any]) -> None:
    agent, driver = app
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    driver.set(0, "plain", "one")
    driver.set(0, "append", " two")
    assert driver.shown(0) == "••• •••"
    assert driver.get(0) == "one two"
    text_of(agent, "one two")


def test_an_app_that_asked_for_a_buffer_it_can_change_reads_one(app: tuple[Any, Any]) -> None:
    agent, driver = app
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    driver.set(0, "spannable", "spans")
    assert driver.readsEditable(0) == "true"


def test_the_app_s_newest_text_is_what_comes_back(app: tuple[Any, Any]) -> None:
    agent, driver = app
    agent.post("configure", texts=True)
    agent.settle(1)
    driver.set(0, "plain", "first")
    replace(agent, 1, text_of(agent, "first")["key"], "other")
    assert driver.shown(0) == "other"
    driver.set(0, "plain", "second")
    assert driver.shown(0) == "second"
    driver.set(0, "plain", "first")
    assert driver.shown(0) == "other"
    driver.set(0, "null", "")
    assert driver.shown(0) == ""
    agent.leave()
    assert driver.shown(0) == ""


def test_hint_and_description_are_judged_each_for_itself(app: tuple[Any, Any]) -> None:
    agent, driver = app
    agent.post("configure", texts=True)
    agent.settle(1)
    for how in ("plain", "hint", "description"):
        driver.set(0, how, "the same words")
    text_of(agent, "the same words")
    agent.settle(2)
    found = {
        item["role"]: item["key"]
        for message in agent.messages("texts")
        for item in message["items"]
        if item["text"] == "the same words"
    }
    assert set(found) == {"text", "hint", "description"}
    assert len(set(found.values())) == 3


def test_a_megabyte_of_text_is_cut_for_the_wire_and_judged(app: tuple[Any, Any]) -> None:
    agent, driver = app
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    driver.setLong(0, 1_500_000)
    item = text_of(agent, "abcdefghi abcdefghi")
    assert (len(item["text"]), item["length"]) == (MAX_TEXT, 1_500_000)
    assert len(driver.shown(0)) == MAX_TEXT
    driver.setLong(1, 1_500_010)
    agent.settle(2)
    keys = {one["key"] for message in agent.messages("texts") for one in message["items"] if one["length"] > MAX_TEXT}
    assert len(keys) == 2
    agent.leave()
    assert len(driver.shown(0)) == 1_500_000


def test_a_thousand_views_in_one_burst_lose_no_verdict(app: tuple[Any, Any]) -> None:
    agent, driver = app
    driver.column(1000)
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    driver.burst("row ")
    assert driver.showing("row ") == "0"

    def rows() -> dict[str, str]:
        every = (item for message in agent.messages("texts") for item in message["items"])
        return {item["text"]: item["key"] for item in every if item["text"].startswith("row ")}

    agent.until(lambda: len(rows()) == 1000, "a thousand texts")
    entries = [{"key": key, "effect": {"kind": "replace", "text": f"judged {text}"}} for text, key in rows().items()]
    agent.post("verdicts", seq=1, items=entries)
    assert agent.wait_for("applied", lambda applied: applied["seq"] == 1)["skipped"] == []
    assert driver.showing("judged row ") == "1000"
    driver.burst("row ")
    assert driver.showing("judged row ") == "1000"
    pong = agent.settle(2)
    assert pong["verdicts"] == 1000
    agent.leave()
    assert driver.showing("row ") == "1000"


def test_an_error_of_ours_does_not_reach_the_app_and_is_told_once(app: tuple[Any, Any]) -> None:
    agent, driver = app
    driver.brokenView()
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    for text in ("one", "two"):
        driver.set(0, "plain", text)
        assert driver.shown(0) == text
    problem = agent.wait_for("problem")
    assert problem["where"].startswith("android.widget.TextView#setText(")
    assert "no id today" in problem["message"]
    agent.settle(2)
    assert len(agent.messages("problem")) == 1
    driver.set(1, "plain", "others are held")
    assert driver.shown(1) == "•••••• ••• ••••"


def test_an_app_that_dies_in_a_hook_takes_nothing_else_down(app: tuple[Any, Any]) -> None:
    agent, driver = app
    agent.post("configure", texts=True)
    agent.settle(1)
    driver.die()
    agent.until(lambda: agent.detached, "word that the app is gone")
    assert agent.detached == "process-terminated"


def test_leave_while_the_app_draws_all_the_time(app: tuple[Any, Any], app_phone: Any) -> None:
    agent, driver = app
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    driver.restless(3000)
    text_of(agent, "restless")
    agent.leave()
    assert driver.shown(0).startswith("restless")
    agent.close()
    front = app_phone.phone.foreground()
    assert front is not None
    assert front[2] == agent.pid
