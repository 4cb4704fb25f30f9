"""Somebody points at the stories bar of a real app; it stays hidden after scrolling and after a new start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page, expect

from backend.annotations.packs import Entry, open_pack, write
from backend.phones.virtual import start_virtual_phone
from backend.pipeline.runtime import BackendRuntime
from backend.settings import Settings
from backend.store.journal import Journal
from backend.web.app import create_app
from backend.web.server import serve
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.still import StillDevice
from tests.browser.conftest import Visit
from tests.browser.test_researcher_page import until
from tests.pipeline.conftest import INSULT, KIND, Watched, screen
from tests.pipeline.conftest import until as eventually
from tests.web.fake_runtime import SECRET, SERIAL, SIZE, FakeRuntime

pytestmark = pytest.mark.browser

FEED = "am start -n org.mindproof.feed/.FeedActivity"
BAR = slice(250, 390)
"""Rows of the screen that the pictures of the stories fill."""


@contextmanager
def backend(home: Path, serial: str) -> Iterator[BackendRuntime]:
    settings = Settings(home=home, port=0, mirror_width=1080)
    runtime = BackendRuntime(settings, Journal.open(settings.journal_url))
    try:
        runtime.add_phone(serial)
        yield runtime
    finally:
        runtime.close()


def shown(runtime: BackendRuntime, serial: str, covered: bool = True) -> np.ndarray:
    source = runtime.mirror(serial) if covered else runtime.raw(serial)
    image = source.newest(0, 20.0)
    assert image is not None
    return np.asarray(cv2.imdecode(np.frombuffer(image.jpeg, np.uint8), cv2.IMREAD_COLOR))


def has_stories(runtime: BackendRuntime, serial: str, covered: bool = True) -> bool:
    """Whether the bar's place is full of pictures, or as plain as what surrounds it."""
    return float(shown(runtime, serial, covered)[BAR].std()) > 25


def begin(page: Page) -> Callable[[int, int], tuple[float, float]]:
    """Begin to point; tells where on the page a pixel of the phone's screen is."""
    page.get_by_role("button", name="Hide…").click()
    expect(page.locator(".picker")).to_be_visible()
    box = page.locator(".picker").bounding_box()
    assert box is not None
    return lambda x, y: (box["x"] + box["width"] * x / SIZE[0], box["y"] + box["height"] * y / SIZE[1])


def choose(page: Page, x: int, y: int, name: str) -> None:
    """Point at a place of the phone's screen, and go outwards until `name` is meant."""
    page.mouse.click(*begin(page)(x, y))
    meant = page.locator(".meant")
    expect(meant).to_be_visible()
    while meant.inner_text() != name:
        before = meant.inner_text()
        page.get_by_role("button", name="Something larger").click()
        expect(meant).not_to_have_text(before)


def test_a_stories_bar_is_hidden_and_stays_hidden(tmp_path: Path, chromium: Browser) -> None:
    with start_virtual_phone(port=0) as phone:
        with backend(tmp_path, phone.serial) as runtime, serve(create_app(runtime)) as server:
            session = runtime.session(phone.serial)
            page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
            page.goto(server.login_url)
            page.wait_for_selector("canvas[data-frame]")
            session.phone.shell(FEED)
            until(lambda: session.shown is not None and session.shown.app.package == "org.mindproof.feed", page)
            until(lambda: has_stories(runtime, phone.serial), page)
            choose(page, 300, 300, "stories bar (list)")
            page.get_by_role("button", name="Hide this").click()
            until(lambda: not has_stories(runtime, phone.serial), page)
            assert has_stories(runtime, phone.serial, covered=False)
            session.phone.swipe(540, 1600, 540, 900, 300)
            session.phone.swipe(540, 700, 540, 1700, 300)
            until(lambda: has_stories(runtime, phone.serial, covered=False), page)
            until(lambda: not has_stories(runtime, phone.serial), page)
            page.context.close()
        with backend(tmp_path, phone.serial) as runtime:
            assert not has_stories(runtime, phone.serial)  # not even in the first picture
            assert has_stories(runtime, phone.serial, covered=False)
            (made,) = runtime.teaching.history()
            runtime.teaching.undo(made.id, "researcher")
            eventually(lambda: has_stories(runtime, phone.serial))


