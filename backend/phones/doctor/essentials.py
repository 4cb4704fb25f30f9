"""What interventions cannot do without: link, pictures, UI tree, touches."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from statistics import median

from backend.errors import CaptureError
from backend.phones.capture.raw import COMMAND as SCREENCAP
from backend.phones.capture.raw import parse_screencap
from backend.phones.capture.shot import is_black
from backend.phones.capture.stream import StreamCapture, StreamUnsupported
from backend.phones.doctor.registry import Finding, check
from backend.phones.phone import Phone

OLDEST_SDK = 26
SLOW_COMMAND_S, SLOW_PICTURE_S, SLOW_TREE_S = 0.15, 0.4, 2.0


def link(phone: Phone) -> Finding:
    """Connect, and time a round trip. Registered by `examination`, which needs it first."""
    phone.connect()
    took_s = median(_times(lambda: phone.shell("echo"), 5))
    found = f"connected and authorised, {1000 * took_s:.0f} ms a command"
    if took_s > SLOW_COMMAND_S:
        return Finding("warn", found, "use a cable, or come closer to the Wi-Fi access point")
    return Finding("ok", found)


@check("Android version")
def android(phone: Phone) -> Finding:
    info = phone.info
    found = (
        f"{info.model}, Android {info.android} (SDK {info.sdk}), {info.size[0]}x{info.size[1]} at {info.density} dpi"
    )
    if info.sdk < OLDEST_SDK:
        return Finding("fail", found, "Mindproof needs Android 8 (SDK 26) or later")
    return Finding("ok", found)


@check("pictures")
def pictures(phone: Phone) -> Finding:
    try:
        times = _times(lambda: parse_screencap(_raw(phone), phone.serial), 5)
    except CaptureError as error:
        return Finding("fail", error.message, "wake and unlock the screen; some makers forbid it in work profiles")
    took_s = median(times)
    found = f"{1000 * took_s:.0f} ms each, {1 / took_s:.1f} a second"
    if took_s > SLOW_PICTURE_S:
        return Finding("warn", found, "use a cable on a USB 3 port; where there is video, it is used instead")
    return Finding("ok", found)


@check("video")
def video(phone: Phone) -> Finding:
    if not phone.takes_lanes:
        return Finding("skip", "over USB pictures are taken one by one", "for video: adb tcpip 5555, and its address")
    began = time.monotonic()
    with phone.lane() as lane:
        try:
            with closing(StreamCapture(lane).shots()) as shots:
                shot = next(shots)
        except StreamUnsupported as error:
            return Finding("warn", error.message, "single pictures are used; close other screen recorders")
    took_s = time.monotonic() - began
    size, screen = shot.size, phone.display().size
    found = f"H.264, first picture after {1000 * took_s:.0f} ms, {size[0]}x{size[1]}"
    if abs(size[0] - screen[0]) > 1 or abs(size[1] - screen[1]) > 1:
        return Finding("warn", f"{found}, but the screen is {screen[0]}x{screen[1]}", "take single pictures: raw")
    return Finding("ok", found)


@check("UI tree")
def tree(phone: Phone) -> Finding:
    try:
        phone.tree()  # the first starts uiautomator up
        found_tree = phone.tree()
    except CaptureError as error:
        return Finding("warn", error.message, error.remedy)
    took_s = found_tree.time_s - found_tree.asked_s
    texts = sum(1 for widget in found_tree.widgets if widget.text)
    found = f"{len(found_tree.widgets)} nodes, {texts} with text, {1000 * took_s:.0f} ms"
    if not texts:
        return Finding("warn", found, "this app draws its own text; it is read by OCR")
    if took_s > SLOW_TREE_S:
        return Finding("warn", found, "switch off animations in the developer options")
    return Finding("ok", found)


@check("secure windows")
def secure(phone: Phone) -> Finding:
    app = phone.foreground()
    black = is_black(parse_screencap(_raw(phone), phone.serial))
    if phone.forbids_capture():
        return Finding("warn", f"{app.package} forbids capture: it is seen as black", "its text is in the UI tree")
    if black:
        return Finding("warn", f"{app.package} is captured black", "wake the screen; some apps forbid capture unmarked")
    return Finding("ok", f"{app.package} can be captured")


@check("touches and keys")
def touches(phone: Phone) -> Finding:
    result = phone.shell("input keyevent 0")  # KEYCODE_UNKNOWN: nothing happens
    if result.ok:
        return Finding("ok", "accepted")
    said = (result.err or result.out).strip().splitlines() or ["nothing"]
    return Finding("fail", said[-1], "allow 'USB debugging (security settings)' in the developer options")


def _raw(phone: Phone) -> bytes:
    with phone.lane() as lane:
        return lane.exec_out(SCREENCAP)


def _times(action: Callable[[], object], count: int) -> list[float]:
    times = []
    for _ in range(count):
        began = time.monotonic()
        action()
        times.append(time.monotonic() - began)
    return times
