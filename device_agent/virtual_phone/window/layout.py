"""Measuring and laying out, by the rules of Android's own layouts.

A spec is (mode, size) along one axis: EXACTLY that many pixels, AT_MOST that many, or FREE (any). `measure` finds a
view's size under two specs; `arrange` gives its children their places. Axis 0 is horizontal, 1 vertical."""

from __future__ import annotations

from math import ceil

from device_agent.virtual_phone.window import fonts
from device_agent.virtual_phone.window.node import Node

FREE, AT_MOST, EXACTLY = 0, 1, 2
MATCH = -1
Spec = tuple[int, int]
Bounds = list[int]

_HORIZONTAL = {1: 0.5, 5: 1.0}
_VERTICAL = {16: 0.5, 80: 1.0}


def resolve(wanted: int, spec: Spec) -> int:
    mode, size = spec
    return size if mode == EXACTLY else min(wanted, size) if mode == AT_MOST else wanted


def child_spec(spec: Spec, used: int, wanted: int) -> Spec:
    """The spec for a child that asks for `wanted` (pixels, or MATCH, or wrap) where `used` pixels are taken."""
    mode, size = spec
    room = max(0, size - used)
    if wanted >= 0:
        return EXACTLY, wanted
    if mode == FREE:
        return FREE, 0
    return (EXACTLY if mode == EXACTLY and wanted == MATCH else AT_MOST), room


def measure(node: Node, across: Spec, down: Spec) -> tuple[int, int]:
    """The size of `node` under the two specs; remembered until something in it changes."""
    spec = (across, down)
    if node.spec != spec:
        wide, high = _MEASURERS.get(node.kind, _measure_leaf)(node, across, down)
        node.measured = (max(wide, resolve(node.min_width, across)), max(high, resolve(node.min_height, down)))
        node.spec = spec
    return node.measured


def _measure_leaf(node: Node, across: Spec, down: Spec) -> tuple[int, int]:
    # A plain view takes all the room it may have, as View.getDefaultSize does.
    return (across[1] if across[0] else 0), (down[1] if down[0] else 0)


def _measure_text(node: Node, across: Spec, down: Spec) -> tuple[int, int]:
    left, top, right, bottom = node.padding
    lines = lines_of(node, None if across[0] == FREE else max(1, across[1] - left - right))
    return resolve(ceil(lines.width) + left + right, across), resolve(lines.total + top + bottom, down)


def lines_of(node: Node, room_px: int | None) -> fonts.Lines:
    """The lines of a text view whose text may be `room_px` wide."""
    add, multiply = node.spacing
    return fonts.wrap(node.shown_text, node.font, node.size, room_px, node.max_lines, node.ellipsize, add, multiply)


def _measure_image(node: Node, across: Spec, down: Spec) -> tuple[int, int]:
    left, top, right, bottom = node.padding
    image = node.image or {}
    icon = 63 if "icon" in image else 0
    return (
        resolve(image.get("w", icon) + left + right, across),
        resolve(image.get("h", icon) + top + bottom, down),
    )


def _measure_frame(node: Node, across: Spec, down: Spec) -> tuple[int, int]:
    specs = (across, down)
    most = [0, 0]
    for child in node.present():
        size = _measure_child(node, child, specs)
        for axis in (0, 1):
            most[axis] = max(most[axis], size[axis] + _margin(child, axis))
    size = resolve(most[0] + _pad(node, 0), across), resolve(most[1] + _pad(node, 1), down)
    if across[0] != EXACTLY or down[0] != EXACTLY:
        exact = ((EXACTLY, size[0]), (EXACTLY, size[1]))
        for child in node.present():
            if MATCH in (child.params["w"], child.params["h"]):
                _measure_child(node, child, exact)
    return size


def _measure_scroll(node: Node, across: Spec, down: Spec) -> tuple[int, int]:
    along = 1 if node.kind == "scroll" else 0
    specs = [across, down]
    inner = [across, down]
    inner[along] = (FREE, 0)
    most = [0, 0]
    for child in node.present():
        size = _measure_child(node, child, (inner[0], inner[1]))
        for axis in (0, 1):
            most[axis] = max(most[axis], size[axis] + _margin(child, axis))
    wide, high = (resolve(most[axis] + _pad(node, axis), specs[axis]) for axis in (0, 1))
    if node.fill:
        exact = (EXACTLY, high - _pad(node, 1))
        for child in node.present():
            if child.measured[1] < exact[1]:
                measure(child, (EXACTLY, child.measured[0]), exact)
    return wide, high


