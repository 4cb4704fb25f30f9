"""Fingers in a video."""

from __future__ import annotations

import numpy as np

from backend.phones.touches import Touch
from backend.recordings.touch_marks import LINGER_S, TouchMarks, with_marks

TOUCHES = [
    Touch(1.0, "DOWN", 10, 10),
    Touch(1.1, "MOVE", 20, 10),
    Touch(1.1, "DOWN", 90, 90, 1),
    Touch(1.2, "UP", 20, 10),
    Touch(9.0, "UP", 90, 90, 1),
]


def places(marks: TouchMarks, time_s: float) -> list[tuple[int, int]]:
    return [(touch.x, touch.y) for touch in marks.at(time_s)]


def test_a_finger_is_where_it_was_last_and_lingers_a_little() -> None:
    marks = TouchMarks(TOUCHES)
    assert places(marks, 0.9) == []
    assert places(marks, 1.05) == [(10, 10)]
    assert places(marks, 1.15) == [(20, 10), (90, 90)]
    assert places(marks, 1.19 + LINGER_S) == [(20, 10), (90, 90)]
    assert places(marks, 1.21 + LINGER_S) == [(90, 90)]
    assert places(marks, 20.0) == []


def test_a_tap_between_two_frames_is_seen_in_the_second() -> None:
    assert places(TouchMarks([Touch(1.0, "DOWN", 5, 6), Touch(1.02, "UP", 5, 6)]), 1.1) == [(5, 6)]


def test_a_dot_lets_shine_through_what_it_covers_and_leaves_the_rest() -> None:
    picture = np.full((200, 300, 3), 200, np.uint8)
    picture[:, 150:] = 0
    picture.setflags(write=False)
    marked = with_marks(picture, [Touch(0.0, "DOWN", 150, 100)])
    assert marked.shape == picture.shape
    assert not np.array_equal(marked[100, 145], marked[100, 155])
    assert not np.array_equal(marked[100, 145], picture[100, 145])
    changed = np.argwhere((marked != picture).any(axis=2))
    assert np.abs(changed - [100, 150]).max() <= 12
    assert with_marks(picture, []) is picture
