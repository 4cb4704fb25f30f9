"""The framework seen from an app of the tests' own, which does what the packaged apps do not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_agent.virtual_phone import installed
from device_agent.virtual_phone.logcat import LogBuffer
from device_agent.virtual_phone.window import gestures
from device_agent.virtual_phone.window.server import WindowServer
from tests.virtual_phone.probe_app import PROBE


class Probe:
    """The window server with the probe in front, and its log."""

    def __init__(self, probe_jar: Path) -> None:
        self.log = LogBuffer()
        packages = (installed.PACKAGES[0], PROBE)
        self.server = WindowServer((1080, 2220), 420, 1, packages, probe_jar, self.log.write)

    def said(self) -> list[str]:
        return [line.message for line in self.log.since(0)[0] if line.tag == "Probe"]

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + 10
        while text not in self.said():
            assert time.monotonic() < deadline, f"the probe did not say {text!r} but {self.said()}"
            time.sleep(0.01)

    def box(self, name: str) -> tuple[int, int, int, int]:
        nodes = self.server.foreground().scene.nodes.values()  # type: ignore[union-attr]
        found = next(node for node in nodes if node.resource_id == f"org.mindproof.probe:id/{name}")
        left, top = found.x, found.y
        above = found.parent
        while above is not None:
            left, top = left + above.x - above.scroll[0], top + above.y - above.scroll[1]
            above = above.parent
        return left, top, left + found.width, top + found.height

    def tap(self, name: str) -> None:
        left, top, right, bottom = self.box(name)
        self.server.input.play(gestures.tap((left + right) // 2, (top + bottom) // 2))


@pytest.fixture
def probe(probe_jar: Path) -> Iterator[Probe]:
    probe = Probe(probe_jar)
    probe.server.start()
    probe.server.open(PROBE.name)
    yield probe
    probe.server.stop()


def test_a_bitmap_made_of_pixels_gives_them_back_and_is_drawn(probe: Probe) -> None:
    assert "pixels true png true" in probe.said()
    left, top, right, bottom = probe.box("made")
    shown = probe.server.screenshot()[top:bottom, left:right, :3]
    assert tuple(shown[160, 100]) == (255, 0, 0)
    assert tuple(shown[160, 540]) == (0, 0, 255)


def test_a_password_is_typed_and_shown_as_dots(probe: Probe) -> None:
    probe.tap("secret")
    probe.server.input.type("abc")
    probe.server.input.key(67)
    assert "typed ab" in probe.said()
    assert 'text="••"' in probe.server.dump_tree()
    assert 'password="true"' in probe.server.dump_tree()


def test_holding_still_is_a_long_click(probe: Probe) -> None:
    left, top, right, bottom = probe.box("held")
    x, y = (left + right) // 2, (top + bottom) // 2
    probe.server.input.play(gestures.swipe(x, y, x, y, 200))
    assert "held" not in probe.said()
    probe.server.input.play(gestures.swipe(x, y, x, y, 500))
    assert probe.said().count("held") == 1


def test_a_window_over_the_activity_is_drawn_and_lets_touches_through(probe: Probe) -> None:
    probe.tap("overlay")
    assert tuple(probe.server.screenshot()[1680, 300, :3]) == (0, 170, 0)
    probe.server.input.play(gestures.tap(100, 1600))
    assert "down 100 1600" in probe.said()
    probe.tap("overlay")
    assert tuple(probe.server.screenshot()[1680, 300, :3]) != (0, 170, 0)


def test_a_window_can_become_secure_later(probe: Probe) -> None:
    assert probe.server.screenshot()[:, :, :3].max() == 255
    probe.tap("secure")
    assert probe.server.screenshot()[:, :, :3].max() == 0


def test_a_scroll_view_scrolls_to_its_end_and_no_further(probe: Probe) -> None:
    bottom = probe.box("scroller")[3]
    for _ in range(4):
        probe.server.input.play(gestures.swipe(540, 1900, 540, 1300, 64))
    deadline = time.monotonic() + 10
    while probe.box("last")[3] != bottom:
        assert time.monotonic() < deadline, f"the last line ends at {probe.box('last')[3]}, not at {bottom}"
        time.sleep(0.02)


def test_an_exception_on_any_thread_ends_the_app(probe: Probe) -> None:
    probe.tap("crash")
    deadline = time.monotonic() + 10
    while (front := probe.server.foreground()) is None or front.package.name == PROBE.name:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    messages = [line.message for line in probe.log.since(0)[0]]
    assert "FATAL EXCEPTION: worker" in messages
    assert "java.lang.IllegalStateException: off the main thread" in messages


def test_an_app_that_hangs_is_reported_and_holds_up_nobody_for_long(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device_agent.virtual_phone.window.app.ANSWER_S", 0.2)
    probe.tap("hang")
    assert "woke" not in probe.said()
    assert probe.server.screenshot().any()
    assert any("ANR in org.mindproof.probe" in line.message for line in probe.log.since(0)[0])
    probe.wait_for("woke")


def test_what_another_thread_asks_about_pictures_neither_shows_half_a_turn_nor_keeps_it_from_showing(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device_agent.virtual_phone.window.app.ANSWER_S", 0.2)
    probe.tap("half")
    probe.wait_for("half")
    half = probe.server.dump_tree()
    assert "woke" not in probe.said()
    assert 'text="half a turn"' in half
    frame = probe.server.frame_number()
    probe.wait_for("woke")
    probe.server.wait_for_frame(frame, 10)
    assert 'text="changed"' in probe.server.dump_tree()


def test_a_token_opens_the_door_once(probe: Probe) -> None:
    app = probe.server.foreground()
    assert app is not None
    assert not app.redeem(None)
    assert not app.redeem("café\ud800")
    environment = Path(f"/proc/{app.pid}/environ").read_bytes().split(b"\0")
    token = next(entry for entry in environment if entry.startswith(b"MINDPROOF_TOKEN=")).decode().partition("=")[2]
    assert len(token) == 32
    assert not app.redeem(token)


def test_work_posted_from_another_thread_runs(probe: Probe) -> None:
    probe.tap("count")
    probe.wait_for("posted")


def test_leaving_pauses_and_coming_back_resumes(probe: Probe) -> None:
    probe.server.input.key(3)
    probe.wait_for("paused")
    probe.server.open(PROBE.name)
    probe.wait_for("resumed")
    deadline = time.monotonic() + 10
    while probe.said().count("resumed") < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
