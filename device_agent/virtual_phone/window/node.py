"""A view as the window server keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

GONE = 8

# Wire name of a property: attribute, and whether it changes the layout.
PROPERTIES: dict[str, tuple[str, bool]] = {
    "rid": ("resource_id", False),
    "desc": ("description", False),
    "text": ("text", True),
    "hint": ("hint", True),
    "visibility": ("visibility", True),
    "alpha": ("alpha", False),
    "translation": ("translation", False),
    "enabled": ("enabled", False),
    "clickable": ("clickable", False),
    "long": ("long_clickable", False),
    "focusable": ("focusable", False),
    "focused": ("focused", False),
    "selected": ("selected", False),
    "password": ("password", True),
    "editable": ("editable", False),
    "scrollable": ("scrollable", False),
    "background": ("background", False),
    "foreground": ("foreground", False),
    "filter": ("filter", False),
    "clip": ("clip", False),
    "padding": ("padding", True),
    "minHeight": ("min_height", True),
    "minWidth": ("min_width", True),
    "layout": ("params", True),
    "vertical": ("vertical", True),
    "fill": ("fill", True),
    "gravity": ("gravity", True),
    "color": ("color", False),
    "hintColor": ("hint_color", False),
    "size": ("size", True),
    "font": ("font", True),
    "maxLines": ("max_lines", True),
    "ellipsize": ("ellipsize", True),
    "spacing": ("spacing", True),
    "shadow": ("shadow", False),
    "image": ("image", True),
    "scale": ("scale", False),
    "tint": ("tint", False),
    "canvas": ("canvas", False),
    "scroll": ("scroll", False),
}


class Node:
    """One view: what the app said of it, where it lies in its parent, and how often it or anything in it changed.

    `kind` is view, canvas, text, image, frame, linear, scroll, hscroll or list. Lengths are pixels, colours
    0xAARRGGBB as Java's int."""

    def __init__(self, number: int, kind: str, class_name: str, package: str) -> None:
        self.number = number
        self.kind = kind
        self.class_name = class_name
        self.package = package
        self.parent: Node | None = None
        self.children: list[Node] = []

        self.resource_id = ""
        self.description = ""
        self.text = ""
        self.hint = ""
        self.visibility = 0
        self.alpha = 1.0
        self.translation: list[float] = [0, 0]
        self.enabled = True
        self.clickable = False
        self.long_clickable = False
        self.focusable = False
        self.focused = False
        self.selected = False
        self.password = False
        self.editable = False
        self.scrollable = False
        self.background: dict[str, Any] | None = None
        self.foreground: dict[str, Any] | None = None
        self.filter: list[float] | None = None
        self.clip = False
        self.padding: list[int] = [0, 0, 0, 0]
        self.min_height = 0
        self.min_width = 0
        self.params: dict[str, Any] = {"w": -2, "h": -2}
        self.vertical = False
        self.fill = False
        self.gravity = 0
        self.color = -0xE0E0E1
        self.hint_color = -0x75726F
        self.size = 36.75
        self.font = "Roboto-Regular"
        self.max_lines = 1 << 30
        self.ellipsize = False
        self.spacing: list[float] = [0, 1]
        self.shadow: list[float] | None = None
        self.image: dict[str, Any] | None = None
        self.scale = "FIT_CENTER"
        self.tint: int | None = None
        self.canvas: list[list[Any]] = []
        self.scroll: list[int] = [0, 0]

        self.x = 0
        self.y = 0
        self.width = 0
        self.height = 0
        self.measured = (0, 0)
        self.spec: object = None
        self.told: tuple[int, int, int, int] | None = None
        self.version = 0
        self.own_version = 0
        self.cache: Any = None

    def set(self, name: str, value: Any) -> None:
        """Take one property by its wire name.

        Raises:
            KeyError: no such property.
        """
        attribute, layout = PROPERTIES[name]
        if getattr(self, attribute) == value:
            return
        setattr(self, attribute, value)
        if name != "scroll":
            self.own_version += 1
        self.touch()
        if layout:
            self.spoil()

    def touch(self) -> None:
        """Say that this view, and so all that hold it, must be drawn again."""
        node: Node | None = self
        while node is not None:
            node.version += 1
            node = node.parent

    def spoil(self) -> None:
        """Say that this view, and so all that hold it, must be measured again."""
        node: Node | None = self
        while node is not None:
            node.spec = None
            node = node.parent

    def add(self, child: Node, index: int) -> None:
        child.parent = self
        self.children.insert(index, child)
        self.touch()
        self.spoil()

    def remove(self, child: Node) -> None:
        self.children.remove(child)
        child.parent = None
        self.touch()
        self.spoil()

    def present(self) -> list[Node]:
        """Children that take part in the layout."""
        return [child for child in self.children if child.visibility != GONE]

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def margins(self) -> tuple[int, int, int, int]:
        left, top, right, bottom = self.params.get("margins", (0, 0, 0, 0))
        return left, top, right, bottom

    @property
    def shown_text(self) -> str:
        """What a text view shows: its text, its hint when that is empty, dots for a password."""
        if self.password and self.text:
            return "•" * len(self.text)
        return self.text or self.hint
