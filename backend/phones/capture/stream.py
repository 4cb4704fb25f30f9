"""Pictures by ``screenrecord --output-format=h264 -``: the phone's own encoder, a picture a change, little to transfer.

``screenrecord`` ends after 180 s at most, and does not follow a rotation; either way the stream is started anew.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator

import av
import numpy as np
from av.codec.context import Flags

from backend.errors import CaptureError, PhoneError, PhoneGone, PhoneUnauthorised
from backend.phones.capture.access_units import AccessUnits, CutUnit
from backend.phones.capture.shot import Shot
from backend.phones.transport import AdbTransport

log = logging.getLogger(__name__)

COMMAND = "screenrecord --output-format=h264 --bit-rate 20000000 --time-limit 180 - 2>/dev/null"
FIRST_PICTURE_S = 5.0
QUIET_S = 0.01
"""After so long without more bytes a picture counts as complete. Doubled where a network turns out to be slower."""
LONGEST_QUIET_S = 0.2


class StreamUnsupported(CaptureError):
    """This phone gives no usable video; `raw` is the way."""


class Decoder:
    """H.264 access units to RGB, without waiting for later pictures."""

    def __init__(self) -> None:
        self._codec = av.CodecContext.create("h264", "r")
        self._codec.thread_count = 1
        self._codec.flags |= Flags.low_delay

    def decode(self, unit: bytes) -> av.VideoFrame | None:
        """The newest picture that `unit` holds. Raises av.error.FFmpegError for a broken one."""
        frames = self._codec.decode(av.Packet(unit))
        return frames[-1] if frames else None


class StreamCapture:
    """Pictures from one lane's video stream, at most `max_fps` a second; the last before a rest always comes."""

    def __init__(self, lane: AdbTransport, max_fps: float = 30.0) -> None:
        self._lane = lane
        self._interval_s = 1.0 / max_fps
        self._quiet_s = QUIET_S
        self._restart = False
        self._useless = ""
        self.restarts = 0

    def restart(self) -> None:
        """Start the stream anew, because the screen was turned or resized. From any thread."""
        self._restart = True
        self._lane.interrupt()

    def give_up(self, reason: str) -> None:
        """Let `shots` end with StreamUnsupported: the pictures that come are of no use. From any thread."""
        self._useless = reason
        self.restart()

    def shots(self) -> Generator[Shot, None, None]:
        """Pictures without end.

        Raises:
            StreamUnsupported: when the phone's video cannot be used at all.
            PhoneError: when the link breaks.
        """
        failures, worked = 0, False
        while True:
            if self._useless:
                raise StreamUnsupported(self._lane.serial, f"its video is of no use: {self._useless}", _USE_RAW)
            self._restart = False
            count = 0
            try:
                for shot in self._one_stream():
                    count, worked = count + 1, True
                    yield shot
            except CutUnit:
                self._quiet_s = min(self._quiet_s * 2, LONGEST_QUIET_S)
                log.debug(
                    "phone %s: slow link; pictures count as complete after %g s", self._lane.serial, self._quiet_s
                )
            except av.error.FFmpegError as error:
                log.warning("phone %s: the video is damaged and starts anew: %s", self._lane.serial, error)
            except (PhoneGone, PhoneUnauthorised):
                if not self._restart:
                    raise
            except PhoneError as error:
                if worked:
                    raise
                raise StreamUnsupported(self._lane.serial, f"no video: {error.message}", _USE_RAW) from error
            failures = 0 if count or self._restart else failures + 1
            if failures >= 2:
                raise StreamUnsupported(self._lane.serial, "its video stream ended without a picture", _USE_RAW)
            self.restarts += 1

    def _one_stream(self) -> Iterator[Shot]:
        units, decoder = AccessUnits(), Decoder()
        newest: av.VideoFrame | None = None
        began = shown = time.monotonic()
        for chunk in self._chunks():
            if not chunk:
                rest = units.flush()
                ready = [rest] if rest else []
            else:
                ready = units.feed(chunk)
            for unit in ready:
                began = time.monotonic()
                newest = decoder.decode(unit) or newest
            early_s = shown + self._interval_s - time.monotonic()
            if newest is not None and (not chunk or early_s <= 0):
                time.sleep(max(0.0, early_s))  # what comes meanwhile is decoded next
                shown = time.monotonic()
                yield _shot(newest, began)
                newest = None

    def _chunks(self) -> Iterator[bytes]:
        yield from self._lane.stream(COMMAND, FIRST_PICTURE_S, self._quiet_s)
        yield b""  # the last picture has no successor to complete it


_USE_RAW = "single pictures are used instead"


def _shot(picture: av.VideoFrame, began: float) -> Shot:
    pixels = picture.to_ndarray(format="rgb24")
    pixels.flags.writeable = False
    now = time.monotonic()
    return Shot(np.asarray(pixels, np.uint8), now, now - began, "h264")
