"""The scene in which the parts of a body are judged: each in a row of its own, as on a screen made for the purpose.

The rows are far enough apart that none is taken for its neighbour. What a part is called stands in its widget's id, so
that an intervention knows a ``like_count`` when it sees one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from time import monotonic

from backend.engine.decision import Decided
from backend.network.views.view import Part
from interventions.sdk import App, Box, Cover, Flow, Line, Region, Replace, Scene, Widget

_WIDTH = 1080
_ROW = 48
_GAP = 240
"""Pixels between rows: more than anything that looks for a number's label or icon looks at."""
_MOST_TEXTS, _MOST_PICTURES = 128, 8
"""In one scene, so that no honest intervention is taken for one that floods."""
_NO_NAME = re.compile(r"[^\w-]+")


def scene_of(parts: Sequence[Part], phone: str, package: str, number: int, flow: Flow | None = None) -> Scene:
    """A scene that shows `parts` below one another, widget by widget in their order, and is of `flow`."""
    lines: list[Line] = []
    regions: list[Region] = []
    widgets: list[Widget] = []
    top, right = _GAP, _WIDTH
    for index, part in enumerate(parts):
        width, height = (_WIDTH, _ROW) if part.pixels is None else part.pixels.shape[1::-1]
        box = Box(0, top, width, top + height)
        top, right = box.bottom + _GAP, max(right, box.right)
        widgets.append(_widget(part, index, package, box, number))
        if part.pixels is not None:
            regions.append(Region(box, part.digest, part.pixels, widget=index))
        else:
            lines.append(Line(part.text, box, paragraph=len(lines), widget=index))
    return Scene(
        number,
        monotonic(),
        phone,
        App(package),
        (right, top),
        tuple(lines),
        tuple(regions),
        tuple(widgets),
        flow=flow,
    )


def _widget(part: Part, index: int, package: str, box: Box, number: int) -> Widget:
    return Widget(
        # A name of its own for every part: nothing that an intervention remembers of one may count for another.
        id=f"flow {number}.{index}",
        index=index,
        parent=None,
        depth=0,
        class_name="android.widget." + ("TextView" if part.pixels is None else "ImageView"),
        package=package,
        box=box,
        view_id=f"{package}:id/{_NO_NAME.sub('_', part.name)}" if part.name else "",
        text=part.text,
    )


def reached(scene: Scene, standing: Iterable[Decided]) -> dict[int, Decided]:
    """For each part of ``scene_of`` that something covers or replaces: by its position, the first that does."""
    tops = [widget.box.top for widget in scene.widgets]
    found: dict[int, Decided] = {}
    for decided in standing:
        box = decided.action.box if isinstance(decided.action, Cover | Replace) else None
        if not box:
            continue
        for index in range(max(0, bisect_right(tops, box.top) - 1), bisect_left(tops, box.bottom)):
            if scene.widgets[index].box.intersect(box):
                found.setdefault(index, decided)
    return found


def batches(positions: Sequence[int], parts: Mapping[int, Part], even_if_none: bool) -> Iterable[list[int]]:
    """The positions in groups that fit one scene; one empty group where there are none but something else to show."""
    batch: list[int] = []
    pictures = 0
    for position in positions:
        pictures += parts[position].kind == "picture"
        if len(batch) >= _MOST_TEXTS or pictures > _MOST_PICTURES:
            yield batch
            batch, pictures = [], int(parts[position].kind == "picture")
        batch.append(position)
    if batch or (even_if_none and not positions):
        yield batch
