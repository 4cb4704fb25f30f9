"""The whole way to the embedded phone: apps in their own processes, drawn, driven and captured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.errors import PhoneError
from backend.phones.doctor import run_doctor
from backend.phones.frame import Tree
from backend.phones.phone import Phone
from backend.phones.source import FrameSource
from backend.phones.virtual import RunningPhone, start_virtual_phone

FEED = "org.mindproof.feed"


@pytest.fixture(scope="module")
def virtual() -> Iterator[RunningPhone]:
    with start_virtual_phone(port=0, size=(540, 1110)) as running:
        yield running


@pytest.fixture
def phone(virtual: RunningPhone, key_dir: Path) -> Iterator[Phone]:
    with Phone(virtual.serial, key_dir) as connected:
        yield connected


def texts(tree: Tree) -> dict[str, str]:
    """Ids by text, of texts that are there once."""
    count = Counter(widget.text for widget in tree.widgets)
    return {widget.text: widget.id for widget in tree.widgets if widget.text and count[widget.text] == 1}


def test_the_doctor_finds_it_well(virtual: RunningPhone, key_dir: Path) -> None:
    results = run_doctor(virtual.serial, key_dir)
    assert {r.name: r.found for r in results if r.status in ("warn", "fail")} == {}


def test_an_app_is_opened_seen_and_scrolled_and_its_widgets_keep_names(phone: Phone, eventually: Any) -> None:
    assert phone.shell(f"am start -n {FEED}/.FeedActivity").ok
    with FrameSource(phone) as source:

        def shows_the_feed() -> bool:
            frame = source.newest(0, 0.5)
            return frame is not None and frame.app.package == FEED and frame.tree is not None

        eventually(shows_the_feed)
        before = phone.tree()
        phone.swipe(270, 800, 270, 600, 300)
        eventually(lambda: texts(phone.tree()) != texts(before))
        was, now = texts(before), texts(phone.tree())
        stayed = was.keys() & now.keys()
        # One or two lose theirs: those in an anonymous row of which the first view has gone out of sight.
        assert sum(was[text] == now[text] for text in stayed) >= 0.75 * len(stayed) > 0
        frame = source.newest(0, 5)
        assert frame is not None
        assert frame.source == "h264"
        assert frame.size == (540, 1110)


def test_a_turned_screen_gives_turned_frames(phone: Phone, eventually: Any) -> None:
    def size() -> tuple[int, int] | None:
        frame = source.newest(0, 0.5)
        return frame.size if frame is not None else None

    with FrameSource(phone) as source:
        eventually(lambda: size() == (540, 1110))
        phone.shell("settings put system accelerometer_rotation 0")
        phone.shell("settings put system user_rotation 1")
        eventually(lambda: size() == (1110, 540))
        phone.shell("settings put system user_rotation 0")
        eventually(lambda: size() == (540, 1110))


def test_a_taken_port_is_one_clear_error(virtual: RunningPhone) -> None:
    with (
        pytest.raises(PhoneError, match=f"port {virtual.port}.* in use"),
        start_virtual_phone(port=virtual.port, size=(540, 1110)),
    ):
        pass
