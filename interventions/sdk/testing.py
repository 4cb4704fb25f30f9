"""Scenes by hand, for tests of interventions: no phone, no picture, no model needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
