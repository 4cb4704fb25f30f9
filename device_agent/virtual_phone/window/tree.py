"""The UI tree as ``uiautomator dump`` writes it (AccessibilityNodeInfoDumper in AOSP's uiautomator)."""

from __future__ import annotations

from xml.sax.saxutils import escape

from device_agent.virtual_phone.window.node import Node

Clip = tuple[int, int, int, int]
ENTITIES = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
SCROLLERS = ("scroll", "hscroll")


def dump(root: Node | None, size: tuple[int, int], rotation: int) -> str:
    """The XML of one window's tree; only what can be seen, its bounds cut to what can be seen."""
    parts = [f"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation=\"{rotation}\">"]
    if root is not None:
        _write(parts, root, 0, 0, 0, (0, 0, *size))
    parts.append("</hierarchy>")
    return "".join(parts)


def _write(parts: list[str], node: Node, index: int, x: int, y: int, clip: Clip) -> None:
    x += node.x + round(node.translation[0])
    y += node.y + round(node.translation[1])
    clip = max(clip[0], x), max(clip[1], y), min(clip[2], x + node.width), min(clip[3], y + node.height)
    if node.visibility or node.alpha <= 0 or clip[0] >= clip[2] or clip[1] >= clip[3]:
        return
    parts.append(_open(node, index, clip))
    at = len(parts)
    for number, child in enumerate(node.children):
        _write(parts, child, number, x - node.scroll[0], y - node.scroll[1], clip)
    if len(parts) == at:
        parts[-1] += " />"
    else:
        parts[at - 1] += ">"
        parts.append("</node>")


def _open(node: Node, index: int, clip: Clip) -> str:
    values = {
        "index": str(index),
        "text": node.shown_text,
        "resource-id": node.resource_id,
        "class": node.class_name,
        "package": node.package,
        "content-desc": node.description,
        "checkable": "false",
        "checked": "false",
        "clickable": _flag(node.clickable),
        "enabled": _flag(node.enabled),
        "focusable": _flag(node.focusable),
        "focused": _flag(node.focused),
        "scrollable": _flag(node.scrollable or (node.kind in SCROLLERS and _overflows(node))),
        "long-clickable": _flag(node.long_clickable),
        "password": _flag(node.password),
        "selected": _flag(node.selected),
        "bounds": f"[{clip[0]},{clip[1]}][{clip[2]},{clip[3]}]",
    }
    return "<node " + " ".join(f'{name}="{escape(_legal(value), ENTITIES)}"' for name, value in values.items())


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _overflows(node: Node) -> bool:
    return any(child.width > node.width or child.height > node.height for child in node.children)


def _legal(text: str) -> str:
    """XML 1.0 has no room for most control characters; the dumper writes a dot."""
    return "".join(c if c >= " " or c in "\n\t\r" else "." for c in text)
