"""Touches, as the fingers of a test or of a person on the page make them.

The times inside the events are those of the gesture as asked for, so that the same gesture always has the same
speed, whatever the host was doing meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

STEP_MS = 16
DOWN, UP, MOVE, CANCEL = 0, 1, 2, 3
ACTIONS = {"DOWN": DOWN, "UP": UP, "MOVE": MOVE, "CANCEL": CANCEL}


class Touch(NamedTuple):
    """One event of a gesture: `at_ms` after it began."""

    action: int
    x: int
    y: int
    at_ms: int


def tap(x: int, y: int) -> Iterator[Touch]:
    yield Touch(DOWN, x, y, 0)
    yield Touch(UP, x, y, STEP_MS)


def swipe(x1: int, y1: int, x2: int, y2: int, duration_ms: int) -> Iterator[Touch]:
    """A straight line at constant speed."""
    yield Touch(DOWN, x1, y1, 0)
    steps = max(1, duration_ms // STEP_MS)
    for i in range(1, steps + 1):
        yield Touch(MOVE, x1 + (x2 - x1) * i // steps, y1 + (y2 - y1) * i // steps, duration_ms * i // steps)
    yield Touch(UP, x2, y2, duration_ms)


def paced(touches: Iterator[Touch]) -> Iterator[Touch]:
    """The touches, each when its time has come; late ones at once."""
    begin = time.monotonic()
    for touch in touches:
        wait_s = begin + touch.at_ms / 1000 - time.monotonic()
        if wait_s > 0 and touch.action == MOVE:
            time.sleep(wait_s)
        yield touch
