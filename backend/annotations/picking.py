"""What somebody may mean who points at a place on the screen: the innermost thing there, or what it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from interventions.sdk import Box, Scene, Widget

Kind = Literal["widget", "line", "region", "cover"]

_LEAST = 12
"""Pixels of width and height below which nothing can be pointed at."""
_MOST_SHARE = 0.97
"""Of the screen's area: what is larger is the screen itself."""
_SAME = 0.94
"""Overlap, as intersection over union, from which two boxes are one thing to a person."""
_LONGEST = 60
_WORDS = {
    "ImageButton": "button",
    "ImageView": "picture",
    "VideoView": "video",
    "SurfaceView": "video",
    "WebView": "web page",
    "EditText": "field",
    "TextView": "text",
    "Button": "button",
    "Switch": "switch",
    "CheckBox": "box to tick",
    "SeekBar": "slider",
    "ProgressBar": "progress bar",
    "RecyclerView": "list",
    "ListView": "list",
    "GridView": "list",
    "ViewPager": "pages",
    "ScrollView": "list",
    "Layout": "group",
    "ViewGroup": "group",
}
"""By how a class's name ends, the longer endings first where one holds another."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing on the screen: a widget of the UI tree, a line or picture that only pixels tell of, or a cover.

    `position` is its index among the scene's widgets, lines or regions, or among the screen's covers; `name` says in a
    few words what it is; `text` whether it is one that can be judged.
    """

    kind: Kind
    position: int
    box: Box
    name: str
    text: bool = False


def picks(scene: Scene) -> list[Pick]:
    """Everything that can be pointed at, smallest first. Of several that fill the same box, the innermost that has a
    name of its own stands for all: hiding one hides the others."""
    found: list[Pick] = []
    for pick in sorted(_all(scene), key=lambda one: (one.box.area, -one.position)):
        same = next((at for at, other in enumerate(found) if other.box.iou(pick.box) >= _SAME), None)
        if same is None:
            found.append(pick)
        elif _named(scene, pick) and not _named(scene, found[same]):
            found[same] = pick
    return found


def _all(scene: Scene) -> Iterator[Pick]:
    most = _MOST_SHARE * scene.bounds.area
    for widget in scene.widgets:
        box = widget.box.clipped(scene.size)
        if _can_be_meant(box, most):
            yield Pick("widget", widget.index, box, widget_name(widget), bool(widget.text.strip()))
    for position, line in enumerate(scene.lines):
        if line.widget is None and _can_be_meant(line.box.clipped(scene.size), most):
            yield Pick("line", position, line.box.clipped(scene.size), f"“{_short(line.text)}”", text=True)
    for position, region in enumerate(scene.regions):
        if region.widget is None and _can_be_meant(region.box.clipped(scene.size), most):
            yield Pick("region", position, region.box.clipped(scene.size), "picture")


def _can_be_meant(box: Box, most: float) -> bool:
    return box.width >= _LEAST and box.height >= _LEAST and box.area <= most


def _named(scene: Scene, pick: Pick) -> bool:
    return pick.kind == "widget" and bool(scene.widgets[pick.position].view_id)


def widget_name(widget: Widget) -> str:
    """``stories (list)``: its id in words and what it is; where it has no id, what it says, or what it is alone."""
    said = widget.text or widget.description
    if widget.short_id:
        return f"{widget.short_id.replace('_', ' ')} ({kind_in_words(widget)})"
    return f"“{_short(said)}”" if said else kind_in_words(widget)


def kind_in_words(widget: Widget) -> str:
    """What a person would call a widget of this class; the class itself where there is no word for it."""
    ends = (word for ending, word in _WORDS.items() if widget.short_class.endswith(ending))
    return next(ends, widget.short_class or "thing")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
