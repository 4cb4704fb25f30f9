"""Take the bar of stories off the top of a feed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from interventions.sdk import Action, Block, Box, Cover, Intervention, Mask, Match, Widget, param

from .band import band
from .tray import trays

_LOWEST = 0.4  # share of the screen's height in which what a mask found counts


class StoriesBar(Intervention):
    """Hide stories.

    Where there is a UI tree, the bar is known by the ids and descriptions of its widgets, or as a row of round
    pictures. Where there is none, every PNG in ``masks/`` is looked for; around one that is found, the bar reaches to
    the next edges across the screen. The surroundings are continued over it, so that no black band draws the eye, and
    touches do not reach it.
    """

    masks: ClassVar[list[Mask]] = [
        Mask(f"masks/{path.name}", score=0.78) for path in sorted((Path(__file__).parent / "masks").glob("*.png"))
    ]

    style = param("inpaint", choices=("inpaint", "solid", "blur"), help="how it is covered")
    block = param(True, help="also keep touches from it")
    by_shape = param(True, help="also take rows of round pictures that no id or description names")
    by_look = param(True, help="also look for the pictures in masks/")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self._known: tuple[float, list[Box]] = (0.0, [])

    def on_widget(self, widgets: tuple[Widget, ...]) -> Iterator[Action]:
        bars = trays(self.scene, self.by_shape)
        self._known = self.now, bars
        for bar in bars:
            yield from self._gone(bar, "widgets of a stories bar", 1.0)

    def on_mask(self, matches: tuple[Match, ...]) -> Iterator[Action]:
        if not self.by_look:
            return
        known = list(self._known[1]) if self._known[0] == self.now else []
        for match in sorted(matches, key=lambda match: -match.score):
            seen = match.box.clipped(self.scene.size)
            if (
                not seen
                or seen.bottom > _LOWEST * self.scene.size[1]
                or any(bar.overlap(seen) or seen.overlap(bar) for bar in known)
            ):
                continue
            bar = (
                band(self.scene.pixels, seen)
                if self.scene.pixels is not None
                else Box(0, seen.top, self.scene.size[0], seen.bottom)
            )
            known.append(bar)
            yield from self._gone(bar, f"looks like {match.mask}", match.score)

    def _gone(self, bar: Box, why: str, score: float) -> Iterator[Action]:
        yield Cover(bar, style=self.style, why=why, label="stories", score=score)
        if self.block:
            yield Block(bar, why=why, label="stories")
