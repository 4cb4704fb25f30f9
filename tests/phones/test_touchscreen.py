"""Touchscreens and fingers, from outputs that real phones gave."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.phones.touchscreen import (
    Axis,
    FingerReader,
    InputEvent,
    PanelTouch,
    Touchscreen,
    parse_event,
    parse_touchscreens,
)

RECORDED = Path(__file__).parent / "recorded" / "getevent"
AXIS = Axis(0, 4095)
PROTOCOL_A = Touchscreen("/dev/input/event1", "a", AXIS, AXIS, None)
PROTOCOL_B = Touchscreen("/dev/input/event1", "b", AXIS, AXIS, 0)
FOUND = {
    "android-15-emulator": [
        Touchscreen(f"/dev/input/event{n}", f"virtio_input_multi_touch_{n}", Axis(0, 32767), Axis(0, 32767), 0)
        for n in (1, 2)
    ],
    "android-synaptics": [Touchscreen("/dev/input/event2", "synaptics_tcm_touch", Axis(0, 1199), Axis(0, 2669), 0)],
    "android-8-galaxy-s7": [Touchscreen("/dev/input/event1", "sec_touchscreen", AXIS, AXIS, 0)],
    "android-vivo": [Touchscreen("/dev/input/event6", "vivo_ts", Axis(0, 12599), Axis(0, 27999), 0)],
}


def recorded(name: str) -> str:
    return (RECORDED / f"{name}.txt").read_text()


def touches(screen: Touchscreen, text: str) -> list[PanelTouch]:
    reader = FingerReader(screen)
    events = [event for line in text.splitlines() if (event := parse_event(line)) is not None]
    return [touch for event in events if event.device in ("", screen.path) for touch in reader.feed(event)]


def events(screen: Touchscreen, *words: str) -> list[tuple[int, str, int, int]]:
    """Touches out of ``X 5``, ``ID ffffffff``, ``REPORT`` and so on."""
    codes = {"X": "ABS_MT_POSITION_X", "Y": "ABS_MT_POSITION_Y", "ID": "ABS_MT_TRACKING_ID", "SLOT": "ABS_MT_SLOT"}
    reader, found = FingerReader(screen), []
    for number, word in enumerate(words):
        code, _, value = word.partition(" ")
        event = InputEvent(float(number), "", "EV_ANY", codes.get(code, code), int(value or "0"))
        found += [touch[1:] for touch in reader.feed(event)]
    return found


@pytest.mark.parametrize("name", FOUND)
def test_the_touchscreen_is_found_among_the_devices(name: str) -> None:
    assert parse_touchscreens(recorded(f"{name}-lp")) == FOUND[name]


def test_what_has_no_touchscreen_gives_none() -> None:
    assert parse_touchscreens("") == []
    assert parse_touchscreens("could not open /dev/input/event5, Permission denied\n") == []
    assert parse_touchscreens(recorded("android-vivo-lp").replace("POSITION_Y", "PRESSURE")) == []
    assert parse_touchscreens(recorded("android-8-galaxy-s7-lp").replace("max 4095", "max 0")) == []


def test_a_drag_on_a_phone_with_protocol_b() -> None:
    (screen,) = FOUND["android-synaptics"]
    assert touches(screen, recorded("android-synaptics-lt")) == [
        PanelTouch(582809.526611, 0, "DOWN", 677, 1021),
        PanelTouch(582809.727895, 0, "MOVE", 751, 413),
        PanelTouch(582809.735993, 0, "UP", 751, 413),
    ]


def test_two_fingers_and_one_whose_place_is_not_told_before_it_moves() -> None:
    assert touches(PROTOCOL_B, recorded("android-13-two-fingers-lt")) == [
        PanelTouch(36.186073, 1, "DOWN", 24575, 12288),
        PanelTouch(36.599045, 0, "DOWN", 11468, 9830),
        PanelTouch(37.027158, 0, "UP", 11468, 9830),
        PanelTouch(37.027158, 1, "UP", 24575, 12288),
    ]


def test_a_tap_on_a_phone_with_protocol_a() -> None:
    assert touches(PROTOCOL_A, recorded("android-protocol-a-lt")) == [
        PanelTouch(696772.147087, 0, "DOWN", 515, 1035),
        PanelTouch(696772.189785, 0, "UP", 515, 1035),
    ]


def test_a_finger_that_takes_anothers_slot_without_a_pause_is_another() -> None:
    told = events(PROTOCOL_B, "ID 1", "X 5", "Y 6", "SYN_REPORT", "ID 2", "X 9", "SYN_REPORT")
    assert told == [(0, "DOWN", 5, 6), (0, "UP", 5, 6), (0, "DOWN", 9, 6)]


def test_lost_events_lift_every_finger_until_the_next_comes() -> None:
    told = events(
        PROTOCOL_B, "ID 1", "X 5", "Y 6", "SYN_REPORT", "SYN_DROPPED", "X 7", "SYN_REPORT", "X 8", "SYN_REPORT",
        "ID 2", "SYN_REPORT",
    )  # fmt: skip
    assert told == [(0, "DOWN", 5, 6), (0, "UP", 5, 6), (0, "DOWN", 8, 6)]


def test_the_slot_in_use_when_listening_began_is_known_from_the_listing() -> None:
    screen = Touchscreen("", "", AXIS, AXIS, 3)
    assert events(screen, "ID 1", "X 5", "Y 6", "SYN_REPORT") == [(3, "DOWN", 5, 6)]


def test_contacts_without_names_stay_with_the_nearest_finger() -> None:
    two = ("X 10", "Y 10", "SYN_MT_REPORT", "X 90", "Y 90", "SYN_MT_REPORT", "SYN_REPORT")
    swapped = ("X 88", "Y 88", "SYN_MT_REPORT", "X 12", "Y 12", "SYN_MT_REPORT", "SYN_REPORT")
    one = ("X 88", "Y 88", "SYN_MT_REPORT", "SYN_REPORT")
    told = events(PROTOCOL_A, *two, *swapped, *one, "BTN_TOUCH 0", "SYN_REPORT")
    assert told[:2] == [(0, "DOWN", 10, 10), (1, "DOWN", 90, 90)]
    assert sorted(told[2:4]) == [(0, "MOVE", 12, 12), (1, "MOVE", 88, 88)]
    assert told[4:] == [(0, "UP", 12, 12), (1, "UP", 88, 88)]


def test_a_report_about_keys_lifts_no_finger() -> None:
    told = events(PROTOCOL_A, "X 1", "Y 2", "SYN_MT_REPORT", "SYN_REPORT", "KEY_POWER 1", "SYN_REPORT")
    assert told == [(0, "DOWN", 1, 2)]


_CODES = (
    *("ABS_MT_SLOT", "ABS_MT_TRACKING_ID", "ABS_MT_POSITION_X", "ABS_MT_POSITION_Y", "ABS_MT_PRESSURE", "BTN_TOUCH"),
    *("KEY_POWER", "SYN_MT_REPORT", "SYN_REPORT", "SYN_REPORT", "SYN_DROPPED"),
)


@given(st.sampled_from([PROTOCOL_A, PROTOCOL_B]), st.lists(st.tuples(st.sampled_from(_CODES), st.integers(-1, 3))))
def test_whatever_a_phone_reports_every_finger_comes_down_moves_and_goes_up(
    screen: Touchscreen, reported: list[tuple[str, int]]
) -> None:
    reader, down = FingerReader(screen), {}
    for number, (code, value) in enumerate(reported):
        for touch in reader.feed(InputEvent(float(number), "", "EV_ANY", code, value)):
            assert touch.time_s == number
            assert (touch.action == "DOWN") == (touch.finger not in down)
            if touch.action == "MOVE":
                assert down[touch.finger] != (touch.x, touch.y)
            if touch.action == "UP":
                assert down.pop(touch.finger) == (touch.x, touch.y)
            else:
                down[touch.finger] = (touch.x, touch.y)


@given(st.text())
def test_any_line_is_an_event_or_none(line: str) -> None:
    assert parse_event(line) is None or line.startswith("[")
    assert isinstance(parse_touchscreens(f"add device 1: /dev/x\n{line}"), list)


@given(st.integers(0, 10**7), st.integers(0, 999_999), st.integers(-(2**31), 2**31 - 1), st.booleans())
def test_an_event_line_is_read_back(seconds: int, micros: int, value: int, with_device: bool) -> None:
    device = "/dev/input/event4" if with_device else ""
    prefix = f"{device}: " if device else ""
    shown = f"{value & 0xFFFFFFFF:08x}"
    line = f"[{seconds:8d}.{micros:06d}] {prefix}{'EV_ABS':<12} {'ABS_MT_POSITION_X':<20} {shown:<20}"
    assert parse_event(line) == InputEvent(
        float(f"{seconds}.{micros:06d}"), device, "EV_ABS", "ABS_MT_POSITION_X", value
    )


@given(st.integers(-5000, 5000), st.integers(1, 40000), st.integers(1, 4000), st.integers(-60000, 60000))
def test_every_value_lies_on_the_screen_and_the_ends_on_its_edges(
    least: int, span: int, length: int, value: int
) -> None:
    axis = Axis(least, least + span)
    assert 0 <= axis.pixel(value, length) < length
    assert axis.pixel(least, length) == 0
    assert axis.pixel(least + span, length) == length - 1 or length > span + 1
