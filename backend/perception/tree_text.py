"""Lines of text from the UI tree: exact, and for free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from interventions.sdk import Box, Line, Widget

_LONGEST_DESCRIPTION = 400
_ASKED_DESCENDANTS = 64


def lines(widgets: Sequence[Widget], bounds: Box) -> tuple[Line, ...]:
    """The texts that widgets show, in document order, their boxes clipped to `bounds`, each its own paragraph.

    A description (`content-desc`) stands in where a leaf has no text. A parent that only repeats what its
    children say, as list rows do for screen readers, is left out; so are passwords.
    """
    children = _children(widgets)
    found: list[Line] = []
    for at, widget in enumerate(widgets):
        text = _said(widget, leaf=at not in children)
        box = widget.box.intersect(bounds)
        if not text or not box or widget.password:
            continue
        if at in children and _repeats(text, (widgets[child] for child in _below(children, at))):
            continue
        found.append(Line(text=text, box=box, source="tree", paragraph=len(found), widget=widget.index))
    return tuple(found)


def leaves(widgets: Sequence[Widget]) -> list[Widget]:
    """The widgets without children."""
    children = _children(widgets)
    return [widget for at, widget in enumerate(widgets) if at not in children]


def _said(widget: Widget, leaf: bool) -> str:
    text = widget.text.strip()
    if text or not leaf:
        return text
    return widget.description.strip()[:_LONGEST_DESCRIPTION]


def _repeats(text: str, descendants: Iterable[Widget]) -> bool:
    """Whether every word of `text` is said by the descendants; a row of a list has few, so only the first are asked."""
    missing = _words(text)
    said_any = False
    for widget in islice(descendants, _ASKED_DESCENDANTS):
        said = _words(widget.text) | _words(widget.description)
        said_any |= bool(said)
        missing -= said
    return said_any and not missing


def _words(text: str) -> set[str]:
    return set(text.casefold().replace(",", " ").split())


def _children(widgets: Sequence[Widget]) -> dict[int, list[int]]:
    """Positions of the children of each parent's position. `parent` is an index; a broken one makes a root."""
    position = {widget.index: at for at, widget in enumerate(widgets)}
    children: dict[int, list[int]] = {}
    for at, widget in enumerate(widgets):
        parent = position.get(widget.parent) if widget.parent is not None else None
        if parent is not None and parent < at:
            children.setdefault(parent, []).append(at)
    return children


def _below(children: dict[int, list[int]], at: int) -> Iterable[int]:
    waiting = list(children.get(at, ()))
    while waiting:
        child = waiting.pop()
        yield child
        waiting.extend(children.get(child, ()))