def _measure_linear(node: Node, across: Spec, down: Spec) -> tuple[int, int]:
    main = 1 if node.vertical else 0
    side = 1 - main
    specs = (across, down)
    exact = specs[main][0] == EXACTLY
    used = _pad(node, main)
    widest = 0
    weights = 0.0
    children = node.present()
    for child in children:
        weight = child.params.get("weight", 0)
        weights += weight
        if weight and exact and _wanted(child, main) == 0:
            used += _margin(child, main)
            continue
        size = _measure_child(node, child, specs, main, used - _pad(node, main))
        used += size[main] + _margin(child, main)
        widest = max(widest, size[side] + _margin(child, side))
    if weights and exact:
        widest = max(widest, _share(node, children, specs, main, specs[main][1] - used, weights))
        used = max(used, specs[main][1])
    total = [0, 0]
    total[main] = resolve(used, specs[main])
    total[side] = resolve(widest + _pad(node, side), specs[side])
    if specs[side][0] != EXACTLY:
        _stretch(node, children, main, total[side])
    return total[0], total[1]


def _share(node: Node, children: list[Node], specs: tuple[Spec, Spec], main: int, left: int, weights: float) -> int:
    """Give the room that is left to the children with a weight; the widest of them, across."""
    side = 1 - main
    widest = 0
    for child in children:
        weight = child.params.get("weight", 0)
        if not weight:
            continue
        part = int(left * weight / weights)
        left -= part
        weights -= weight
        base = 0 if _wanted(child, main) == 0 else child.measured[main]
        inner = [(0, 0), (0, 0)]
        inner[main] = (EXACTLY, max(0, base + part))
        inner[side] = child_spec(specs[side], _pad(node, side) + _margin(child, side), _wanted(child, side))
        size = measure(child, inner[0], inner[1])
        widest = max(widest, size[side] + _margin(child, side))
    return widest


def _stretch(node: Node, children: list[Node], main: int, total: int) -> None:
    """Measure again the children that match a parent whose own size was not known before."""
    side = 1 - main
    for child in children:
        if _wanted(child, side) == MATCH:
            inner = [(0, 0), (0, 0)]
            inner[main] = (EXACTLY, child.measured[main])
            inner[side] = (EXACTLY, max(0, total - _pad(node, side) - _margin(child, side)))
            measure(child, inner[0], inner[1])


def _measure_list(node: Node, across: Spec, down: Spec) -> tuple[int, int]:
    return across[1], down[1]


def _measure_child(node: Node, child: Node, specs: tuple[Spec, Spec], main: int = 0, used: int = 0) -> tuple[int, int]:
    inner = [
        child_spec(
            specs[axis],
            _pad(node, axis) + _margin(child, axis) + (used if axis == main else 0),
            _wanted(child, axis),
        )
        for axis in (0, 1)
    ]
    return measure(child, inner[0], inner[1])


def _wanted(node: Node, axis: int) -> int:
    return int(node.params["h" if axis else "w"])


def _pad(node: Node, axis: int) -> int:
    return node.padding[axis] + node.padding[axis + 2]


def _margin(node: Node, axis: int) -> int:
    margins = node.margins
    return margins[axis] + margins[axis + 2]


_MEASURERS = {
    "text": _measure_text,
    "image": _measure_image,
    "frame": _measure_frame,
    "scroll": _measure_scroll,
    "hscroll": _measure_scroll,
    "linear": _measure_linear,
    "list": _measure_list,
}


def arrange(node: Node, x: int, y: int, width: int, height: int, changed: Bounds) -> None:
    """Put `node` at a place in its parent, and its children in it.

    `changed` takes id, x, y, width, height of every view that moved.
    """
    node.x, node.y, node.width, node.height = x, y, width, height
    bounds = (x, y, width, height)
    if node.told != bounds:
        node.told = bounds
        changed.extend((node.number, *bounds))
        node.touch()
    if node.kind == "linear":
        _arrange_linear(node, changed)
    elif node.kind != "list":
        for child in node.present():
            _arrange_in_frame(node, child, changed)


def _offset(gravity: int, axis: int, free: int) -> int:
    part = (_VERTICAL if axis else _HORIZONTAL).get(gravity & (0x70 if axis else 0x7), 0.0)
    return int(free * part)


def _arrange_in_frame(node: Node, child: Node, changed: Bounds) -> None:
    place = []
    gravity = child.params.get("gravity", 0)
    for axis, room in ((0, node.width), (1, node.height)):
        free = room - _pad(node, axis) - child.measured[axis] - _margin(child, axis)
        place.append(node.padding[axis] + child.margins[axis] + _offset(gravity, axis, free))
    arrange(child, place[0], place[1], *child.measured, changed)


def _arrange_linear(node: Node, changed: Bounds) -> None:
    main = 1 if node.vertical else 0
    side = 1 - main
    room = (node.width, node.height)
    children = node.present()
    total = sum(child.measured[main] + _margin(child, main) for child in children)
    at = node.padding[main] + _offset(node.gravity, main, room[main] - _pad(node, main) - total)
    for child in children:
        gravity = child.params.get("gravity", 0) or node.gravity
        free = room[side] - _pad(node, side) - child.measured[side] - _margin(child, side)
        place = [0, 0]
        place[main] = at + child.margins[main]
        place[side] = node.padding[side] + child.margins[side] + _offset(gravity, side, free)
        arrange(child, place[0], place[1], *child.measured, changed)
        at += child.measured[main] + _margin(child, main)
