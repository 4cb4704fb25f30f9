"""The main job in a real browser over the real backend, models and ADB protocol; only the phone is virtual."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from backend.web.app import create_app
from backend.web.server import serve
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.still import StillDevice
from tests.browser.test_researcher_page import until
from tests.pipeline.conftest import INSULT, KIND, SIZE, Watched, screen

pytestmark = pytest.mark.browser

INK = """([selector, line, height]) => {
  const canvas = document.querySelector(selector);
  const scale = canvas.height / height;
  const data = canvas.getContext("2d").getImageData(
    Math.round(40 * scale), Math.round((200 + 100 * line) * scale),
    Math.round(500 * scale), Math.round(40 * scale)).data;
  let least = 255, most = 0;
  for (let i = 0; i < data.length; i += 4) { least = Math.min(least, data[i]); most = Math.max(most, data[i]); }
  return most - least;
}"""


@pytest.fixture
def opened(tmp_path, chromium: Browser) -> Iterator[tuple[Page, Watched]]:
    with (
        StillDevice(*screen(KIND, INSULT)) as device,
        AdbDaemon(device, port=0, accept_first=True) as daemon,
    ):
        watched = Watched(tmp_path, device, daemon)
        watched.runtime.enable("hate_speech")
        watched.watch()
        with serve(create_app(watched.runtime)) as server:
            context = chromium.new_context(viewport={"width": 1440, "height": 900})
            page = context.new_page()
            page.goto(server.login_url)
            page.wait_for_selector("canvas[data-frame]")
            yield page, watched
            context.close()
        watched.runtime.close()


def ink(page: Page, selector: str, line: int) -> int:
    """The contrast of a line's row on the canvas: 0 where nothing can be read."""
    return int(page.evaluate(INK, [selector, line, SIZE[1]]))


def test_a_researcher_sees_a_covered_line_uncovers_it_and_taps_through(opened: tuple[Page, Watched]) -> None:
    page, watched = opened
    covered, raw = "#covered canvas", "#raw canvas"
    until(lambda: ink(page, raw, 1) > 120, page)
    until(lambda: ink(page, covered, 1) < 60 < ink(page, covered, 0), page)
    switch = page.get_by_role("switch", name="hate_speech on")
    switch.click()
    until(lambda: ink(page, covered, 1) > 120, page)
    switch.click()
    until(lambda: ink(page, covered, 1) < 60, page)
    x, y = SIZE[0] // 2, SIZE[1] // 2
    box = page.locator(covered).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * x / SIZE[0], box["y"] + box["height"] * y / SIZE[1])
    until(lambda: len(watched.device.touches) >= 2, page)
    kind, action, touched_x, touched_y = watched.device.touches[0]
    assert (kind, action) == ("motion", "DOWN")
    assert abs(touched_x - x) <= 3
    assert abs(touched_y - y) <= 3


def test_the_covered_pixels_never_reach_the_browser(opened: tuple[Page, Watched]) -> None:
    """Every picture that the page fetches of the covered mirror, not only what it draws."""
    page, watched = opened
    until(lambda: ink(page, "#covered canvas", 1) < 60, page)
    for shift in range(6):
        watched.device.show(*screen(*[KIND] * shift, INSULT, KIND))
        row = shift
        until(lambda row=row: ink(page, "#raw canvas", row + 1) > 120 and ink(page, "#raw canvas", row) > 120, page)
        until(lambda row=row: ink(page, "#covered canvas", row + 1) > 120, page)
        assert ink(page, "#covered canvas", row) < 60
