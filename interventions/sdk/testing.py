"""Scenes and flows by hand, for tests of interventions: no phone, no picture, no model, no network needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from interventions.sdk.flow import Direction, Flow, FlowList, FlowText, Location, path_text
from interventions.sdk.geometry import Box
from interventions.sdk.scene import App, Line, Scene

SCREEN = (1080, 2220)


def stack(
    *texts: str, left: int = 40, top: int = 200, height: int = 48, gap: int = 24, width: int = 1000
) -> list[Line]:
    """One line a text, stacked from `top` downwards, each a paragraph of its own."""
    return [
        Line(text, Box(left, y, left + width, y + height), paragraph=number)
        for number, text in enumerate(texts)
        for y in [top + number * (height + gap)]
    ]


def scene(
    *texts: str, app: str = "org.example.app", size: tuple[int, int] = SCREEN, number: int = 1, **parts: Any
) -> Scene:
    """A scene whose lines are `texts`, stacked; any other part of Scene by keyword (``widgets=``, ``scroll=`` ...)."""
    lines: Sequence[Line] = parts.pop("lines", None) or stack(*texts)
    return Scene(number, parts.pop("time_s", float(number)), "test", App(app), size, tuple(lines), **parts)


def flow(
    json: Any = None, *, direction: Direction = "response", url: str = "https://api.example.org/feed", **parts: Any
) -> Flow:
    """A flow with a JSON body; any other part of Flow by keyword (``headers=``, ``status=`` ...).

    Its texts are all that are in `json`; the proxy passes over identifiers, addresses and the like.
    """
    values = list(_values(json, ()))
    known = {
        "kind": "none" if json is None else "json",
        "texts": tuple(FlowText(path_text(at), _key(at), value) for at, value in values if isinstance(value, str)),
        "lists": tuple(
            FlowList(path_text(at), _key(at), len(value), any(isinstance(step, int) for step in at))
            for at, value in values
            if isinstance(value, list) and value and isinstance(value[0], dict)
        ),
    }
    return Flow(direction, parts.pop("method", "GET"), url, read=lambda: json, **known | parts)


def _values(value: Any, location: Location) -> Iterator[tuple[Location, Any]]:
    yield location, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in inside:
        yield from _values(one, (*location, step))


def _key(location: Location) -> str:
    return str(location[-1]) if location and isinstance(location[-1], str) else ""
