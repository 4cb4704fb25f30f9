"""Listening for touches: pixels and times, and what happens where there is nothing to hear."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.phones.display import Display
from backend.phones.phone import Phone
from backend.phones.touches import PhoneClock, Touch, TouchDecoder, TouchListener
from backend.phones.touchscreen import Axis, Touchscreen, parse_touchscreens

RECORDED = Path(__file__).parent / "recorded" / "getevent"
LISTING = (RECORDED / "android-synaptics-lp.txt").read_bytes()
EVENTS = (RECORDED / "android-synaptics-lt.txt").read_bytes()
DENIED = b"could not open /dev/input/event5, Permission denied\n"
SCREENS = parse_touchscreens(LISTING.decode())


def decode(data: bytes, held: Display, *, piece: int = 1 << 20) -> list[Touch]:
    decoder = TouchDecoder(SCREENS, lambda: held)
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    return [touch for one in pieces for touch in decoder.feed(one, 582_900.0)]


@pytest.mark.parametrize(
    ("size", "rotation", "places"),
    [
        ((1200, 2670), 0, [(677, 1021), (751, 413)]),
        ((600, 1335), 0, [(338, 510), (375, 206)]),
        ((2670, 1200), 1, [(1021, 1199 - 677), (413, 1199 - 751)]),
        ((1200, 2670), 2, [(1199 - 677, 2669 - 1021), (1199 - 751, 2669 - 413)]),
        ((2670, 1200), 3, [(2669 - 1021, 677), (2669 - 413, 751)]),
    ],
)
def test_touches_are_in_pixels_of_the_screen_as_it_is_held(
    size: tuple[int, int], rotation: int, places: list[tuple[int, int]]
) -> None:
    touches = decode(EVENTS, Display(size, 420, rotation))
    assert [touch.action for touch in touches] == ["DOWN", "MOVE", "UP"]
    assert [(touch.x, touch.y) for touch in touches] == [*places, places[-1]]


@given(st.integers(1, 400))
def test_it_does_not_matter_in_which_pieces_the_output_comes(piece: int) -> None:
    upright = Display((1200, 2670), 420, 0)
    assert decode(EVENTS, upright, piece=piece) == decode(EVENTS, upright)


def test_times_are_apart_as_on_the_phone_and_end_on_arrival() -> None:
    down, move, up = decode(EVENTS, Display((1200, 2670), 420, 0))
    assert up.time_s - down.time_s <= 735.993 - 526.611  # at most: they arrived together, so the earlier ones were late
    assert down.time_s <= move.time_s <= up.time_s <= 582_900.0


@given(st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 0.5)), min_size=1), st.floats(-1e6, 1e6))
def test_the_phones_clock_is_found_to_the_quickest_arrival(events: list[tuple[float, float]], apart_s: float) -> None:
    clock, phone_s, quickest_s, before_s = PhoneClock(), 1000.0, 1.0, float("-inf")
    for pause_s, way_s in events:
        phone_s, quickest_s = phone_s + pause_s, min(quickest_s, way_s)
        ours_s = clock.ours(phone_s, phone_s + apart_s + way_s)
        assert ours_s >= before_s
        assert phone_s + apart_s - 1e-6 <= ours_s
        before_s = ours_s
    later_s = clock.ours(phone_s + 10, phone_s + 10 + apart_s + quickest_s)
    assert later_s == pytest.approx(phone_s + 10 + apart_s + quickest_s, abs=1e-6)


def test_a_phone_that_slept_is_in_time_again() -> None:
    clock = PhoneClock()
    assert clock.ours(100.0, 5000.0) == 5000.0
    assert clock.ours(101.0, 5601.0) == 5601.0  # it slept for ten minutes; its clock stood still


def test_fingers_that_are_down_when_nothing_more_comes_count_as_lifted() -> None:
    decoder = TouchDecoder(SCREENS, lambda: Display((1200, 2670), 420, 0))
    (down,) = decoder.feed(EVENTS[: EVENTS.index(b"SYN_REPORT", EVENTS.index(b"POSITION_Y")) + 31], 582_900.0)
    assert decoder.end(582_901.0) == [replace(down, time_s=582_901.0, action="UP")]
    assert decoder.end(582_902.0) == []


def test_with_several_touchscreens_each_has_its_own_scale() -> None:
    inner, outer = (
        Touchscreen(f"/dev/input/event{n}", "t", Axis(0, 99), Axis(0, most), 0) for n, most in ((1, 99), (2, 199))
    )
    decoder = TouchDecoder([inner, outer], lambda: Display((100, 100), 160, 0))
    report = ("ABS_MT_TRACKING_ID   00000007", "ABS_MT_POSITION_X    00000032", "ABS_MT_POSITION_Y    00000032")
    text = "".join(
        f"[       1.000000] /dev/input/event{n}: EV_ABS       {event}\n"
        for n in (1, 2, 3)
        for event in (*report, "SYN_REPORT           00000000")
    )
    assert [(touch.x, touch.y) for touch in decoder.feed(text.encode(), 1.0)] == [(50, 50), (50, 25)]


# The listener, over real ADB.


@pytest.fixture
def heard() -> list[Touch]:
    return []


def test_touches_are_told_as_they_happen_until_it_is_stopped(scripted, phone: Phone, heard, eventually) -> None:
    def getevent(stream) -> None:
        stream.write(EVENTS)
        stream.on_close(left.set)
        left.wait(20)

    left = threading.Event()
    scripted.commands |= {"getevent -lp": LISTING, "getevent -lt": getevent}
    begun_s = time.monotonic()
    with TouchListener(phone, heard.extend):
        eventually(lambda: len(heard) == 3)
    assert [touch.action for touch in heard] == ["DOWN", "MOVE", "UP"]
    assert [(touch.x, touch.y) for touch in heard] == [(54, 48), (60, 19), (60, 19)]  # on a screen of 96x128
    assert begun_s <= heard[0].time_s <= heard[-1].time_s <= time.monotonic()
    assert "getevent -lt /dev/input/event2" in scripted.asked
    assert left.wait(10)


@pytest.mark.parametrize(
    ("listing", "events", "reason"),
    [
        (b"", b"", "it has no touchscreen"),
        ((b"", b"could not get driver version for /dev/input/mice, Not a typewriter\n", 0), b"", "no touchscreen"),
        ((b"", DENIED, 1), b"", "Permission denied"),
        ((b"", b"/system/bin/sh: getevent: inaccessible or not found\n", 127), b"", "inaccessible or not found"),
        (LISTING, DENIED, "Permission denied"),
        (LISTING, b"", "it stopped telling them"),
    ],
)
def test_where_there_is_nothing_to_hear_the_log_says_why_once(
    scripted, phone: Phone, heard, eventually, caplog: pytest.LogCaptureFixture, listing, events, reason: str
) -> None:
    scripted.commands |= {"getevent -lp": listing, "getevent -lt": events}
    with TouchListener(phone, heard.extend):
        eventually(lambda: reason in caplog.text)
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [phone.serial in record.getMessage() for record in warnings] == [True]
    assert heard == []


def test_after_a_broken_link_it_listens_again(scripted, phone: Phone, heard, eventually) -> None:
    def getevent(stream) -> None:
        left = threading.Event()
        stream.on_close(left.set)
        stream.write(EVENTS)
        left.wait(20)

    scripted.commands |= {"getevent -lp": LISTING, "getevent -lt": getevent}
    with TouchListener(phone, heard.extend):
        eventually(lambda: len(heard) == 3)
        scripted.stop()
        scripted.start()
        eventually(lambda: len(heard) == 6)


def test_when_the_touchscreen_goes_and_comes_again_it_listens_again(scripted, phone: Phone, heard, eventually) -> None:
    gone = EVENTS + b"could not get evdev event, No such device\n"
    scripted.commands |= {"getevent -lp": LISTING, "getevent -lt": gone}
    with TouchListener(phone, heard.extend):
        eventually(lambda: len(heard) >= 6)


def test_over_usb_where_one_link_carries_all_it_says_so_and_listens_to_nothing(
    caplog: pytest.LogCaptureFixture, key_dir: Path, heard
) -> None:
    with TouchListener(Phone("R58M12ABCDE", key_dir), heard.extend):
        assert "one USB connection carries pictures or touches, not both" in caplog.text