def test_a_participant_points_with_the_keyboard_and_takes_it_back(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit("participant", width=390, height=844)
    page.get_by_role("button", name="Hide…").click()
    picker = page.locator(".picker")
    expect(picker).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".spoken")).to_have_text("stories (list)")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Hide this")).to_be_focused()
    expect(page.get_by_text("on every phone")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(picker).to_be_hidden()
    assert runtime.asked[-1][0] == "lessons"
    assert runtime.asked[-1][1].startswith(f"{SERIAL} ")
    page.get_by_text("Hidden by hand: 1").click()
    page.get_by_role("button", name="Show again").click()
    expect(page.get_by_text("Hidden by hand: 0")).to_be_visible()
    assert runtime.asked[-1] == ("lessons",)


def test_what_is_pointed_at_is_never_covered(visit: Visit) -> None:
    page = visit()
    page.mouse.move(*begin(page)(320, 220))
    outline, label = (page.locator(f".picker .{name}").bounding_box() for name in ("outline", "label"))
    assert outline is not None
    assert label is not None
    assert label["y"] + label["height"] <= outline["y"] or label["y"] >= outline["y"] + outline["height"]
    assert page.locator(".outline").evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgba(0, 0, 0, 0)"
    page.keyboard.press("Escape")
    expect(page.locator(".picker")).to_be_hidden()


def test_the_picture_stands_still_while_somebody_points(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit()
    canvas = page.locator("#covered canvas")
    begin(page)
    runtime.compose()
    until(lambda: page.locator("#raw canvas").get_attribute("data-frame") == "2", page)
    assert canvas.get_attribute("data-frame") == "1"
    page.keyboard.press("Escape")
    expect(canvas).to_have_attribute("data-frame", "2")


def test_a_box_is_drawn_around_what_has_no_name(visit: Visit, runtime: FakeRuntime) -> None:
    page = visit("participant")
    at = begin(page)
    corners = at(SECRET.left - 70, SECRET.top - 50), at(SECRET.right + 70, SECRET.bottom + 40)
    page.mouse.move(*corners[0])
    page.mouse.down()
    page.mouse.move(*corners[1], steps=5)
    page.mouse.up()
    expect(page.locator(".meant")).to_have_text("this piece of the screen")
    expect(page.get_by_role("button", name="Something larger")).to_be_disabled()
    page.get_by_role("button", name="Hide this").click()
    until(lambda: runtime.asked and runtime.asked[-1][0] == "lessons", page)
    assert "##crop=" in runtime.asked[-1][1]


def test_a_pack_of_a_stranger_is_looked_at_before_it_is_taken_in(
    visit: Visit, runtime: FakeRuntime, tmp_path: Path
) -> None:
    app = "org.example.feed"
    entry = Entry(app=app, name="stories", breadth="this", rule=f"{app}##viewId={app}:id/stories")
    file = tmp_path / "theirs.pack.json"
    file.write_bytes(write("Quiet feeds", [entry], Ed25519PrivateKey.generate()))
    page = visit()
    page.get_by_text("Hidden by hand: 0").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take in a pack…").click()
    chooser.value.set_files(file)
    dialog = page.get_by_role("dialog", name="Quiet feeds")
    expect(dialog).to_contain_text("stories in org.example.feed")
    expect(dialog).to_contain_text("on this screen")
    take = dialog.get_by_role("button", name="Take in")
    expect(take).to_be_disabled()
    dialog.get_by_label("I trust this author").check()
    take.click()
    expect(page.get_by_text("Hidden by hand: 1")).to_be_visible()
    assert runtime.asked[-1] == ("lessons", f"{SERIAL} {entry.rule}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a pack").click()
    assert open_pack(Path(download.value.path()).read_bytes()).entries == (entry,)


def test_a_wrong_verdict_is_corrected_and_its_kind_follows_within_seconds(tmp_path: Path, chromium: Browser) -> None:
    """Real judge, real embeddings, the real ADB protocol; only the phone is virtual."""
    kin = "you are such a worthless stupid bitch"
    with (
        StillDevice(*screen(KIND, INSULT)) as device,
        AdbDaemon(device, port=0, accept_first=True) as daemon,
    ):
        watched = Watched(tmp_path, device, daemon)
        watched.runtime.enable("hate_speech")
        watched.watch()
        with serve(create_app(watched.runtime)) as server:
            page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
            page.goto(server.login_url)
            page.wait_for_selector("canvas[data-frame]")
            until(lambda: watched.ink(0) > 120 and watched.ink(1) < 60, page)
            at = begin(page)
            page.mouse.click(*at(round(200 / 720 * SIZE[0]), round(320 / 1280 * SIZE[1])))
            expect(page.locator(".meant")).to_have_text("hidden by hate_speech")
            page.get_by_role("button", name="This was fine").click()
            until(lambda: watched.ink(1) > 120, page)  # the very text, at once
            assert watched.runtime.judges.people.settled(60)
            device.show(*screen(kin, KIND))
            until(lambda: watched.ink(0) > 120 and watched.ink(1) > 120, page)  # its kind as well
            page.get_by_text("1 corrected").click()
            page.get_by_role("button", name="Take back").click()
            until(lambda: watched.ink(0) < 60 < watched.ink(1), page)
            page.context.close()
        watched.runtime.close()
