"""input: touches, keys and text (AOSP ``InputShellCommand.java``). The touchscreen's log follows each touch."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from device_agent.virtual_phone.shell.keycodes import key_code
from device_agent.virtual_phone.shell.registry import Call, command
from device_agent.virtual_phone.shell.touch_log import on_panel

SOURCES = frozenset(
    {"touchscreen", "touchpad", "keyboard", "mouse", "stylus", "dpad", "gamepad", "joystick", "trackball"}
)
SWIPE_MS = 300
LONG_PRESS_MS = 500
FRAME_MS = 16
INVALID = 255

USAGE = (
    "Usage: input [<source>] [-d DISPLAY_ID] <command> [<arg>...]",
    "",
    "The commands and default sources are:",
    "      text <string> (Default: keyboard)",
    "      keyevent [--longpress|--doubletap] <key code number or name> ... (Default: keyboard)",
    "      tap <x> <y> (Default: touchscreen)",
    "      swipe <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)",
    "      draganddrop <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)",
    "      motionevent <DOWN|UP|MOVE|CANCEL> <x> <y> (Default: touchscreen)",
)


@command("input")
def inject(io: Call) -> int:
    """Injects one gesture, some keys or a text, and returns when they have been."""
    words = list(io.args)
    if words and words[0] in SOURCES:
        words.pop(0)
    if words[:1] == ["-d"]:
        words = words[2:]
    if not words:
        io.err.print(*USAGE)
        return INVALID
    verb, arguments = words[0], words[1:]
    action = _ACTIONS.get(verb)
    if action is None:
        io.err.print(f"Error: Unknown command: {verb}", *USAGE)
        return INVALID
    try:
        action(io, arguments)
    except (ValueError, IndexError):
        io.err.print(f"Error: Invalid arguments for command: {verb}", *USAGE)
        return INVALID
    return 0


def _pixels(words: list[str], count: int) -> list[int]:
    """That many coordinates; fractions are allowed, and cut.

    Raises:
        ValueError: there are fewer, or one is no finite number.
    """
    if len(words) < count:
        raise ValueError(f"{count} coordinates expected")
    numbers = [float(word) for word in words[:count]]
    if not all(math.isfinite(number) and abs(number) < 1e6 for number in numbers):
        raise ValueError("a coordinate is far outside any screen")
    return [int(number) for number in numbers]


def _tap(io: Call, words: list[str]) -> None:
    if len(words) != 2:
        raise ValueError("two coordinates expected")
    x, y = _pixels(words, 2)
    _log(io, "DOWN", x, y)
    try:
        io.device.tap(x, y)
    finally:
        _log(io, "UP", x, y)


def _log(io: Call, action: str, x: int, y: int) -> None:
    """Let the touchscreen report a touch of the pixel (x, y)."""
    touches = io.session.shared.touches
    place = on_panel(x, y, io.device.size, io.device.rotation)
    if action == "DOWN":
        touches.down(*place)
    else:
        if action in ("MOVE", "UP"):
            touches.move(*place)
        if action in ("UP", "CANCEL"):
            touches.up()


def _path(words: list[str]) -> tuple[int, int, int, int, int]:
    if len(words) not in (4, 5):
        raise ValueError("four coordinates and perhaps a duration expected")
    x1, y1, x2, y2 = _pixels(words, 4)
    duration_ms = int(words[4]) if len(words) == 5 else -1
    return x1, y1, x2, y2, duration_ms if duration_ms >= 0 else SWIPE_MS


def _swipe(io: Call, words: list[str]) -> None:
    path = _path(words)
    with _followed(io, *path):
        io.device.swipe(*path)


@contextmanager
def _followed(io: Call, x1: int, y1: int, x2: int, y2: int, duration_ms: int) -> Iterator[None]:
    """Log a swipe while the device, which moves the finger by itself, is at it; both take `duration_ms`."""
    finger = threading.Thread(target=_draw, args=(io, x1, y1, x2, y2, duration_ms), name="input swipe", daemon=True)
    _log(io, "DOWN", x1, y1)
    finger.start()
    try:
        yield
    finally:
        finger.join()
        _log(io, "UP", x2, y2)


def _draw(io: Call, x1: int, y1: int, x2: int, y2: int, duration_ms: int) -> None:
    """Log the moves along a line at constant speed, each in its time."""
    begun_s, steps = time.monotonic(), max(1, duration_ms // FRAME_MS)
    for step in range(1, steps + 1):
        due_s = begun_s + duration_ms * step / steps / 1000
        if io.session.stop.wait(max(0.0, due_s - time.monotonic())):
            return
        _log(io, "MOVE", x1 + (x2 - x1) * step // steps, y1 + (y2 - y1) * step // steps)


def _touch(io: Call, action: str, x: int, y: int) -> None:
    _log(io, action, x, y)
    io.device.motion(action, x, y)


def _drag_and_drop(io: Call, words: list[str]) -> None:
    x1, y1, x2, y2, duration_ms = _path(words)
    _touch(io, "DOWN", x1, y1)
    stopped = io.session.stop.wait(LONG_PRESS_MS / 1000)
    steps = max(1, duration_ms // FRAME_MS)
    for step in range(1, steps + 1):
        if stopped:
            break
        _touch(io, "MOVE", x1 + (x2 - x1) * step // steps, y1 + (y2 - y1) * step // steps)
        stopped = io.session.stop.wait(duration_ms / steps / 1000)
    _touch(io, "UP", x2, y2)  # also when the host left: a finger must not stay down


def _motion(io: Call, words: list[str]) -> None:
    action = words[0].upper()
    if action not in ("DOWN", "UP", "MOVE", "CANCEL"):
        raise ValueError(f"unknown action {action}")
    x, y = _pixels(words[1:], 2) if len(words) > 1 or action != "CANCEL" else (0, 0)
    _touch(io, action, x, y)


def _text(io: Call, words: list[str]) -> None:
    """``%s`` stands for a space, because shells once split arguments at it."""
    io.device.text(words[0].replace("%s", " "))


def _key_event(io: Call, words: list[str]) -> None:
    long_press = words[:1] == ["--longpress"]
    if words[0].startswith("--"):
        words = words[1:]
    codes = [key_code(word) for word in words]
    if not codes or None in codes:
        raise ValueError("unknown key")
    for code in codes:
        if code is not None:
            io.device.key(code, long_press)


_ACTIONS: dict[str, Callable[[Call, list[str]], None]] = {
    "tap": _tap,
    "swipe": _swipe,
    "draganddrop": _drag_and_drop,
    "motionevent": _motion,
    "text": _text,
    "keyevent": _key_event,
    "keycombination": _key_event,
}
