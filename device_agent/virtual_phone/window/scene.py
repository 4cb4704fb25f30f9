"""The views of one app, and the changes that the app sends."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from PIL import Image

from device_agent.virtual_phone.errors import AppError
from device_agent.virtual_phone.window.layout import AT_MOST, EXACTLY, Bounds, Spec, arrange, measure
from device_agent.virtual_phone.window.node import Node
from device_agent.virtual_phone.window.paint import paint, paint_canvas
from device_agent.virtual_phone.window.pictures import Pictures

FLAG_DIM_BEHIND = 2
FLAG_NOT_FOCUSABLE = 8
FLAG_NOT_TOUCHABLE = 16
FLAG_NOT_TOUCH_MODAL = 32
FLAG_SECURE = 8192
TYPE_BASE_APPLICATION = 1
FIRST_SYSTEM_WINDOW = 2000


@dataclass(slots=True)
class Window:
    """One window: its root view and its WindowManager.LayoutParams."""

    root: Node
    params: dict[str, Any]

    @property
    def is_activity(self) -> bool:
        return bool(self.params["type"] == TYPE_BASE_APPLICATION)

    @property
    def is_system(self) -> bool:
        """Whether it lies over all apps, whichever is in front."""
        return bool(self.params["type"] >= FIRST_SYSTEM_WINDOW)

    @property
    def focusable(self) -> bool:
        return not self.params["flags"] & FLAG_NOT_FOCUSABLE

    @property
    def dims(self) -> float:
        """How dark it makes what lies behind it, 0 to 1."""
        return float(self.params["dim"]) if self.params["flags"] & FLAG_DIM_BEHIND else 0.0

    @property
    def secure(self) -> bool:
        return bool(self.params["flags"] & FLAG_SECURE)

    def takes(self, x: int, y: int) -> bool:
        """Whether a touch at this point goes to this window: inside, or anywhere when the window is modal."""
        root = self.root
        inside = root.x <= x < root.x + root.width and root.y <= y < root.y + root.height
        modal = not self.params["flags"] & (FLAG_NOT_FOCUSABLE | FLAG_NOT_TOUCH_MODAL)
        return (inside or modal) and not self.params["flags"] & FLAG_NOT_TOUCHABLE and root.visibility == 0


class Scene:
    """Nodes and windows of one app."""

    def __init__(self, pictures: Pictures) -> None:
        self.nodes: dict[int, Node] = {}
        self.windows: list[Window] = []
        self._pictures = pictures

    def apply(self, changes: list[list[Any]]) -> None:
        """Apply changes in order.

        Raises:
            AppError: a change that the wire does not know.
        """
        for change in changes:
            try:
                self._apply(change)
            except (KeyError, ValueError, TypeError, IndexError) as broken:
                raise AppError(f"an app sent the change {str(change)[:120]}: {broken!r}") from broken

    def _apply(self, change: list[Any]) -> None:
        name, number, *rest = change
        if name == "set":
            self.nodes[number].set(rest[0], rest[1])
        elif name == "new":
            self.nodes[number] = Node(number, *rest)
        elif name == "add":
            self.nodes[number].add(self.nodes[rest[0]], rest[1])
        elif name == "remove":
            self.nodes[number].remove(self.nodes[rest[0]])
        elif name == "place":
            self._place(self.nodes[number], rest[0], rest[1])
        elif name == "shift":
            for child in self.nodes[number].children:
                child.y += rest[0]
            self.nodes[number].touch()
        elif name == "window":
            self._window(self.nodes[number], rest[0])
        elif name == "pixels":
            wide, high, *box, data = rest
            self._pictures.write(number, (wide, high), (box[0], box[1], box[2], box[3]), base64.b64decode(data))
        elif name == "blank":
            self._pictures.add(number, Image.new("RGBA", (rest[0], rest[1])))
        elif name == "scaled":
            wide, high, source, smooth = rest
            self._pictures.add(number, self._pictures.scaled(source, wide, high, "FIT_XY" if smooth else "NEAREST"))
        elif name == "draw":
            self._draw(number, rest[0])
        elif name == "free":
            if isinstance(number, str):
                self._pictures.forget(number)
            else:
                self.nodes.pop(number, None)
        else:
            raise ValueError("no such change")

    def _draw(self, name: str, operation: list[Any]) -> None:
        """Take one operation of a canvas that an app has over a picture."""
        image = self._pictures.source(name).copy()
        if operation[0] == "view":
            node, left, top = self.nodes[operation[1]], round(operation[2]), round(operation[3])
            paint(image, node, left, top, self._pictures)
        else:
            paint_canvas(image, [operation], 0, 0, self._pictures)
        self._pictures.add(name, image)

    @staticmethod
    def _place(node: Node, x: int, y: int) -> None:
        if (node.x, node.y) != (x, y):
            node.x, node.y = x, y
            if node.parent is not None:
                node.parent.touch()

    def _window(self, root: Node, params: dict[str, Any]) -> None:
        for window in self.windows:
            if window.root is root:
                window.params = params
                break
        else:
            self.windows.append(Window(root, params))
        root.alpha = params["alpha"]
        root.touch()
        root.spoil()

    def remove_window(self, number: int) -> None:
        self.windows = [window for window in self.windows if window.root.number != number]

    def shown(self) -> list[Window]:
        """The app's windows from the bottom up: the newest activity, then what lies over it; none of the system's."""
        activities = [window for window in self.windows if window.is_activity]
        return activities[-1:] + [one for one in self.windows if not one.is_activity and not one.is_system]

    def system_windows(self) -> list[Window]:
        """Windows that lie over every app, from the bottom up."""
        return sorted((one for one in self.windows if one.is_system), key=lambda one: int(one.params["type"]))

    def layout(self, size: tuple[int, int]) -> Bounds:
        """Lay out every window for a screen of `size`; the bounds that changed."""
        changed: Bounds = []
        for window in self.windows:
            params = window.params
            specs = [_window_spec(params[key], room) for key, room in zip("wh", size, strict=True)]
            measured = measure(window.root, specs[0], specs[1])
            place = [
                _window_place(params["gravity"], params[key], axis, size[axis] - measured[axis])
                for axis, key in enumerate("xy")
            ]
            arrange(window.root, place[0], place[1], *measured, changed)
        return changed

    def layout_items(self, ids: list[int], width: int) -> Bounds:
        """Measure list items at `width` and lay out what is in them; their places are the list's business."""
        changed: Bounds = []
        for number in ids:
            node = self.nodes[number]
            high = node.params["h"]
            down: Spec = (EXACTLY, high) if high >= 0 else (0, 0)
            measured = measure(node, (EXACTLY, width), down)
            arrange(node, node.x, node.y, *measured, changed)
        return changed


def _window_spec(wanted: int, room: int) -> Spec:
    return (EXACTLY, wanted) if wanted >= 0 else (EXACTLY if wanted == -1 else AT_MOST, room)


def _window_place(gravity: int, offset: int, axis: int, free: int) -> int:
    end = (80, 0x70) if axis else (5, 7)
    start = (48, 0x70) if axis else (3, 7)
    if gravity & end[1] == end[0]:
        return free - offset
    if gravity & start[1] == start[0]:
        return offset
    return free // 2 + offset
