"""Which widgets of a UI tree a rule means. Follows what ReDD Focus does with its own rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from interventions.sdk import Widget

from .rules import Path, Rule

_PICTURES = ("ImageView", "SurfaceView", "TextureView")
_FLATTEST = 4  # width over height; flatter "pictures" are dividers and progress bars


class Tree:
    """A UI tree with its edges the way rules walk them, downwards."""

    def __init__(self, widgets: Sequence[Widget]) -> None:
        self.widgets = widgets
        self._children: dict[int | None, list[Widget]] = defaultdict(list)
        self._by_view_id: dict[str, list[Widget]] = defaultdict(list)
        for widget in widgets:
            self._children[widget.parent].append(widget)
            self._by_view_id[widget.view_id].append(widget)

    def matching(self, rule: Rule, density: float) -> list[Widget]:
        """The widgets to cover, none unless `rule` is for this screen. `density` is pixels a dp."""
        if not self._is_its_screen(rule):
            return []
        least = round(rule.thumbnail_dp * density)
        return [widget for widget in self._named(rule) if not least or self._holds_picture(widget, least)]

    def _is_its_screen(self, rule: Rule) -> bool:
        if rule.requires_view_id and not self._by_view_id.get(rule.requires_view_id):
            return False
        if not rule.requires_selected:
            return True
        anchors = self._by_view_id.get(rule.requires_selected, [])
        marked = self._walk(anchors, rule.selected_path) if rule.selected_path else anchors
        return any(widget.selected for widget in marked)

    def _named(self, rule: Rule) -> Iterable[Widget]:
        """A view id with a path below it; else a path; else a view id; else each widget by what it says."""
        anchors = self._by_view_id.get(rule.view_id, []) if rule.view_id else []
        if rule.view_id and rule.child_path:
            return self._walk(anchors, rule.child_path)
        if rule.path:
            # The window's root itself is not a step of the path.
            return self._walk(self._children[None], rule.path)
        if rule.view_id and rule.descriptions:
            return (
                child
                for anchor in anchors
                for child in self._children[anchor.index]
                if any(_described(widget, rule) for widget in self._subtree(child))
            )
        if rule.view_id:
            return anchors
        return (widget for widget in self.widgets if _says(widget, rule))

    def _walk(self, starts: Iterable[Widget], path: Path) -> list[Widget]:
        here = list(starts)
        for step in path:
            following: list[Widget] = []
            for widget in here:
                fitting = [c for c in self._children[widget.index] if c.class_name == step.class_name]
                following += fitting if step.index is None else fitting[step.index : step.index + 1]
            here = following
        return here

    def _subtree(self, widget: Widget) -> Iterator[Widget]:
        todo = [widget]
        while todo:
            here = todo.pop()
            yield here
            todo += self._children[here.index]

    def _holds_picture(self, widget: Widget, least: int) -> bool:
        return any(
            inner.class_name.endswith(_PICTURES)
            and inner.box.width >= least
            and inner.box.height * _FLATTEST >= inner.box.width
            for inner in self._subtree(widget)
        )


def _described(widget: Widget, rule: Rule) -> bool:
    match rule.desc_match:
        case "prefix":
            return widget.description.startswith(rule.descriptions)
        case "substring":
            return any(one in widget.description for one in rule.descriptions)
        case "exact":
            return widget.description in rule.descriptions


def _says(widget: Widget, rule: Rule) -> bool:
    """A description is enough by itself; a class and a text must both hold where both are given."""
    if rule.descriptions and widget.description and _described(widget, rule):
        return True
    if not rule.class_name and not rule.text:
        return False
    return rule.class_name in ("", widget.class_name) and rule.text in ("", widget.text)
