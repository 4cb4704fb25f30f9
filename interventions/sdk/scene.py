"""What perception saw in one frame: the only things an intervention reads.

A scene is immutable. Boxes are in screen pixels; pixel arrays are ``(height, width, 3)`` uint8 RGB and read-only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from interventions.sdk.flow import Flow
from interventions.sdk.geometry import Box

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class App:
    """The app in the foreground."""

    package: str
    activity: str = ""

    def __str__(self) -> str:
        return f"{self.package}/{self.activity}" if self.activity else self.package


@dataclass(frozen=True, slots=True)
class Widget:
    """One node of the UI tree, as ``uiautomator dump`` reports it.

    `id` is stable while the same thing stays on screen; `parent` is the parent's index in `Scene.widgets`.
    """

    id: str
    index: int
    parent: int | None
    depth: int
    class_name: str
    package: str
    box: Box
    view_id: str = ""
    text: str = ""
    description: str = ""
    clickable: bool = False
    scrollable: bool = False
    enabled: bool = True
    focused: bool = False
    checked: bool = False
    selected: bool = False
    password: bool = False

    @property
    def short_id(self) -> str:
        """The part of `view_id` after the slash: ``stories`` of ``org.example:id/stories``."""
        return self.view_id.rpartition("/")[2]

    @property
    def short_class(self) -> str:
        """The class without its package: ``ImageView``."""
        return self.class_name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of text on the screen.

    From the UI tree (`source` "tree") it is a widget's whole text and box, however many rows it wraps over; from OCR
    it is one row. Rows that read on as one text share a `paragraph` number. `confidence` is the reader's own, 0 to 1.
    `widget` is an index into `Scene.widgets`.
    """

    text: str
    box: Box
    source: Literal["tree", "ocr"] = "tree"
    confidence: float = 1.0
    paragraph: int = -1
    widget: int | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A picture on the screen. `digest` names its content: equal pictures have equal digests."""

    box: Box
    digest: str
    pixels: Pixels = field(repr=False, compare=False)
    source: Literal["tree", "pixels"] = "tree"
    widget: int | None = None


@dataclass(frozen=True, slots=True)
class Scroll:
    """How the content moved since the frame before.

    `dx`, `dy` are pixels the *finger's way*: reading on, downwards, gives a negative `dy` (content moves up).
    `distance` is the pixels travelled in this app since it came to the front (always growing), `streak` the number of
    frames in a row that scrolled, `box` the part of the screen that moved.
    """

    dx: int = 0
    dy: int = 0
    box: Box = Box(0, 0, 0, 0)
    distance: int = 0
    streak: int = 0

    def __bool__(self) -> bool:
        return bool(self.dx or self.dy)


@dataclass(frozen=True, slots=True)
class Match:
    """A place that looks like one of an intervention's `masks`. `score` is a normalised correlation, -1 to 1."""

    mask: str
    box: Box
    score: float
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a model found in a picture: where (screen pixels), which class, how sure (0 to 1)."""

    box: Box
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything perception saw in frame `number` at `time_s` (seconds, monotonic within one session).

    For a network flow it is made up: the flow's texts and pictures in rows of their own, and the flow itself.
    """

    number: int
    time_s: float
    phone: str
    app: App
    size: tuple[int, int]
    lines: tuple[Line, ...] = ()
    regions: tuple[Region, ...] = ()
    widgets: tuple[Widget, ...] = ()
    scroll: Scroll = Scroll()
    changed: tuple[Box, ...] = ()
    pixels: Pixels | None = field(default=None, repr=False, compare=False)
    flow: Flow | None = field(default=None, repr=False, compare=False)

    @property
    def bounds(self) -> Box:
        return Box(0, 0, *self.size)

    def children(self, widget: Widget) -> Iterator[Widget]:
        """The direct children of `widget`, in drawing order."""
        return (other for other in self.widgets if other.parent == widget.index)

    def paragraph(self, line: Line) -> tuple[Line, ...]:
        """All rows of the text that `line` belongs to, in reading order."""
        if line.paragraph < 0:
            return (line,)
        return tuple(other for other in self.lines if other.paragraph == line.paragraph)
