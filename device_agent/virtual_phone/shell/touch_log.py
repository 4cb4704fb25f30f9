"""What the virtual phone's touchscreen reports: events as of the Linux kernel's multi-touch protocol B.

Source: ``Documentation/input/multi-touch-protocol.rst`` and ``event-codes.rst`` of the kernel. As there, a value that
has not changed is not reported again, and a reader that fell behind is told so by ``SYN_DROPPED``.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from itertools import islice
from typing import NamedTuple

EV_SYN, EV_KEY, EV_ABS = 0x00, 0x01, 0x03
SYN_REPORT, SYN_DROPPED = 0x00, 0x03
BTN_TOUCH = 0x14A
ABS_MT_SLOT, ABS_MT_POSITION_X, ABS_MT_POSITION_Y, ABS_MT_TRACKING_ID = 0x2F, 0x35, 0x36, 0x39
LIFTED = -1
MOST_TRACKING_ID = 0xFFFF
MOST_EVENTS = 4096


class InputEvent(NamedTuple):
    """``struct input_event``: `time_s` is ``time.monotonic``, as Android sets the clock of its input devices."""

    time_s: float
    kind: int
    code: int
    value: int


class TouchLog:
    """The touchscreen's newest events, under positions that keep counting; any thread may write and read.

    One finger, in slot 0: like the phone's own pointer, which two hosts that touch at once pull to and fro.
    """

    def __init__(self) -> None:
        self._events: deque[InputEvent] = deque(maxlen=MOST_EVENTS)
        self._written = 0
        self._changed = threading.Condition()
        self._touching = False
        self._touches = 0
        self._place: dict[int, int] = {ABS_MT_POSITION_X: 0, ABS_MT_POSITION_Y: 0}

    def down(self, x: int, y: int) -> None:
        """The finger comes down; should it be down already, it is lifted first. Panel coordinates, as in `on_panel`."""
        with self._changed:
            self.up()
            self._touching = True
            self._touches += 1
            self._report(
                (EV_ABS, ABS_MT_TRACKING_ID, self._touches & MOST_TRACKING_ID),
                *self._moved(x, y),
                (EV_KEY, BTN_TOUCH, 1),
            )

    def move(self, x: int, y: int) -> None:
        """It moves. Without a finger on the screen nothing happens."""
        with self._changed:
            if self._touching and (moved := self._moved(x, y)):
                self._report(*moved)

    def up(self) -> None:
        """It is lifted, or the gesture is cancelled, which a touchscreen knows nothing of."""
        with self._changed:
            if self._touching:
                self._touching = False
                self._report((EV_ABS, ABS_MT_TRACKING_ID, LIFTED), (EV_KEY, BTN_TOUCH, 0))

    @property
    def end(self) -> int:
        """The position after the newest event."""
        with self._changed:
            return self._written

    def wait(self, position: int, timeout_s: float) -> tuple[list[InputEvent], int]:
        """The events from `position` on, waiting for some up to `timeout_s`, and the position after them."""
        with self._changed:
            self._changed.wait_for(lambda: self._written > position, timeout_s)
            first = self._written - len(self._events)
            events = list(islice(self._events, max(0, position - first), None))
            if position < first:
                events.insert(0, InputEvent(events[0].time_s, EV_SYN, SYN_DROPPED, 0))
            return events, self._written

    def _moved(self, x: int, y: int) -> list[tuple[int, int, int]]:
        place = {ABS_MT_POSITION_X: x, ABS_MT_POSITION_Y: y}
        changes = [(EV_ABS, axis, value) for axis, value in place.items() if self._place[axis] != value]
        self._place = place
        return changes

    def _report(self, *changes: tuple[int, int, int]) -> None:
        now_s = time.monotonic()
        for change in (*changes, (EV_SYN, SYN_REPORT, 0)):
            self._events.append(InputEvent(now_s, *change))
            self._written += 1
        self._changed.notify_all()


def on_panel(x: int, y: int, size: tuple[int, int], rotation: int) -> tuple[int, int]:
    """Where on the upright touch panel a pixel of the screen lies.

    Args:
        size: width and height of the screen in pixels, as now rotated; points outside count as on its edge.
        rotation: in quarter turns, as ``Display.getRotation``.
    """
    width, height = size
    x, y = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
    turned = ((x, y), (height - 1 - y, x), (width - 1 - x, height - 1 - y), (y, width - 1 - x))
    return turned[rotation % 4]
