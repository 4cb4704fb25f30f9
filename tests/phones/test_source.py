"""The live source over the real protocol: what it shows, and what it survives."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import pytest

from backend.phones.backoff import Backoff
from backend.phones.frame import Frame
from backend.phones.phone import Phone
from backend.phones.source import ACCEPT_PATIENCE_S, FrameSource
from device_agent.virtual_phone.adb.auth import TrustedHosts

METHODS = ["raw", "h264"]


@contextmanager
def live(phone: Phone, **how: Any) -> Iterator[FrameSource]:
    source = FrameSource(phone, **{"tree_interval_s": 0.01, **how})
    with source:
        yield source


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    yield
    names = [thread.name for thread in threading.enumerate() if thread.name.startswith(("capture", "surroundings"))]
    assert names == []


@pytest.fixture
def until(eventually: Any) -> Callable[[FrameSource, Callable[[Frame], object]], Frame]:
    """Wait for a frame of which something holds."""

    def wait(source: FrameSource, holds: Callable[[Frame], object]) -> Frame:
        found: list[Frame] = []

        def look() -> bool:
            frame = source.newest(0, 0.5)
            if frame is not None and holds(frame):
                found.append(frame)
            return bool(found)

        eventually(look)
        return found[0]

    return wait


def shows(shade: int) -> Callable[[Frame], bool]:
    return lambda frame: abs(int(frame.pixels[-8, -8, 0]) - shade) < 6


@pytest.mark.parametrize("method", METHODS)
def test_shows_each_change_with_its_app_and_tree(scripted: Any, phone: Phone, until: Any, method: str) -> None:
    scripted.commands["screenrecord"] = scripted.video
    with live(phone, method=method) as source:
        first = source.newest(0, 10)
        assert first is not None
        assert first.app.package == "org.example"
        for shade in (30, 150):
            scripted.show(scripted.picture(shade), scripted.tree_xml(f"shade {shade}"))
            frame = until(source, lambda f, shade=shade: shows(shade)(f) and f.tree and f.tree.asked_s >= f.time_s)
            assert frame.tree.widgets[0].text == f"shade {shade}"
            assert frame.source == method
        assert source.state.kind == "live"
        assert source.stats.pictures >= 3
        assert source.stats.trees >= 2


def test_a_still_screen_gives_no_new_frames_and_no_new_trees(scripted: Any, phone: Phone, until: Any) -> None:
    with live(phone, method="raw", idle_fps=200) as source:
        # A screen at rest is confirmed by a second tree, and then no more.
        number = until(source, lambda f: f.tree and f.tree.asked_s - f.time_s > 0.4).number
        looked = scripted.asked.count("screencap 2>/dev/null")
        trees = source.stats.trees
        assert source.newest(number, 0.5) is None
        assert scripted.asked.count("screencap 2>/dev/null") > looked
        assert source.stats.trees == trees


@pytest.mark.parametrize("method", METHODS)
def test_a_phone_that_goes_is_reported_once_and_comes_back(
    scripted: Any, phone: Phone, until: Any, eventually: Any, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    scripted.commands["screenrecord"] = scripted.video
    with live(phone, method=method) as source, caplog.at_level(logging.INFO):
        until(source, lambda f: f.tree)
        scripted.stop()
        eventually(lambda: source.state.kind == "lost")
        eventually(lambda: "nothing listens" in source.state.reason)
        assert source.state.remedy
        scripted.show(scripted.picture(210))
        scripted.start()
        until(source, lambda f: shows(210)(f) and f.tree)
        assert source.state.kind == "live"
        assert source.stats.reconnects == 1
        warnings = [r for r in caplog.records if r.levelno >= logging.WARNING and r.name.startswith("backend.phones")]
        assert len(warnings) == 1
        phone.tap(5, 5)  # the phone's own lane has recovered too
        assert "input tap 5 5" in scripted.asked


def test_an_unaccepted_key_is_a_state_that_ends_when_it_is_accepted(
    scripted: Any, key_dir: Path, tmp_path: Path, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.phones.source.ACCEPT_PATIENCE_S", 0.5)
    scripted.trusted = TrustedHosts(tmp_path / "adb_keys", accept_first=False)
    phone = Phone(scripted.serial, key_dir, accept_timeout_s=0.2)
    with live(phone, method="raw") as source:
        eventually(lambda: source.state.kind == "unauthorised")
        assert "Always allow" in source.state.remedy
        scripted.trusted = TrustedHosts(tmp_path / "adb_keys", accept_first=True)
        eventually(lambda: source.state.kind == "live")
    phone.close()


def test_stopping_does_not_wait_for_the_owner(scripted: Any, key_dir: Path, tmp_path: Path, eventually: Any) -> None:
    scripted.trusted = TrustedHosts(tmp_path / "adb_keys", accept_first=False)
    phone = Phone(scripted.serial, key_dir)
    source = FrameSource(phone).start()
    eventually(lambda: source.state.kind == "unauthorised")
    began = time.monotonic()
    source.stop()
    assert time.monotonic() - began < ACCEPT_PATIENCE_S / 2
    phone.close()


def test_a_truncated_picture_is_told_and_the_next_one_counts(
    scripted: Any, phone: Phone, until: Any, eventually: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with live(phone, method="raw") as source:
        until(source, shows(100))
        whole = scripted.commands["screencap"]
        cut = scripted.screencap(scripted.picture(20))[:-1000]
        times: list[int] = []

        def broken_twice(stream: Any) -> None:
            times.append(1)
            if len(times) > 2:
                whole(stream)
            else:
                stream.write(cut)

        scripted.show(scripted.picture(60))
        scripted.commands["screencap"] = broken_twice
        until(source, shows(60))
        assert source.state.kind == "live"
        assert f"got {len(cut)} bytes, expected {len(cut) + 1000}" in caplog.text


def test_pictures_that_stay_broken_are_a_lost_phone(scripted: Any, phone: Phone, eventually: Any) -> None:
    scripted.commands["screencap"] = b"Capture failed: status -1"
    with live(phone, method="raw") as source:
        eventually(lambda: source.state.kind == "lost" and "Capture failed" in source.state.reason)


@pytest.mark.parametrize(
    ("output", "says"),
    [
        (b"ERROR: could not get idle state.\n", "never comes to rest"),
        (b"ERROR: null root node returned by UiTestAutomationBridge.\n", "no UI tree at this moment"),
        (b"<?xml version='1.0'?><hierarchy><node text='", "cut off"),
        (b"<hierarchy>" + b" " * (7 << 20) + b"</hierarchy>", "more than"),
    ],
)
def test_a_bad_tree_leaves_the_frames_alone(
    scripted: Any, phone: Phone, until: Any, eventually: Any, output: bytes, says: str
) -> None:
    good = scripted.commands["uiautomator dump"]
    scripted.commands["uiautomator dump"] = output
    with live(phone, method="raw") as source:
        eventually(lambda: says in source.stats.tree_problem)
        scripted.show(scripted.picture(170))
        until(source, lambda f: shows(170)(f) and f.tree is None and f.app.package == "org.example")
        scripted.commands["uiautomator dump"] = good
        until(source, lambda f: f.tree)
        assert source.stats.tree_problem == ""


def test_a_phone_that_cannot_dump_to_a_terminal_dumps_to_a_file(scripted: Any, phone: Phone) -> None:
    scripted.commands = {
        "uiautomator dump /dev/tty": b"UI hierchary dumped to: /dev/tty\n",
        "rm -f /data/local/tmp/": scripted.tree_xml("from a file"),
        **scripted.commands,
    }
    assert phone.tree().widgets[0].text == "from a file"
    assert phone.tree().widgets[0].text == "from a file"
    assert scripted.asked.count("uiautomator dump /dev/tty") == 1


def test_slow_trees_of_a_moving_screen_do_not_keep_the_app_from_being_named(
    scripted: Any, phone: Phone, until: Any, eventually: Any
) -> None:
    def slowly(stream: Any) -> None:
        threading.Event().wait(0.2)
        scripted.show(scripted.picture(len(scripted.asked) % 200))  # it has moved on meanwhile
        stream.write(scripted.tree)

    with live(phone, method="raw") as source:
        until(source, lambda f: f.tree)
        scripted.commands["uiautomator dump"] = slowly
        scripted.commands["dumpsys window"] = scripted.commands["dumpsys window"].replace(b"Main", b"Other")
        scripted.show(scripted.picture(33))
        until(source, lambda f: f.app.activity == "org.example.OtherActivity")


def test_black_is_secure_where_a_window_forbids_capture(scripted: Any, phone: Phone, until: Any) -> None:
    black = scripted.picture(0)
    black[...] = 0
    with live(phone, method="raw") as source:
        until(source, lambda f: f.tree and not f.secure)
        scripted.commands = {
            "dumpsys window windows": b"  Window #5 Window{1a2b3c u0 org.example/org.example.MainActivity}:\n"
            b"    mAttrs={(0,0)(fillxfill) ty=BASE_APPLICATION\n      fl=LAYOUT_IN_SCREEN SECURE\n",
            **scripted.commands,
        }
        scripted.show(black, scripted.tree_xml(""))
        assert until(source, lambda f: f.secure).pixels.max() == 0
        scripted.show(scripted.picture(120))
        until(source, lambda f: shows(120)(f) and not f.secure)


def test_black_with_a_dark_app_is_not_secure(scripted: Any, phone: Phone, until: Any) -> None:
    black = scripted.picture(0)
    black[...] = 0
    scripted.show(black, scripted.tree_xml(""))
    with live(phone, method="raw") as source:
        assert not until(source, lambda f: f.tree).secure
        assert source.newest(0, 0).secure is False


@pytest.mark.parametrize("method", METHODS)
def test_follows_a_rotation(scripted: Any, phone: Phone, until: Any, method: str) -> None:
    scripted.commands["screenrecord"] = scripted.video
    with live(phone, method=method) as source:
        until(source, lambda f: f.tree and f.size == (96, 128))
        scripted.show(scripted.picture(77, (128, 96)), scripted.tree_xml(rotation=1))
        frame = until(source, lambda f: f.size == (128, 96) and f.tree)
        assert frame.tree.rotation == 1


def test_falls_back_to_single_pictures_where_there_is_no_video(
    scripted: Any, phone: Phone, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with live(phone) as source:
        assert until(source, lambda f: f.tree).source == "raw"
        assert "single pictures are used instead" in caplog.text


def test_video_of_another_size_than_the_screen_gives_way_to_single_pictures(
    scripted: Any, phone: Phone, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.phones.surroundings.SETTLED_S", 0.0)
    monkeypatch.setattr("backend.phones.surroundings.ASK_AGAIN_S", 0.05)

    def half_size(stream: Any) -> None:
        codec = scripted.encoder(48, 64)
        for shade in range(200):
            if stream.closed:
                return
            pixels = scripted.picture(shade, (48, 64))[..., :3].copy()
            for packet in codec.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")):
                stream.write(bytes(packet))
            threading.Event().wait(0.02)

    scripted.commands["screenrecord"] = half_size
    with live(phone) as source:
        assert until(source, lambda f: f.source == "raw").size == (96, 128)


def test_stopping_breaks_off_a_dump_and_starting_again_works(scripted: Any, phone: Phone, until: Any) -> None:
    released, begun = threading.Event(), threading.Event()

    def hang(stream: Any) -> None:
        begun.set()
        released.wait(30)

    good = scripted.commands["uiautomator dump"]
    scripted.commands["uiautomator dump"] = hang
    source = FrameSource(phone, "raw").start()
    assert begun.wait(10)
    source.stop()
    assert source.state.kind == "stopped"
    released.set()
    scripted.commands["uiautomator dump"] = good
    source.start()
    until(source, lambda f: f.tree)
    source.stop()


def test_what_nobody_foresaw_is_logged_and_tried_again(
    scripted: Any, phone: Phone, until: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.phones.source.RawCapture", lambda lane: 1 / 0)
    with live(phone, method="raw") as source:
        eventually(lambda: "ZeroDivisionError" in source.state.reason)
        monkeypatch.undo()
        until(source, lambda f: f.tree)
        assert source.state.kind == "live"


def test_waiting_grows_to_a_limit_and_starts_over() -> None:
    backoff = Backoff(0.25, 10.0, seed=1)
    delays = [backoff.delay_s() for _ in range(12)]
    for index, delay in enumerate(delays):
        full = min(10.0, 0.25 * 2**index)
        assert full / 2 <= delay <= full
    backoff.reset()
    assert backoff.delay_s() <= 0.25
