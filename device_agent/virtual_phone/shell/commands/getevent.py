"""getevent (AOSP ``toolbox/getevent.c``): what the touchscreen reports, listed or as it happens.

On a real phone, touches that ``input`` injects do not pass the touchscreen and do not show here. The virtual phone has
no other finger than ``input``; so its touchscreen reports what ``input`` does.
"""

from __future__ import annotations

from collections.abc import Sequence

from device_agent.virtual_phone.shell import touch_log as evdev
from device_agent.virtual_phone.shell.options import UsageError, take_flags
from device_agent.virtual_phone.shell.registry import Call, command
from device_agent.virtual_phone.shell.touch_log import InputEvent

DEVICE = "/dev/input/event2"
NAME = "virtual_touch"
MOST_SLOT = 9
POLL_S = 0.2
"""How soon a still screen notices that nobody listens any more."""

USAGE = (
    "Usage: getevent [-t] [-p] [-l] [-q] [-c count] [device]",
    "    -t: show time stamps",
    "    -p: show possible events (errs, dev, name, pos. events)",
    "    -l: label event types and names in plain text",
    "    -q: quiet (clear verbosity mask)",
    "    -c: print given number of events then exit",
)
KINDS = {evdev.EV_SYN: "EV_SYN", evdev.EV_KEY: "EV_KEY", evdev.EV_ABS: "EV_ABS"}
CODES = {
    (evdev.EV_SYN, evdev.SYN_REPORT): "SYN_REPORT",
    (evdev.EV_SYN, evdev.SYN_DROPPED): "SYN_DROPPED",
    (evdev.EV_KEY, evdev.BTN_TOUCH): "BTN_TOUCH",
    (evdev.EV_ABS, evdev.ABS_MT_SLOT): "ABS_MT_SLOT",
    (evdev.EV_ABS, evdev.ABS_MT_POSITION_X): "ABS_MT_POSITION_X",
    (evdev.EV_ABS, evdev.ABS_MT_POSITION_Y): "ABS_MT_POSITION_Y",
    (evdev.EV_ABS, evdev.ABS_MT_TRACKING_ID): "ABS_MT_TRACKING_ID",
}
KEY_VALUES = ("UP", "DOWN")


@command("getevent")
def getevent(io: Call) -> int:
    """Without a device, all of them: here that is the one touchscreen, announced before its events."""
    try:
        options, operands = take_flags(io, "tplq", "c")
        most = int(options.get("c", "0"))
    except (UsageError, ValueError) as error:
        io.err.print(f"getevent: {error}", *USAGE)
        return 1
    if len(operands) > 1:
        io.err.print(*USAGE)
        return 1
    if operands and operands[0] != DEVICE:
        io.err.print(f"could not open {operands[0]}, No such file or directory")
        return 1
    log = io.session.shared.touches
    position = log.end
    if "p" in options or not (operands or "q" in options):
        io.out.print(f"add device 1: {DEVICE}", f'  name:     "{NAME}"')
    if "p" in options:
        io.out.print(*_abilities(io, labels="l" in options))
        if "c" not in options:
            return 0
    io.out.flush()
    return _follow(io, position, options, prefix="" if operands else f"{DEVICE}: ", most=most)


def _follow(io: Call, position: int, options: dict[str, str], prefix: str, most: int) -> int:
    """Print events from `position` on, `most` of them (0: without end), until the host leaves."""
    printed = 0
    while not io.session.stop.is_set():
        events, position = io.session.shared.touches.wait(position, POLL_S)
        for event in events:
            stamp = f"[{event.time_s:15.6f}] " if "t" in options else ""
            io.out.print(stamp + prefix + _words(event, labels="l" in options))
            printed += 1
            if printed == most:
                return 0
        io.out.flush()
    return 130


def _words(event: InputEvent, *, labels: bool) -> str:
    value = event.value & 0xFFFFFFFF
    if not labels:
        return f"{event.kind:04x} {event.code:04x} {value:08x}"
    shown = KEY_VALUES[value] if event.kind == evdev.EV_KEY else f"{value:08x}"
    return f"{KINDS[event.kind]:<12} {CODES[event.kind, event.code]:<20} {shown:<20}"


def _abilities(io: Call, *, labels: bool) -> Sequence[str]:
    """The part of ``getevent -p`` that follows a device's name. The panel is as large as the upright screen."""
    width, height = io.upright_size
    most = {
        evdev.ABS_MT_SLOT: MOST_SLOT,
        evdev.ABS_MT_POSITION_X: width - 1,
        evdev.ABS_MT_POSITION_Y: height - 1,
        evdev.ABS_MT_TRACKING_ID: evdev.MOST_TRACKING_ID,
    }
    lines = ["  events:", f"    KEY (0001): {_ability(evdev.EV_KEY, evdev.BTN_TOUCH, labels)}"]
    for axis, limit in most.items():
        start = "    ABS (0003): " if axis == evdev.ABS_MT_SLOT else " " * 16
        able = _ability(evdev.EV_ABS, axis, labels)
        lines.append(f"{start}{able} : value 0, min 0, max {limit}, fuzz 0, flat 0, resolution 0")
    return [*lines, "  input props:", "    INPUT_PROP_DIRECT"]


def _ability(kind: int, code: int, labels: bool) -> str:
    """A code and, as the last character, whether it is pressed now, which is not told."""
    return f"{CODES[kind, code]:<20} " if labels else f"{code:04x} "
