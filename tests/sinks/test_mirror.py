"""The mirror holds the newest picture only, and a reader gets it covered."""

from __future__ import annotations

import threading

import cv2
import numpy as np

from backend.sinks.mirror import Mirror
from interventions.sdk import Box, Cover


def decoded(picture):
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def test_a_reader_gets_the_newest_and_waits_for_newer():
    mirror = Mirror(width=200)
    for value in (10, 20, 200):
        mirror.show(np.full((400, 200, 3), value, np.uint8), float(value))
    first = mirror.newest(0, 0)
    assert first is not None
    assert (first.number, first.time_s) == (3, 200.0)
    assert mirror.newest(first.number, 0.01) is None
    got = []
    reader = threading.Thread(target=lambda: got.append(mirror.newest(first.number, 20)))
    reader.start()
    mirror.show(np.zeros((400, 200, 3), np.uint8), 4.0)
    reader.join(20)
    assert got[0].number == 4


def test_covered_pixels_are_not_in_the_picture():
    mirror = Mirror(width=200)
    pixels = np.zeros((400, 200, 3), np.uint8)
    pixels[100:140, 20:180, 0] = 255
    mirror.show(pixels, 1.0, [Cover(Box(20, 100, 180, 140))])
    assert decoded(mirror.newest(0, 0)).max() < 60
    mirror.show(pixels, 2.0)
    assert decoded(mirror.newest(0, 0))[120, 100, 0] > 200


def test_many_readers_share_one_compression():
    mirror = Mirror(width=200)
    mirror.show(np.zeros((400, 200, 3), np.uint8), 1.0)
    assert mirror.newest(0, 0).jpeg is mirror.newest(0, 0).jpeg


def test_closing_lets_waiting_readers_go():
    mirror = Mirror()
    got = []
    reader = threading.Thread(target=lambda: got.append(mirror.newest(0, 60)))
    reader.start()
    mirror.close()
    reader.join(20)
    assert got == [None]


def test_a_wide_screen_is_scaled_by_its_shorter_side():
    mirror = Mirror(width=100)
    mirror.show(np.zeros((200, 400, 3), np.uint8), 1.0)
    picture = mirror.newest(0, 0)
    assert (picture.width, picture.height, picture.screen) == (200, 100, (400, 200))
