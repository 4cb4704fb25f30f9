"""Hide what people pointed at on the mirror and said to hide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from interventions.library.filter_list.matching import Tree
from interventions.sdk import Action, Block, Box, Cover, Intervention, Mask, Match, Widget, param

from .lessons import Lesson, around, mask, read

_WIDTH_DP = 411  # of a common phone; a scene does not tell its density


class Taught(Intervention):
    """Hide what people pointed at on the mirror and said to hide.

    `lessons` is written by the page, one for each thing: the phone it was pointed at on, and how it is found again, by
    a rule of the filter list or by how it looks. One that cannot be read is logged and left out; the others hold.
    """

    lessons = param(list[str](), kind="list", help="phone and rule of each, as the page writes them")
    crops = param("", help="folder of the pictures that lessons name")
    style = param("inpaint", choices=("inpaint", "solid", "blur"), help="how it is hidden")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self._read: object = None
        self._lessons: tuple[Lesson, ...] = ()

    def wanted_masks(self) -> Sequence[Mask]:
        crops = {one.crop: one.score for one in self._learnt() if one.crop}
        return [mask(str(Path(self.crops) / crop), crop, score) for crop, score in crops.items()]

    def on_widget(self, widgets: tuple[Widget, ...]) -> Iterator[Action]:
        rules = [one.rule for one in self._holding() if one.rule is not None]
        if not rules:
            return
        tree = Tree(widgets)
        density = min(self.scene.size) / _WIDTH_DP
        yield from self._hidden(widget.box for rule in rules for widget in tree.matching(rule, density))

    def on_mask(self, matches: tuple[Match, ...]) -> Iterator[Action]:
        wanted = {one.crop for one in self._holding() if one.crop}
        yield from self._hidden(around(match) for match in matches if match.mask in wanted)

    def _hidden(self, boxes: Iterable[Box]) -> Iterator[Action]:
        for box in dict.fromkeys(box.clipped(self.scene.size) for box in boxes):
            if box:
                yield Cover(box, style=self.style, why="taught on the screen", label="taught")
                yield Block(box, why="taught on the screen", label="taught")

    def _holding(self) -> Iterator[Lesson]:
        return (one for one in self._learnt() if one.holds(self.scene.phone, self.scene.app.package))

    def _learnt(self) -> tuple[Lesson, ...]:
        if self.lessons != self._read:
            self._lessons, self._read = tuple(read(self.lessons)), self.lessons
        return self._lessons
