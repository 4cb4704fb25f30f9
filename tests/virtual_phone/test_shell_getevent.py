"""getevent: Android's output format, and what `input` does as the touchscreen reports it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent.virtual_phone.shell import touch_log as evdev
from device_agent.virtual_phone.shell.files import PhoneFiles
from device_agent.virtual_phone.shell.interpreter import Collector, Ends, run_text
from device_agent.virtual_phone.shell.registry import Session, Shared
from device_agent.virtual_phone.shell.streams import Nothing
from device_agent.virtual_phone.shell.touch_log import MOST_EVENTS, TouchLog, on_panel
from device_agent.virtual_phone.still import StillDevice

Sh = Callable[..., tuple[int, str, str]]
LISTING = """\
add device 1: /dev/input/event2
  name:     "virtual_touch"
  events:
    KEY (0001): BTN_TOUCH            \n\
    ABS (0003): ABS_MT_SLOT           : value 0, min 0, max 9, fuzz 0, flat 0, resolution 0
                ABS_MT_POSITION_X     : value 0, min 0, max 63, fuzz 0, flat 0, resolution 0
                ABS_MT_POSITION_Y     : value 0, min 0, max 119, fuzz 0, flat 0, resolution 0
                ABS_MT_TRACKING_ID    : value 0, min 0, max 65535, fuzz 0, flat 0, resolution 0
  input props:
    INPUT_PROP_DIRECT
