"""One screenshot with its time, its phone, the foreground app, and the UI tree if there is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from interventions.sdk import App, Pixels, Widget


@dataclass(frozen=True, slots=True)
class Tree:
    """A UI tree as ``uiautomator dump`` reported it between `asked_s` and `time_s` (seconds).

    Both are on the frames' clock: a frame is dated when it arrives, so `time_s` allows for a picture of the same moment
    that was still under way.

    `widgets` are in document order; `rotation` is 0 to 3, in quarter turns.
    """

    widgets: tuple[Widget, ...]
    time_s: float
    asked_s: float
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """What one phone showed at `time_s` (``time.monotonic``).

    `pixels` is ``(height, width, 3)`` uint8 RGB, read-only. `tree` is the newest UI tree that belongs to this screen,
    or None. It was asked for after the screen changed (``tree.asked_s >= time_s``), or while it was changing: then the
    times show it, and the reader judges. A tree that arrives later comes with the same pixels under a new number.
    `secure` says that the window forbids capture and `pixels` are black for that reason.
    """

    number: int
    time_s: float
    phone: str
    app: App
    pixels: Pixels = field(repr=False)
    tree: Tree | None = None
    source: Literal["raw", "h264", "file"] = "raw"
    secure: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]
