"""The rule format of ReDD Focus (once GreaseMilkyway), read from text.

One rule a line, ``package##key=value##key=value``. Which widgets: ``viewId``, ``desc`` (alternatives between ``|``,
compared as ``descMatch`` says: exact, prefix, substring), ``className``, ``text``, ``path`` from the window's root,
``childPath`` from the widget with ``viewId``, ``hasThumbnail`` (holds a picture at least so many dp wide). On which
screens: ``requiresViewId``, ``requiresSelected`` (a view id, or ``id>path`` below it). And ``color`` (RRGGBB or
AARRGGBB), ``blockTouches``, ``enabled``, ``comment``, ``category``. Lines that start with ``//`` are comments; one
names the rule below it.

A path is ``Class[n]>Class[*]``: the n-th child, counted from 0, among those of that class; ``*`` is all of them.

A rule that cannot be read in full is dropped, not applied in part: half a rule covers more than its author wanted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

DescMatch = Literal["exact", "prefix", "substring"]

_DEFAULT_THUMBNAIL_DP = 100
_LEAST_THUMBNAIL_DP = 48  # below it a picture is an icon
_SEGMENT = re.compile(r"([\w.$]+)(?:\[(\d+|\*)\])?")
_COLOR = re.compile(r"#?(?:[0-9a-fA-F]{2})?([0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of a path: the `index`-th child of class `class_name`, or all of them when None."""

    class_name: str
    index: int | None


Path = tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. Empty texts and paths are conditions that it does not have. `color` is ``(alpha, "RRGGBB")``."""

    line: int
    package: str
    view_id: str = ""
    descriptions: tuple[str, ...] = ()
    desc_match: DescMatch = "exact"
    class_name: str = ""
    text: str = ""
    path: Path = ()
    child_path: Path = ()
    thumbnail_dp: int = 0
    requires_view_id: str = ""
    requires_selected: str = ""
    selected_path: Path = ()
    color: tuple[int, str] = (255, "FFFFFF")
    block_touches: bool = True
    enabled: bool = True
    comment: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line. Lines are counted from 1."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


def parse(text: str) -> tuple[list[Rule], list[Fault]]:
    """The rules in `text`, and the faults of the lines that are none."""
    rules: list[Rule] = []
    faults: list[Fault] = []
    heading = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("//"):
            heading = line[2:].strip()
        elif line:
            try:
                rules.append(_rule(number, line, heading))
            except ValueError as error:
                faults.append(Fault(number, str(error)))
            heading = ""
    return rules, faults


def _rule(number: int, line: str, heading: str) -> Rule:
    package, *parts = line.split("##")
    if not parts:
        raise ValueError("a rule is package##key=value, but there is no ##")
    if not package.strip():
        raise ValueError("the package before the first ## is missing")
    fields: dict[str, object] = {"comment": heading}
    for part in parts:
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise ValueError(f"{part.strip()!r} is not key=value")
        if key not in _READERS:
            raise ValueError(f"unknown key {key!r}")
        if not value:
            raise ValueError(f"{key} is empty")
        fields |= _READERS[key](value)
    rule = Rule(line=number, package=package.strip(), **fields)  # type: ignore[arg-type]
    if not (rule.view_id or rule.descriptions or rule.class_name or rule.text or rule.path):
        raise ValueError("it names no widget; give viewId, desc, className, text or path")
    if rule.child_path and not rule.view_id:
        raise ValueError("childPath starts from a viewId, which is missing")
    return rule


def _path(value: str) -> Path:
    return tuple(_segments(value))


def _segments(value: str) -> Iterator[Segment]:
    for step in value.split(">"):
        found = _SEGMENT.fullmatch(step.strip())
        if not found:
            raise ValueError(f"{step.strip()!r} is no step of a path; one is android.view.View[0] or [*]")
        yield Segment(found[1], None if found[2] == "*" else int(found[2] or 0))


def _descriptions(value: str) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(one.strip() for one in value.split("|") if one.strip()))
    if not kept:
        raise ValueError("desc is empty")
    return kept


def _desc_match(value: str) -> DescMatch:
    match value.lower():
        case "exact" | "prefix" | "substring" as kind:
            return kind
    raise ValueError(f"descMatch is exact, prefix or substring, not {value!r}")


def _thumbnail(value: str) -> int:
    match value.lower():
        case "true":
            return _DEFAULT_THUMBNAIL_DP
        case "false":
            return 0
    number = value.removesuffix("dp").strip()
    if not number.isdecimal() or int(number) < _LEAST_THUMBNAIL_DP:
        raise ValueError(f"hasThumbnail is true, false or a width from {_LEAST_THUMBNAIL_DP}dp on, not {value!r}")
    return int(number)


def _flag(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ValueError(f"{value!r} is neither true nor false")
    return value.lower() == "true"


def _color(value: str) -> tuple[int, str]:
    found = _COLOR.fullmatch(value)
    if not found:
        raise ValueError(f"color is RRGGBB or AARRGGBB, not {value!r}")
    digits = value.removeprefix("#")
    return (int(digits[:2], 16) if len(digits) == 8 else 255), found[1].upper()


def _selected(value: str) -> dict[str, object]:
    anchor, arrow, path = (piece.strip() for piece in value.partition(">"))
    if not anchor or (arrow and not path):
        raise ValueError(f"requiresSelected is a view id, or a view id>path, not {value!r}")
    return {"requires_selected": anchor, "selected_path": _path(path) if path else ()}


def _one(field: str, read: Callable[[str], object] = str) -> Callable[[str], dict[str, object]]:
    return lambda value: {field: read(value)}


_READERS: dict[str, Callable[[str], dict[str, object]]] = {
    "viewId": _one("view_id"),
    "desc": _one("descriptions", _descriptions),
    "descMatch": _one("desc_match", _desc_match),
    "className": _one("class_name"),
    "text": _one("text"),
    "path": _one("path", _path),
    "childPath": _one("child_path", _path),
    "hasThumbnail": _one("thumbnail_dp", _thumbnail),
    "requiresViewId": _one("requires_view_id"),
    "requiresSelected": _selected,
    "color": _one("color", _color),
    "blockTouches": _one("block_touches", _flag),
    "enabled": _one("enabled", _flag),
    "comment": _one("comment"),
    "category": _one("category"),
}
