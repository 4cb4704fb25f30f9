"""Screens as UI trees, small and real."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from backend.phones.tree import parse_tree
from interventions.sdk import App, Box, Scene, Widget

REAL = Path(__file__).parents[3] / "shared/data/trees"
PACKAGE = "org.example.feed"
SIZE = (1080, 2220)


def feed(*, rows: int = 3, ids: bool = True, down: int = 0) -> Scene:
    """A bar of stories above a list of posts; each post has an author, a text and a button.

    Args:
        rows: posts on the screen.
        ids: whether its developers named anything.
        down: how many posts it has been scrolled.
    """
    widgets: list[Widget] = []

    def add(
        kind: str, box: Box, parent: int | None, view_id: str = "", text: str = "", description: str = "", **more: bool
    ) -> int:
        index = len(widgets)
        depth = 0 if parent is None else widgets[parent].depth + 1
        named = f"{PACKAGE}:id/{view_id}" if ids and view_id else ""
        widgets.append(Widget(f"w{index}", index, parent, depth, kind, PACKAGE, box, named, text, description, **more))
        return index

    root = add("android.widget.FrameLayout", Box(0, 0, *SIZE), None)
    column = add("android.widget.LinearLayout", Box(0, 0, *SIZE), root)
    stories = add("android.widget.HorizontalScrollView", Box(0, 100, 1080, 380), column, "stories", scrollable=True)
    for at in range(4):
        add("android.widget.ImageView", Box(at * 260, 110, at * 260 + 240, 370), stories, description=f"Story {at}")
    posts = add("android.widget.ListView", Box(0, 380, 1080, 2220), column, "posts", scrollable=True)
    for at in range(rows):
        top, number = 380 + at * 600, at + down
        row = add("android.widget.LinearLayout", Box(0, top, 1080, top + 600), posts)
        add("android.widget.TextView", Box(40, top + 20, 600, top + 90), row, "author", f"Person {number}")
        add("android.widget.TextView", Box(40, top + 100, 1040, top + 480), row, "text", f"What person {number} says")
        add("android.widget.Button", Box(40, top + 500, 240, top + 580), row, description="Like")
    return scene_of(widgets)


def scene_of(widgets: Sequence[Widget], package: str = PACKAGE, size: tuple[int, int] = SIZE) -> Scene:
    return Scene(1, 0.0, "phone", App(package), size, widgets=tuple(widgets))


def real(name: str) -> Scene:
    """A dump of a real phone; skips where they are not kept."""
    path = REAL / f"{name}.xml"
    if not path.is_file():
        pytest.skip(f"{path} is not there: real dumps are kept outside the project")
    widgets = parse_tree(path.read_bytes()).widgets
    right = max(widget.box.right for widget in widgets)
    return scene_of(widgets, widgets[0].package, (right, max(widget.box.bottom for widget in widgets)))


def saying(scene: Scene, what: str) -> Widget:
    """The one widget with this text, description or id."""
    (found,) = (w for w in scene.widgets if what in (w.text, w.description, w.short_id))
    return found