"""


def follow(device: StillDevice, options: str, *inputs: str) -> list[str]:
    """What ``getevent`` with `options` tells of `inputs`."""
    shared, out, err = Shared(), Collector(), Collector()

    def run(script: str, sink: Collector) -> int:
        return run_text(script, Session(device, PhoneFiles(device.root), shared), Ends(Nothing(), sink, err))

    listening = threading.Thread(target=run, args=(f"getevent {options}", out))
    began = shared.touches.wait
    ready = threading.Event()

    def wait(position: int, timeout_s: float) -> tuple[list[evdev.InputEvent], int]:
        ready.set()
        return began(position, timeout_s)

    shared.touches.wait = wait  # type: ignore[method-assign]
    listening.start()
    assert ready.wait(10)
    for words in inputs:
        assert run(f"input {words}", Collector()) == 0
    listening.join(10)
    assert not listening.is_alive()
    assert not err.data
    return out.data.decode().splitlines()


def test_it_lists_the_touchscreen_as_android_does(sh: Sh) -> None:
    assert sh("getevent -lp") == (0, LISTING, "")
    assert sh("getevent -pl /dev/input/event2") == (0, LISTING, "")
    raw = sh("getevent -p")[1]
    assert "    KEY (0001): 014a \n" in raw
    assert "    ABS (0003): 002f  : value 0, min 0, max 9, fuzz 0, flat 0, resolution 0\n" in raw
    assert "                0036  : value 0, min 0, max 119, fuzz 0, flat 0, resolution 0\n" in raw


@pytest.mark.parametrize("words", ["-z", "-c", "-c x", "/dev/input/event2 /dev/input/event3"])
def test_it_explains_itself_when_called_wrongly(sh: Sh, words: str) -> None:
    status, out, err = sh(f"getevent {words}")
    assert (status, out) == (1, "")
    assert "Usage: getevent" in err


def test_another_device_cannot_be_opened(sh: Sh) -> None:
    status, out, err = sh("getevent -lt /dev/input/event0")
    assert (status, out, err) == (1, "", "could not open /dev/input/event0, No such file or directory\n")


def test_a_tap_is_two_reports(still_device: StillDevice) -> None:
    told = follow(still_device, "-l -c 8 /dev/input/event2", "tap 10 20")
    assert told == [
        "EV_ABS       ABS_MT_TRACKING_ID   00000001            ",
        "EV_ABS       ABS_MT_POSITION_X    0000000a            ",
        "EV_ABS       ABS_MT_POSITION_Y    00000014            ",
        "EV_KEY       BTN_TOUCH            DOWN                ",
        "EV_SYN       SYN_REPORT           00000000            ",
        "EV_ABS       ABS_MT_TRACKING_ID   ffffffff            ",
        "EV_KEY       BTN_TOUCH            UP                  ",
        "EV_SYN       SYN_REPORT           00000000            ",
    ]


def test_without_a_device_lines_name_it_after_announcing_it(still_device: StillDevice) -> None:
    told = follow(still_device, "-c 2", "tap 10 20")
    assert told == [
        "add device 1: /dev/input/event2",
        '  name:     "virtual_touch"',
        "/dev/input/event2: 0003 0039 00000001",
        "/dev/input/event2: 0003 0035 0000000a",
    ]


def test_a_place_that_stays_is_not_told_again(still_device: StillDevice) -> None:
    told = follow(still_device, "-l -c 14 /dev/input/event2", "tap 10 20", "tap 10 21")
    assert [line.split()[1:3] for line in told[8:11]] == [
        ["ABS_MT_TRACKING_ID", "00000002"],
        ["ABS_MT_POSITION_Y", "00000015"],
        ["BTN_TOUCH", "DOWN"],
    ]


def test_a_swipe_goes_down_moves_in_time_and_up(still_device: StillDevice) -> None:
    told = follow(still_device, "-lt -c 21 /dev/input/event2", "swipe 0 0 60 100 80")
    times = [float(line[1:16]) for line in told]
    reports = [at for at, line in zip(times, told, strict=True) if "SYN_REPORT" in line]
    assert times == sorted(times)
    assert reports[-1] - reports[0] >= 0.08  # 80 ms, as asked for
    assert len(set(reports)) == len(reports) == 7  # down, a move each 16 ms, up
    values = [int(line.split()[-1], 16) for line in told if "ABS_MT_POSITION_Y" in line]
    assert values == [20, 40, 60, 80, 100]


def test_motion_events_and_cancel_are_reported(still_device: StillDevice) -> None:
    inputs = ("motionevent DOWN 5 6", "motionevent MOVE 7 6", "motionevent CANCEL", "motionevent MOVE 1 1")
    told = follow(still_device, "-l -c 10 /dev/input/event2", *inputs)
    assert [line.split()[1] for line in told[5:]] == [
        "ABS_MT_POSITION_X",
        "SYN_REPORT",
        "ABS_MT_TRACKING_ID",
        "BTN_TOUCH",
        "SYN_REPORT",
    ]


def test_it_ends_when_the_host_leaves(still_device: StillDevice) -> None:
    session = Session(still_device, PhoneFiles(still_device.root))
    listening = threading.Thread(
        target=run_text, args=("getevent -lt", session, Ends(Nothing(), Collector(), Collector()))
    )
    listening.start()
    session.stop.set()
    listening.join(10)
    assert not listening.is_alive()


def test_a_reader_that_fell_behind_is_told_so() -> None:
    log = TouchLog()
    log.down(1, 1)
    for x in range(MOST_EVENTS):
        log.move(x, 1)
    events, position = log.wait(0, 0)
    assert (events[0].kind, events[0].code) == (evdev.EV_SYN, evdev.SYN_DROPPED)
    assert (len(events), position) == (MOST_EVENTS + 1, log.end)
    assert log.wait(position, 0) == ([], position)


def test_a_phone_on_its_side_keeps_its_panel_and_says_how_it_is_held(picture: np.ndarray) -> None:
    class Sideways(StillDevice):
        @property
        def rotation(self) -> int:
            return 1

    with Sideways(picture, "<hierarchy/>") as device:  # 64 wide, 120 high: upright it is 120 wide
        told = follow(device, "-lp -c 4", "tap 10 20")
        out = Collector()
        script = "wm size; dumpsys window displays"
        run_text(script, Session(device, PhoneFiles(device.root)), Ends(Nothing(), out, out))
    assert any("ABS_MT_POSITION_X     : value 0, min 0, max 119" in line for line in told)
    assert [line.split()[-1] for line in told[-3:-1]] == [f"{119 - 20:08x}", f"{10:08x}"]
    answer = out.data.decode()
    assert answer.startswith("Physical size: 120x64\n")
    assert "init=120x64 420dpi" in answer
    assert "cur=64x120" in answer
    assert "mRotation=1" in answer


@given(st.integers(1, 500), st.integers(1, 500), st.integers(-50, 600), st.integers(-50, 600), st.integers(0, 3))
def test_every_pixel_has_its_place_on_the_panel(width: int, height: int, x: int, y: int, rotation: int) -> None:
    panel = (height, width) if rotation % 2 else (width, height)
    place = on_panel(x, y, (width, height), rotation)
    assert 0 <= place[0] < panel[0]
    assert 0 <= place[1] < panel[1]
    inside = (min(max(x, 0), width - 1), min(max(y, 0), height - 1))
    back = on_panel(*place, panel, 4 - rotation)  # turned back, the panel is the screen
    assert back == inside
