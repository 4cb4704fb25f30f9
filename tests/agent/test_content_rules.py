"""What is content, what of it is kept, and who is heard: the app, a verdict, or an effect on one view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

HOLD = {"hold": True, "deadline_ms": 60_000, "afterwards": "hide"}
BOUND = "MOST_VERDICTS = 2e4"


@pytest.fixture
def app(inject: Callable[..., Any], drive: Callable[..., Any]) -> tuple[Any, Any]:
    """The feed app with the agent in it, and a column of three text views of the test's own."""
    agent = inject("feed")
    driver = drive(agent)
    driver.column(3)
    return agent, driver


def reports(agent: Any, text: str) -> list[dict[str, Any]]:
    """Every report of a text so far."""
    return [item for message in agent.messages("texts") for item in message["items"] if item["text"] == text]


def reported(agent: Any, text: str) -> dict[str, Any]:
    """The first report of a text."""
    found: list[dict[str, Any]] = agent.until(lambda: reports(agent, text), f"the text {text!r}")
    return found[0]


def judge(agent: Any, seq: int, key: str, **effect: object) -> None:
    agent.post("verdicts", seq=seq, items=[{"key": key, "effect": effect}])
    agent.wait_for("applied", lambda applied: applied["seq"] == seq)


def show(agent: Any, seq: int, *views: dict[str, Any]) -> None:
    """Have exactly these effects hold on views."""
    agent.post("effects", seq=seq, views=list(views))
    agent.wait_for("applied", lambda applied: applied["seq"] == seq)


def test_what_has_no_letter_digit_or_pictograph_is_not_content(app: tuple[Any, Any]) -> None:
    agent, driver = app
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    for text in ("", " \n", "…", " · ", "--:--", "(!?)"):
        driver.set(0, "plain", "before")
        assert driver.shown(0) == "••••••"
        driver.set(0, "plain", text)
        assert driver.shown(0) == text
        agent.settle(2)
        assert reports(agent, text) == []
    agent.leave()
    assert driver.shown(0) == "(!?)"


def test_a_letter_a_digit_or_a_pictograph_is_content(app: tuple[Any, Any]) -> None:
    agent, driver = app
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    for text in ("7", "10:24", "é", "ش", "字", "\U0001f600", "\U0001f1e7\U0001f1ea"):
        driver.set(0, "plain", text)
        assert set(driver.shown(0)) == {"•"}
        reported(agent, text)


def test_a_text_with_spans_stays_the_very_object_where_it_is_shown(app: tuple[Any, Any]) -> None:
    agent, driver = app
    agent.post("configure", texts=True)
    agent.settle(1)
    driver.set_own(0, "in bold")
    assert driver.hasOwn(0) == "true"
    judge(agent, 1, reported(agent, "in bold")["key"], kind="show")
    assert driver.hasOwn(0) == "true"


@pytest.mark.parametrize("end", ["show", "leave"])
def test_a_text_with_spans_is_read_back_and_put_back_as_the_very_object(app: tuple[Any, Any], end: str) -> None:
    agent, driver = app
    agent.post("configure", texts=True, text_waiting=HOLD)
    agent.settle(1)
    driver.set_own(0, "in bold")
    assert (driver.hasOwn(0), driver.readsOwn(0)) == ("false", "true")
    key = reported(agent, "in bold")["key"]
    judge(agent, 1, key, kind="replace", text="other")
    assert (driver.shown(0), driver.readsOwn(0)) == ("other", "true")
    if end == "leave":
        agent.leave()
    else:
        judge(agent, 2, key, kind="show")
    assert driver.hasOwn(0) == "true"


def test_an_effect_on_a_view_is_above_verdicts_and_ends_alone(app: tuple[Any, Any]) -> None:
    agent, driver = app
    agent.post("configure", texts=True)
    agent.settle(1)
    for index in (0, 1):
        driver.set(index, "plain", "the same words")
    item = reported(agent, "the same words")
    forced = {"view": item["view"], "effect": {"kind": "replace", "text": "of this view"}}
    show(agent, 1, forced)
    assert [driver.shown(index) for index in (0, 1)] == ["of this view", "the same words"]
    judge(agent, 2, item["key"], kind="replace", text="of this content")
    assert [driver.shown(index) for index in (0, 1)] == ["of this view", "of this content"]
    driver.set(0, "plain", "others")
    assert (driver.shown(0), driver.get(0)) == ("of this view", "others")
    show(agent, 3)
    assert driver.shown(0) == "others"
    driver.set(0, "plain", "the same words")
    assert driver.shown(0) == "of this content"
    agent.leave()
    assert [driver.shown(index) for index in (0, 1)] == ["the same words"] * 2


def test_verdicts_are_bounded_and_the_one_unused_longest_goes_first(
    inject: Callable[..., Any], drive: Callable[..., Any], agent_script: str
) -> None:
    assert BOUND in agent_script
    agent = inject("feed", script=agent_script.replace(BOUND, "MOST_VERDICTS = 10"))
    driver = drive(agent)
    driver.column(12)
    agent.post("configure", texts=True)
    agent.settle(1)
    keys = []
    for n in range(12):
        driver.set(n, "plain", f"number {n}")
        keys.append(reported(agent, f"number {n}")["key"])
    for n, key in enumerate(keys[:10]):
        judge(agent, n, key, kind="replace", text=f"judged {n}")
    driver.set(11, "plain", "number 0")  # Used now: the oldest is number 1.
    judge(agent, 10, keys[10], kind="replace", text="judged 10")
    assert agent.settle(2)["verdicts"] == 10
    assert driver.shown(11) == "judged 0"
    driver.set(11, "plain", "number 1")
    agent.until(lambda: len(reports(agent, "number 1")) == 2, "number 1 to be asked for again")
    assert driver.shown(11) == "number 1"
    for n in (0, 2, 10):
        driver.set(11, "plain", f"number {n}")
        assert driver.shown(11) == f"judged {n}"
