"""Hide the widgets that a list of rules names, in the rule format of ReDD Focus."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from interventions.sdk import Action, App, Block, Cover, Intervention, ParameterError, Widget, param

from .matching import Tree
from .rules import Fault, Rule, parse

log = logging.getLogger(__name__)

_WIDTH_DP = 411  # of a common phone; a scene does not tell its density


class FilterList(Intervention):
    """Cover what the rules name, and keep touches from it unless a rule says otherwise.

    Rules come from the parameter `rules`, the file `file`, or both. Lines that are no rule are listed in `faults`,
    logged once, and skipped. The file is read anew when it has changed, at the next change of app.
    """

    rules = param("", help="one rule a line: package##viewId=..##desc=..##blockTouches=..")
    file = param("", help="path of a text file with more rules")
    style = param("solid", choices=("solid", "blur", "inpaint"), help="how it is covered")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self._read: tuple[object, ...] = ()
        self._by_package: dict[str, list[Rule]] = {}
        self.faults: list[Fault] = []

    def on_app(self, app: App) -> None:
        self._refresh()

    def on_widget(self, widgets: tuple[Widget, ...]) -> Iterator[Action]:
        if (self.rules, self.file) != self._read[:2]:
            self._refresh()
        rules = self._by_package.get(self.scene.app.package)
        if not rules:
            return
        tree = Tree(widgets)
        density = min(self.scene.size) / _WIDTH_DP
        for rule in rules:
            for widget in tree.matching(rule, density):
                yield from self._hidden(rule, widget)

    def _hidden(self, rule: Rule, widget: Widget) -> Iterator[Action]:
        box = widget.box.clipped(self.scene.size)
        if not box:
            return
        why = f"rule on line {rule.line}" + (f": {rule.comment}" if rule.comment else "")
        if rule.color[0] > 0:  # a fully transparent rule only keeps touches away
            yield Cover(box, style=self.style, why=why, label=rule.category)
        if rule.block_touches:
            yield Block(box, why=why, label=rule.category)

    def _refresh(self) -> None:
        """Read the rules again if the parameters or the file have changed.

        Raises:
            ParameterError: when the file cannot be read.
        """
        path = Path(self.file) if self.file else None
        try:
            changed = path.stat().st_mtime_ns if path else 0
            if (self.rules, self.file, changed) == self._read:
                return
            rules, faults = parse(path.read_text(encoding="utf-8")) if path else ([], [])
        except (OSError, UnicodeDecodeError) as error:
            raise ParameterError(f"parameter 'file': {self.file} cannot be read: {error}") from error
        typed, typed_faults = parse(self.rules)
        self.faults = [*typed_faults, *faults]
        for place, found in (("parameter 'rules'", typed_faults), (self.file, faults)):
            for fault in found:
                log.warning("filter_list: %s, %s; the line is skipped", place, fault)
        self._by_package = {}
        for rule in [*typed, *rules]:
            if rule.enabled:
                self._by_package.setdefault(rule.package, []).append(rule)
        self._read = self.rules, self.file, changed
