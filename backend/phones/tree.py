"""UI trees: from the XML that ``uiautomator dump`` writes to `Tree`, in one pass and within limits.

The format is AOSP's ``AccessibilityNodeInfoDumper``: nested ``<node>`` elements below ``<hierarchy rotation="0">``.
A dump comes from a phone, so from anybody: no document type, no entities, no more than `MAX_BYTES`, `MAX_NODES`,
`MAX_DEPTH`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat

from backend.errors import CaptureError
from backend.phones.frame import Tree
from backend.phones.widget_ids import WidgetIds
from interventions.sdk import Box, Widget

MAX_BYTES = 6 << 20
MAX_NODES = 50_000
MAX_DEPTH = 500

_BOUNDS = re.compile(r"\[(-?\d{1,7}),(-?\d{1,7})\]\[(-?\d{1,7}),(-?\d{1,7})\]")
_NUMERIC_ENTITY = re.compile(rb"(?:&#(\d{1,7});)+")
_ONE_ENTITY = re.compile(rb"&#(\d{1,7});")
_TRY_AGAIN = "it is asked for again with the next change of the screen"


def parse_tree(
    xml: bytes,
    *,
    serial: str = "file",
    asked_s: float = 0.0,
    time_s: float = 0.0,
    before: Tree | None = None,
) -> Tree:
    """The tree in `xml`, whatever stands before ``<?xml`` or after ``</hierarchy>`` left out.

    `before` is the tree dumped before this one: things that scrolled keep the ids they had there.

    Raises:
        CaptureError: when it is too large, cut off, malformed, or holds what no dump holds.
    """
    if len(xml) > MAX_BYTES:
        raise CaptureError(serial, f"the UI tree is {len(xml)} bytes, more than {MAX_BYTES}", _TRY_AGAIN)
    reader = _Reader(serial)
    reader.read(_document(serial, xml))
    widgets = WidgetIds(before.widgets if before else ()).name(reader.widgets)
    return Tree(widgets, time_s, asked_s, reader.rotation)


def _document(serial: str, xml: bytes) -> bytes:
    start, end = xml.find(b"<hierarchy"), xml.rfind(b"</hierarchy>")
    if start < 0:
        raise CaptureError(serial, f"no UI tree in {len(xml)} bytes of output", _TRY_AGAIN)
    if b"<!" in xml[:start]:
        raise CaptureError(serial, "the UI tree declares a document type, which no dump does", "see what sent it")
    if end < 0 and not xml[start:].rstrip().endswith(b"/>"):
        raise CaptureError(serial, f"the UI tree is cut off after {len(xml)} bytes", _TRY_AGAIN)
    document = xml[start : end + len(b"</hierarchy>")] if end >= 0 else xml[start:]
    return _NUMERIC_ENTITY.sub(_readable, document) if b"&#" in document else document


def _readable(entities: re.Match[bytes]) -> bytes:
    """Numeric entities that XML allows: Android writes an emoji as two surrogates, and control characters too."""
    numbers = [int(number) for number in _ONE_ENTITY.findall(entities[0])]
    units = b"".join(n.to_bytes(2, "little") for n in numbers if n < 0x10000)
    if len(units) != 2 * len(numbers):
        return entities[0]  # already whole characters
    text = units.decode("utf-16-le", "replace")
    allowed = "".join(c if c >= " " or c in "\t\n\r" else "\ufffd" for c in text).replace("\uffff", "\ufffd")
    return "".join(f"&#{ord(c)};" for c in allowed.replace("\ufffe", "\ufffd")).encode()


class _Reader:
    """Collects widgets, without ids yet, while expat goes through the document."""

    def __init__(self, serial: str) -> None:
        self.serial = serial
        self.rotation = 0
        self.widgets: list[Widget] = []
        self._open: list[int] = []
        self._depth = 0

    def read(self, document: bytes) -> None:
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        try:
            parser.Parse(document, True)
        except expat.ExpatError as error:
            raise CaptureError(self.serial, f"the UI tree is malformed: {error}", _TRY_AGAIN) from error

    def _refuse(self, *_declared: object) -> None:
        raise CaptureError(self.serial, "the UI tree declares entities, which no dump does", "see what sent it")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise CaptureError(self.serial, f"the UI tree is nested deeper than {MAX_DEPTH}", _TRY_AGAIN)
        if name == "hierarchy":
            rotation = attributes.get("rotation", "0")
            self.rotation = int(rotation) % 4 if rotation.isascii() and rotation.isdigit() else 0
        elif name == "node":
            if len(self.widgets) >= MAX_NODES:
                raise CaptureError(self.serial, f"the UI tree has more than {MAX_NODES} nodes", _TRY_AGAIN)
            self.widgets.append(self._widget(attributes))
            self._open.append(len(self.widgets) - 1)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == "node":
            self._open.pop()

    def _widget(self, attributes: Mapping[str, str]) -> Widget:
        get = attributes.get
        return Widget(
            id="",
            index=len(self.widgets),
            parent=self._open[-1] if self._open else None,
            depth=len(self._open),
            class_name=get("class", ""),
            package=get("package", ""),
            box=self._box(get("bounds", "[0,0][0,0]")),
            view_id=get("resource-id", ""),
            text=get("text", ""),
            description=get("content-desc", ""),
            clickable=get("clickable") == "true",
            scrollable=get("scrollable") == "true",
            enabled=get("enabled") != "false",
            focused=get("focused") == "true",
            checked=get("checked") == "true",
            selected=get("selected") == "true",
            password=get("password") == "true",
        )

    def _box(self, bounds: str) -> Box:
        numbers = _BOUNDS.fullmatch(bounds)
        if numbers is None:
            raise CaptureError(
                self.serial, f"node {len(self.widgets)} of the UI tree has bounds {bounds[:40]!r}", _TRY_AGAIN
            )
        left, top, right, bottom = map(int, numbers.groups())
        return Box(left, top, right, bottom)
