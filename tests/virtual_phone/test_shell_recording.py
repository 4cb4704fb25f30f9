"""The screen as H.264: a picture at once, one for every change, nothing for a still screen."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import av
import numpy as np
import pytest

from device_agent.virtual_phone.shell.recording import Recording, encode_h264
from device_agent.virtual_phone.still import StillDevice


def shade(value: int, width: int = 64, height: int = 96) -> np.ndarray:
    return np.full((height, width, 4), value, np.uint8)


class Viewer:
    """Decodes a stream piece by piece, as a host does."""

    def __init__(self, device: StillDevice, recording: Recording) -> None:
        self.stop = threading.Event()
        self.pieces: Iterator[bytes] = encode_h264(device, recording, self.stop)
        self.decoder = av.CodecContext.create("h264", "r")

    def next_picture(self) -> np.ndarray:
        """What one more piece of the stream shows: exactly one picture."""
        frames = [f for packet in self.decoder.parse(next(self.pieces)) for f in self.decoder.decode(packet)]
        assert len(frames) == 1
        return frames[0].to_ndarray(format="rgb24")


@pytest.fixture
def device() -> Iterator[StillDevice]:
    with StillDevice(shade(0), "") as device:
        yield device


def test_each_change_is_one_whole_picture_without_waiting_for_the_next(device: StillDevice) -> None:
    viewer = Viewer(device, Recording(None, 20_000_000, 60))
    assert viewer.next_picture().mean() < 3
    for value in (255, 64, 128):
        device.show(shade(value))
        assert abs(viewer.next_picture().mean() - value) < 4


def test_colours_come_through(device: StillDevice) -> None:
    viewer = Viewer(device, Recording(None, 20_000_000, 60))
    viewer.next_picture()
    for colour in ((200, 30, 30), (30, 200, 30), (30, 30, 200)):
        device.show(np.full((96, 64, 4), (*colour, 255), np.uint8))
        assert np.abs(viewer.next_picture().mean(axis=(0, 1)) - colour).max() < 6


def test_keyframes_come_regularly(device: StillDevice) -> None:
    pieces = encode_h264(device, Recording(None, 20_000_000, 60), threading.Event())
    keyframes = []
    for number in range(130):
        if b"\x00\x00\x01\x67" in next(pieces):  # a sequence parameter set goes before each
            keyframes.append(number)
        device.show(shade(number))
    assert keyframes == [0, 60, 120]


def test_a_screen_that_turns_turns_the_picture(device: StillDevice) -> None:
    viewer = Viewer(device, Recording(None, 20_000_000, 60))
    assert viewer.next_picture().shape == (96, 64, 3)
    device.show(shade(100, width=96, height=64))
    assert viewer.next_picture().shape == (64, 96, 3)


def test_a_wanted_size_is_kept_and_made_even(device: StillDevice) -> None:
    viewer = Viewer(device, Recording((33, 47), 20_000_000, 60))
    assert viewer.next_picture().shape == (46, 32, 3)
    device.show(shade(9, width=96, height=64))
    assert viewer.next_picture().shape == (46, 32, 3)


def test_it_ends_when_nobody_watches_or_the_time_is_up(device: StillDevice) -> None:
    viewer = Viewer(device, Recording(None, 20_000_000, 60))
    viewer.next_picture()
    viewer.stop.set()
    assert list(viewer.pieces) == []
    assert len(list(encode_h264(device, Recording(None, 20_000_000, 0.01), threading.Event()))) <= 1
