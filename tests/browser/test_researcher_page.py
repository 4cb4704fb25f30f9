"""What a researcher does with the page, in a real browser."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.serving.cascade import Escalation
from backend.store.entries import ActionEntry, EventEntry
from backend.web.runtime import Interstitial, StageTimings
from backend.web.server import Server
from interventions.sdk import Parameter
from tests.browser.conftest import Visit
from tests.web.fake_runtime import SECRET, SERIAL, SIZE, FakeRuntime

pytestmark = pytest.mark.browser

COVERED, RAW = "#covered canvas", "#raw canvas"

PIXEL = """([selector, x, y]) => {
  const canvas = document.querySelector(selector);
  const [left, top] = [Math.round(x * canvas.width), Math.round(y * canvas.height)];
  return [...canvas.getContext("2d").getImageData(left, top, 1, 1).data];
}"""


def redness(page: Page, selector: str) -> int:
    x, y = SECRET.centre
    red, green, _, _ = page.evaluate(PIXEL, [selector, x / SIZE[0], y / SIZE[1]])
    return int(red - green)


def until(true: Callable[[], Any], page: Page, deadline_s: float = 20.0) -> None:
    end = time.monotonic() + deadline_s
    while not true():
        assert time.monotonic() < end, "it never became true"
        page.wait_for_timeout(20)


def at(page: Page, selector: str, x: int, y: int) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] * x / SIZE[0], box["y"] + box["height"] * y / SIZE[1]


def test_a_covered_line_is_uncovered_when_its_intervention_goes_off(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    until(lambda: redness(page, RAW) > 200, page)
    assert redness(page, COVERED) < 30
    switch = page.get_by_role("switch", name="cover on")
    switch.click()
    until(lambda: redness(page, COVERED) > 200, page)
    assert not runtime.shown["cover"].enabled
    switch.click()
    until(lambda: redness(page, COVERED) < 30, page)


def test_a_switch_keeps_the_keyboards_focus(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    switch = page.get_by_role("switch", name="cover on")
    switch.focus()
    for enabled in (False, True):
        page.keyboard.press("Space")
        until(lambda: runtime.shown["cover"].enabled is enabled, page)  # noqa: B023
    expect(switch).to_be_focused()
    expect(switch).to_be_checked()


def test_a_tap_a_drag_and_the_wheel_arrive_in_the_phones_pixels(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.mouse.click(*at(page, COVERED, 540, 1000))
    until(lambda: len(runtime.asked) >= 2, page)
    (_, serial, down, x, y), (_, _, up, _, _) = runtime.asked[0], runtime.asked[-1]
    assert (serial, down, up) == (SERIAL, "down", "up")
    assert abs(x - 540) <= 3
    assert abs(y - 1000) <= 3
    runtime.asked.clear()
    page.mouse.move(*at(page, COVERED, 500, 1600))
    page.mouse.down()
    page.mouse.move(*at(page, COVERED, 500, 600), steps=40)
    page.mouse.up()
    until(lambda: runtime.asked and runtime.asked[-1][2] == "up", page)
    actions = [asked[2] for asked in runtime.asked]
    assert actions[0] == "down"
    assert "move" in actions
    ys = [asked[4] for asked in runtime.asked]
    assert ys == sorted(ys, reverse=True)
    assert abs(ys[-1] - 600) <= 3
    runtime.asked.clear()
    page.mouse.wheel(0, 300)
    until(lambda: runtime.asked, page)
    kind, _, start, end, _ = runtime.asked[0]
    assert kind == "swipe"
    assert end[1] < start[1], "turning the wheel down moves the content up"
    assert refused == []


def test_a_phone_that_takes_touches_slowly_gets_the_newest_move_and_every_down_and_up(
    visit: Visit, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit()
    go_on, touch = threading.Event(), runtime.touch
    monkeypatch.setattr(runtime, "touch", lambda *asked: go_on.wait(20) and touch(*asked))
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.mouse.move(*at(page, COVERED, 500, 1600))
    page.mouse.down()
    page.mouse.move(*at(page, COVERED, 500, 600), steps=30)
    page.mouse.up()
    page.mouse.click(*at(page, COVERED, 100, 100))
    go_on.set()
    until(lambda: len(runtime.asked) >= 5, page)
    assert [asked[2] for asked in runtime.asked] == ["down", "move", "up", "down", "up"]
    assert abs(runtime.asked[1][4] - 600) <= 3
    page.mouse.click(*at(page, COVERED, 100, 100))
    until(lambda: len(runtime.asked) >= 7, page)
    assert refused == []


def test_typing_on_the_mirror_and_in_the_field_reaches_the_phone(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    page.locator(COVERED).focus()
    page.keyboard.type("hi you")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    until(lambda: ("key", SERIAL, "back") in runtime.asked, page)
    assert "".join(asked[2] for asked in runtime.asked if asked[0] == "text") == "hi you"
    assert [asked[2] for asked in runtime.asked if asked[0] == "key"] == ["enter", "back"]
    page.get_by_label("Type on the phone").first.fill("grüß dich")
    page.keyboard.press("Enter")
    until(lambda: ("text", SERIAL, "grüß dich") in runtime.asked, page)
    page.get_by_role("button", name="Home").click()
    until(lambda: ("key", SERIAL, "home") in runtime.asked, page)


def test_tab_leaves_the_mirror(visit: Visit) -> None:
    page = visit()
    page.locator(COVERED).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"


def test_every_kind_of_parameter_has_a_field_that_works(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    page.get_by_role("button", name="cover", exact=True).click()
    form = page.locator(".card[data-name=cover] form")
    form.get_by_label("threshold").fill("0.8")
    form.get_by_label("rows").fill("7")
    form.get_by_label("style").select_option("blur")
    form.get_by_label("judge").select_option("nudenet")
    form.get_by_label("whole paragraph").uncheck()
    form.get_by_label("offensive_language").check()
    form.get_by_label("exempt").fill("anna\n\n bob ")
    form.get_by_label("note").fill("hidden")
    page.keyboard.press("Tab")
    wanted = {
        "judge": "nudenet",
        "threshold": 0.8,
        "rows": 7,
        "style": "blur",
        "whole_paragraph": False,
        "classes": ("hate_speech", "offensive_language"),
        "exempt": ("anna", "bob"),
        "note": "hidden",
    }
    until(lambda: runtime.shown["cover"].values == wanted, page)


def test_a_wrong_value_is_explained_where_it_was_typed(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    page.get_by_role("button", name="cover", exact=True).click()
    field = page.locator(".card[data-name=cover] form").get_by_label("threshold")
    field.fill("7")
    page.keyboard.press("Tab")
    expect(page.locator(".card[data-name=cover] .said")).to_contain_text("a number from 0 to 1")
    assert runtime.shown["cover"].values["threshold"] == 0.5
    expect(field).to_have_value("0.5")


def test_a_failed_intervention_shows_its_traceback(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    card = page.locator(".card[data-name=broken]")
    expect(card.locator(".fault")).to_contain_text("division by zero")
    card.locator("summary").click()
    expect(card.locator("pre")).to_be_visible()
    runtime.shown["broken"] = replace(runtime.shown["broken"], error="", traceback="")
    expect(card.locator(".fault")).to_be_hidden()


def test_the_journal_is_live_and_searchable(visit: Visit, runtime: FakeRuntime) -> None:
    runtime.journal.append(
        ActionEntry(phone=SERIAL, frame=i, intervention="cover", action="Cover", why=f"line {i}") for i in range(150)
    )
    assert runtime.journal.flush()
    page = visit()
    records = page.locator("#records li")
    expect(records).to_have_count(60)
    page.get_by_role("button", name="Older").click()
    expect(records).to_have_count(120)
    page.get_by_role("button", name="Older").click()
    expect(records).to_have_count(150)
    runtime.journal.append([EventEntry(event="phone.lost", message="<b>unplugged</b>")])
    expect(records.first).to_contain_text("<b>unplugged</b>")
    page.get_by_label("Search the journal").fill("LINE 77")
    expect(records).to_have_count(1)
    expect(records).to_contain_text("frame 77")
    runtime.journal.append([EventEntry(event="phone.back")])
    page.get_by_role("button", name="1 new").click()
    expect(records.first).to_contain_text("phone.back")
    page.get_by_label("Kind").select_option("event")
    expect(records).to_have_count(2)


def test_a_journal_that_is_not_written_says_so(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    runtime.journal._writer.trouble = "database or disk is full"
    expect(page.locator("#journal-health")).to_contain_text("disk is full")


def test_the_stage_timings_are_drawn(visit: Visit, runtime: FakeRuntime) -> None:
    now = time.monotonic()
    runtime.stages = [StageTimings(stage="ocr", points=tuple((now - i, 0.05) for i in range(50, 0, -1)))]
    page = visit()
    expect(page.locator("#stages")).to_contain_text("ocr")
    expect(page.locator("#stages")).to_contain_text("50.0")
    until(lambda: page.evaluate("document.getElementById('plot').naturalWidth") > 0, page)


def test_a_question_is_answered_over_the_mirror(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    runtime.open(Interstitial(key="q", kind="ask", message="Was it worth it?", answers=("Yes", "No")))
    dialog = page.get_by_role("dialog", name="Was it worth it?")
    dialog.get_by_role("button", name="No").click()
    expect(dialog).to_have_count(0)
    assert ("answer", SERIAL, "q", "No") in runtime.asked


def test_a_lost_phone_is_explained_and_comes_back(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    runtime.listed[0] = replace(runtime.listed[0], state="lost", reason="the cable was pulled")
    expect(page.locator("#covered .veil")).to_contain_text("the cable was pulled")
    runtime.listed[0] = replace(runtime.listed[0], state="live", reason="")
    expect(page.locator("#covered .veil")).to_be_hidden()


def test_a_backend_that_is_gone_is_reported(visit: Visit, server: Server) -> None:
    page = visit()
    server.stop()
    expect(page.locator("#covered .veil")).to_contain_text("No picture")
    expect(page.get_by_text("the backend does not answer")).to_be_visible()


def test_a_participant_is_invited(visit: Visit, server: Server) -> None:
    page = visit()
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_label("Login link")).to_have_value(re.compile(re.escape(f"{server.url}login?token=") + ".+"))


def test_logging_out_leaves_nothing_to_see(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Open your login link")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_nothing_runs_off_the_side(visit: Visit, width: int, height: int) -> None:
    page = visit(width=width, height=height)
    expect(page.locator(".card").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_raw_picture_that_is_not_shown_is_not_fetched(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit(width=390, height=844)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    runtime.compose()
    until(lambda: any("/mirror/" in url for url in asked), page)
    assert not any("/raw/" in url for url in asked)


def test_a_phone_that_came_back_and_counts_anew_is_followed(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    for _ in range(5):
        runtime.compose()
    expect(page.locator(COVERED)).to_have_attribute("data-frame", "6")
    runtime.listed[0] = replace(runtime.listed[0], state="lost")
    runtime.start_over()
    expect(page.locator("#covered .veil")).to_be_visible()
    runtime.listed[0] = replace(runtime.listed[0], state="live")
    expect(page.locator(COVERED)).to_have_attribute("data-frame", "1")


def test_the_share_that_got_a_second_opinion_stands_with_the_intervention(visit: Visit, runtime: FakeRuntime) -> None:
    view = runtime.shown["cover"]
    judge = Parameter("judge", "model", "hatesonar", "who judges")
    runtime.shown["cover"] = replace(view, parameters=(judge,), values={"judge": "a > b"})
    runtime.cascades = [
        Escalation("a > b", judged=1240, escalated=62, answered=60, overturned=7, waiting=2),
        Escalation("c > d", judged=9, escalated=9),
    ]
    page = visit()
    card = page.locator('.card[data-name="cover"]')
    expect(card).to_contain_text("second opinion on 5.0 % (62 of 1,240 texts), 7 of 60 overturned, 2 waiting")
    expect(page.locator(".cards")).not_to_contain_text("9 of 9")
