"""Pictures by ``screencap``: uncompressed, exact, on every phone; slow where the link is slow.

Before the pixels stands a header of little-endian words: width, height, pixel format, and since Android 9 the colour
space (``frameworks/base/cmds/screencap/screencap.cpp``). Which of the two it is shows in the length.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator

import cv2
import numpy as np

from backend.errors import CaptureError
from backend.phones.capture.shot import Shot
from backend.phones.transport import AdbTransport
from interventions.sdk import Pixels

COMMAND = "screencap 2>/dev/null"
"""Phones with several screens print a warning, which ``exec:`` would mix into the pixels."""

_BYTES_PER_PIXEL = {1: 4, 2: 4, 3: 3, 4: 2, 5: 4}
"""By ``android.graphics.PixelFormat``: RGBA_8888, RGBX_8888, RGB_888, RGB_565; 5 is BGRA_8888."""
_HEADERS = (16, 12)
_AGAIN = "the next picture is asked for; if it goes on, reconnect the phone or restart it"
MAX_SIDE = 16384


def parse_screencap(data: bytes, serial: str = "file") -> Pixels:
    """``(height, width, 3)`` RGB from what ``screencap`` wrote, read-only.

    Raises:
        CaptureError: for a truncated picture (it says how many bytes came and how many were due), an unknown pixel
            format, or anything that is no picture.
    """
    if len(data) < _HEADERS[-1]:
        raise CaptureError(serial, f"the picture is {len(data)} bytes, too short for its header of 12", _AGAIN)
    width, height, kind = struct.unpack_from("<III", data)
    depth = _BYTES_PER_PIXEL.get(kind)
    if depth is None or not 0 < width <= MAX_SIDE or not 0 < height <= MAX_SIDE:
        begins = data[:40].decode("ascii", "replace")
        raise CaptureError(
            serial, f"not a picture: {width}x{height} in pixel format {kind} (it begins {begins!r})", _AGAIN
        )
    size = width * height * depth
    header = next((length for length in _HEADERS if len(data) == length + size), None)
    if header is None:
        raise CaptureError(
            serial,
            f"truncated picture: got {len(data)} bytes, expected {_HEADERS[0] + size} for {width}x{height}",
            _AGAIN,
        )
    pixels = _rgb(np.frombuffer(data, np.uint8, size, header), kind, (height, width))
    pixels.flags.writeable = False
    return pixels


def _rgb(values: Pixels, kind: int, shape: tuple[int, int]) -> Pixels:
    if kind == 3:
        return values.reshape(*shape, 3).copy()
    if kind == 4:
        packed = values.view("<u2").reshape(shape)
        red, green, blue = packed >> 11, packed >> 5 & 63, packed & 31
        planes = (red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2)
        return np.stack(planes, axis=-1).astype(np.uint8)
    code = cv2.COLOR_BGRA2RGB if kind == 5 else cv2.COLOR_RGBA2RGB
    return np.asarray(cv2.cvtColor(values.reshape(*shape, 4), code), np.uint8)


class RawCapture:
    """Takes pictures through one lane, and tells those that differ from the one before."""

    def __init__(self, lane: AdbTransport) -> None:
        self._lane = lane
        self._before = b""

    def take(self) -> Shot | None:
        """A new picture; None when the screen shows what it showed. Raises PhoneError and CaptureError."""
        started = time.monotonic()
        data = self._lane.exec_out(COMMAND)
        if data == self._before:
            return None
        pixels = parse_screencap(data, self._lane.serial)
        self._before = data
        now = time.monotonic()
        return Shot(pixels, started, now - started, "raw")

    def shots(self) -> Iterator[Shot | None]:
        """Pictures without end, None for each that was as before."""
        while True:
            yield self.take()
