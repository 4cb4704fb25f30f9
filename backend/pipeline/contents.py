"""Contents of an app, told by the agent before they are shown, and the scene in which interventions judge them.

A content is a text or a picture that a view was given. Where on the screen it will stand is not known yet, so each gets
a row of its own on a screen made for the purpose: far enough from the others that none is taken for its neighbour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from time import monotonic

import numpy as np
from PIL import Image as Pictures

from backend.engine.decision import Decided, Decision
from backend.errors import InputError
from backend.phones.agent.messages import Effect, Image, TextContent
from backend.sinks.effects import SHOW, effect_of
from interventions.sdk import App, Box, Cover, Line, Pixels, Region, Replace, Scene, Widget

MOST_BYTES = 16 << 20
MOST_PIXELS = 32_000_000
_WIDTH = 1080
_ROW = 48
_GAP = 240
"""Pixels between rows: more than anything that looks for a number's label or icon looks at."""
_SMALLEST, _LARGEST = 1, 4096


@dataclass(frozen=True, slots=True)
class Content:
    """One text or picture to judge. `pixels` is None for a text; `size` is the picture's own, in pixels."""

    key: str
    class_name: str
    view_id: str
    role: str
    text: str = ""
    pixels: Pixels | None = None
    size: tuple[int, int] = (0, 0)

    @property
    def is_picture(self) -> bool:
        return self.pixels is not None


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of a content, and who decided so; nobody where it is shown."""

    content: Content
    effect: Effect
    decided: Decided | None = None


def of_text(told: TextContent) -> Content:
    return Content(told.key, told.class_name, told.view_id, told.role, told.text)


def of_image(told: Image, data: bytes) -> Content:
    """The picture that came with `told`.

    Raises:
        InputError: `data` is neither PNG nor JPEG, is broken, or holds more than `MOST_PIXELS`.
    """
    size = (_bounded(told.width), _bounded(told.height))
    return Content(told.key, told.class_name, told.view_id, "picture", "", decoded(data), size)


def decoded(data: bytes) -> Pixels:
    """``(height, width, 3)`` uint8 RGB of a PNG or JPEG. Raises InputError as `of_image` does."""
    if len(data) > MOST_BYTES:
        raise InputError(f"a picture of {len(data)} bytes, more than {MOST_BYTES}, is not looked at")
    try:
        with Pictures.open(BytesIO(data), formats=("PNG", "JPEG")) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise InputError(f"a picture of {width}x{height} pixels is not looked at")
            pixels = np.array(picture.convert("RGB"), dtype=np.uint8)
    except (OSError, SyntaxError, ValueError, Pictures.DecompressionBombError) as error:
        raise InputError(f"{len(data)} bytes are no picture: {error}") from error
    pixels.flags.writeable = False
    return pixels


def scene_of(contents: Sequence[Content], phone: str, package: str, number: int) -> Scene:
    """A screen that shows `contents` below one another, each the only thing in its widget."""
    lines: list[Line] = []
    regions: list[Region] = []
    widgets: list[Widget] = []
    top, right = _GAP, _WIDTH
    for index, content in enumerate(contents):
        width, height = content.size if content.is_picture else (_WIDTH, _ROW)
        box = Box(0, top, width, top + height)
        top, right = box.bottom + _GAP, max(right, box.right)
        widgets.append(_widget(content, index, package, box))
        if content.pixels is not None:
            regions.append(Region(box, content.key, content.pixels, widget=index))
        else:
            lines.append(Line(content.text, box, paragraph=len(lines), widget=index))
    return Scene(number, monotonic(), phone, App(package), (right, top), tuple(lines), tuple(regions), tuple(widgets))


def verdicts(contents: Sequence[Content], decision: Decision) -> list[Judged]:
    """What `decision`, made on ``scene_of(contents)``, says of each content: the first action that reaches its row."""
    found = []
    for content, widget in zip(contents, decision.scene.widgets, strict=True):
        hiding = next((one for one in decision.standing if _reaches(one, widget.box)), None)
        effect = SHOW if hiding is None else effect_of(hiding.action, content.is_picture)
        found.append(Judged(content, effect, hiding))
    return found


def _reaches(decided: Decided, row: Box) -> bool:
    action = decided.action
    return isinstance(action, Cover | Replace) and bool(action.box.intersect(row))


def _widget(content: Content, index: int, package: str, box: Box) -> Widget:
    described = content.role == "description"
    return Widget(
        # A name of its own for every content: nothing that an intervention remembers of one may count for another.
        id=content.key,
        index=index,
        parent=None,
        depth=0,
        class_name=content.class_name,
        package=package,
        box=box,
        view_id=content.view_id,
        text="" if described else content.text,
        description=content.text if described else "",
    )


def _bounded(side: int) -> int:
    return min(max(side, _SMALLEST), _LARGEST)
