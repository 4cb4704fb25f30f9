"""What a participant sees and can do, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from backend.web.runtime import Interstitial
from tests.browser.conftest import Visit
from tests.browser.test_researcher_page import redness, until
from tests.web.fake_runtime import SERIAL, FakeRuntime

pytestmark = pytest.mark.browser

MIRROR = "#phone canvas"


def test_the_browser_never_asks_for_the_raw_picture(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit("participant", width=390, height=844)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    runtime.compose()
    until(lambda: any("/mirror/" in url for url in asked), page)
    assert redness(page, MIRROR) < 30
    assert not any("/raw/" in url or "/api/interventions" in url for url in asked)


def test_a_pause_opens_only_after_its_countdown(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit("participant")
    runtime.open(Interstitial(key="gate", kind="delay", message="Take a breath.", seconds=1.0, remaining_s=1.0))
    dialog = page.get_by_role("dialog", name="Take a breath.")
    go_on = dialog.get_by_role("button", name="Continue")
    expect(go_on).to_be_disabled()
    expect(go_on).to_be_enabled()
    go_on.click()
    expect(dialog).to_have_count(0)
    assert ("answer", SERIAL, "gate", "dismiss") in runtime.asked


def test_leaving_is_possible_at_once_and_by_keyboard(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit("participant")
    runtime.open(Interstitial(key="gate", kind="delay", message="Take a breath.", seconds=60, remaining_s=60))
    expect(page.get_by_role("button", name="Leave the app")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert ("answer", SERIAL, "gate", "leave") in runtime.asked


def test_a_participant_pauses_and_goes_on(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit("participant")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".veil")).to_contain_text("Paused")
    expect(page.get_by_role("status").first).to_contain_text("Paused")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".veil")).to_be_hidden()
    assert [asked[0] for asked in runtime.asked if asked[0] in ("pause", "resume")] == ["pause", "resume"]


def test_a_notice_is_shown_and_told_to_screen_readers(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit("participant")
    runtime.notices = ("Two pictures were covered.",)
    runtime.compose()
    expect(page.locator(".notices[role=status]")).to_contain_text("Two pictures were covered.")
