"""Hide what people pointed at on the mirror and said to hide."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from interventions.library.filter_list.matching import Tree
from interventions.library.filter_list.rules import Rule, parse
from interventions.sdk import Action, Block, Cover, Intervention, Widget, param

log = logging.getLogger(__name__)

_WIDTH_DP = 411  # of a common phone; a scene does not tell its density
ANYWHERE = "*"
"""In place of a phone's serial: the lesson holds on every phone."""


class Taught(Intervention):
    """Hide what people pointed at on the mirror and said to hide.

    `lessons` is written by the page: a phone's serial (or ``*`` for every phone), a space, and a rule in the format of
    the filter list. One that cannot be read is logged and left out; the others hold.
    """

    lessons = param(list[str](), kind="list", help="phone and rule of each, as the page writes them")
    style = param("inpaint", choices=("inpaint", "solid", "blur"), help="how it is hidden")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self._read: object = None
        self._rules: dict[tuple[str, str], list[Rule]] = {}

    def on_widget(self, widgets: tuple[Widget, ...]) -> Iterator[Action]:
        if self.lessons != self._read:
            self._learn()
        package = self.scene.app.package
        rules = [*self._rules.get((ANYWHERE, package), ()), *self._rules.get((self.scene.phone, package), ())]
        if not rules:
            return
        tree = Tree(widgets)
        density = min(self.scene.size) / _WIDTH_DP
        found = (widget for rule in rules for widget in tree.matching(rule, density))
        for box in dict.fromkeys(widget.box.clipped(self.scene.size) for widget in found):
            if box:
                yield Cover(box, style=self.style, why="taught on the screen", label="taught")
                yield Block(box, why="taught on the screen", label="taught")

    def _learn(self) -> None:
        self._rules = {}
        for lesson in self.lessons:
            phone, _, rule = lesson.partition(" ")
            rules, faults = parse(rule)
            for fault in faults:
                log.warning("taught: a lesson of %s is left out: %s", phone or "no phone", fault.reason)
            for one in rules:
                self._rules.setdefault((phone, one.package), []).append(one)
        self._read = self.lessons
