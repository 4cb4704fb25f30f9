"""From a widget that somebody pointed at to a rule of a filter list that finds it again.

A rule is proposed only after it has been tried on the very screen that was pointed at. Names come before places: a
view's id survives a redesign, a text survives scrolling, a path survives neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from interventions.library.filter_list.matching import Tree
from interventions.library.filter_list.rules import parse
from interventions.sdk import Box, Scene, Widget

Breadth = Literal["this", "like"]
"""Only the one thing, or all that are of its kind."""

BREADTHS: tuple[Breadth, Breadth] = ("this", "like")
_WIDTH_DP = 411
"""Of a common phone, as the filter list counts: a scene does not tell its density."""
_FORBIDDEN = ("##", "|", "\n", "\r")
"""What a value of the rule format cannot hold."""
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule, and what it would cover of the screen that was pointed at.

    `by` says what it goes by: "position" is the weakest, because another screen may have another thing there.
    """

    rule: str
    by: Literal["id", "text", "position"]
    boxes: tuple[Box, ...]


def propose(scene: Scene, widget: Widget, breadth: Breadth) -> Proposal | None:
    """The steadiest rule that finds `widget` again: alone for "this", with its like for "like".

    None where no rule finds it, as for a widget without an id in a tree whose root is not known.
    """
    proposals = [
        Proposal(rule, by, boxes)
        for rule, by in _candidates(scene, widget, breadth)
        if widget.box.clipped(scene.size) in (boxes := covered(scene, rule))
    ]
    if breadth == "like":
        return proposals[0] if proposals else None
    alone = [one for one in proposals if len(one.boxes) == 1]
    return next(iter(alone or proposals), None)


def covered(scene: Scene, rule: str) -> tuple[Box, ...]:
    """What a rule would cover of `scene`; nothing for a rule of another app."""
    rules, _ = parse(rule)
    tree = Tree(scene.widgets)
    density = min(scene.size) / _WIDTH_DP
    found = [
        widget.box.clipped(scene.size)
        for one in rules
        if one.package == scene.app.package
        for widget in tree.matching(one, density)
    ]
    return tuple(box for box in dict.fromkeys(found) if box)


def _candidates(
    scene: Scene, widget: Widget, breadth: Breadth
) -> Iterator[tuple[str, Literal["id", "text", "position"]]]:
    package = scene.app.package
    if widget.view_id:
        yield f"{package}##viewId={widget.view_id}", "id"
    if breadth == "this":
        if _can_stand(widget.text):
            yield f"{package}##className={widget.class_name}##text={widget.text}", "text"
        if _can_stand(widget.description):
            yield f"{package}##desc={widget.description}", "text"
    way = list(_upwards(scene, widget))
    for length, ancestor in enumerate(way[1:], 1):
        if ancestor.view_id:
            steps = _steps(scene, way[:length], breadth)
            yield f"{package}##viewId={ancestor.view_id}##childPath={steps}", "position"
    if len(way) > 1:  # the window's root is not a step
        yield f"{package}##path={_steps(scene, way[:-1], breadth)}", "position"


def _can_stand(text: str) -> bool:
    return 0 < len(text.strip()) <= _LONGEST_TEXT and text == text.strip() and not any(f in text for f in _FORBIDDEN)


def _upwards(scene: Scene, widget: Widget) -> Iterator[Widget]:
    """`widget`, its parent, and so on to the root."""
    here: Widget | None = widget
    while here is not None:
        yield here
        here = scene.widgets[here.parent] if here.parent is not None else None


def _steps(scene: Scene, way: Sequence[Widget], breadth: Breadth) -> str:
    """The path down to the first of `way`. For its like, through any row of the list that it stands in."""
    alike = [_alike(scene, widget) for widget in way]
    row = _row_of(scene, way, alike) if breadth == "like" else None
    steps = [
        f"{widget.class_name}[{'*' if at == row else same.index(widget.index)}]"
        for at, (widget, same) in enumerate(zip(way, alike, strict=True))
    ]
    return ">".join(reversed(steps))


def _alike(scene: Scene, widget: Widget) -> list[int]:
    """The indices of the widget and of its siblings of the same class, in drawing order."""
    return [
        other.index
        for other in scene.widgets
        if other.parent == widget.parent and other.class_name == widget.class_name
    ]


def _row_of(scene: Scene, way: Sequence[Widget], alike: Sequence[Sequence[int]]) -> int | None:
    """Which of `way` is one row of many: the innermost that stands in something that scrolls, else the innermost of
    several alike."""
    several = [at for at, same in enumerate(alike) if len(same) > 1]
    scrolling = [at for at in several if (parent := way[at].parent) is not None and scene.widgets[parent].scrollable]
    return next(iter([*scrolling, *several]), None)
