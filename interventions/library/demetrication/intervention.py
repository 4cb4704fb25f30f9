"""Hide how many likes, followers, shares, views and comments there are; keep the rest of the screen."""

from __future__ import annotations

from collections.abc import Iterator

from interventions.sdk import Action, Cover, Intervention, Line, Replace, param

from .counts import Count, counts, is_bare_number, without
from .neighbours import counted, rows_of_counts
from .typography import number_alone, part, row_of
from .vocabulary import NOUNS


class Demetrication(Intervention):
    """Hide metrics.

    A count with words around it loses its number: a line from the UI tree is written anew without it ("1,284 likes"
    becomes "likes"), in a row that OCR read the number alone is covered. A bare number is covered when its id, a
    label or an icon beside it says that it counts one of `kinds`.
    """

    kinds = param(list(NOUNS), choices=tuple(NOUNS), help="what may not be counted")
    style = param("inpaint", choices=("solid", "blur", "inpaint"), help="how a bare number is covered")
    unlabelled_rows = param(True, help="on screens without a UI tree, cover numbers in a row of their own under a post")

    def on_text(self, lines: tuple[Line, ...]) -> Iterator[Action]:
        if not self.kinds:
            return
        rows = rows_of_counts(lines) if self.unlabelled_rows and not self.scene.widgets else []
        for line in lines:
            if self._unseen(line):
                continue
            if is_bare_number(line.text):
                kind = counted(line, lines, self.scene.widgets, self.kinds)
                if kind or line in rows:
                    yield self._covered(line, kind or "count")
            elif found := counts(line.text, self.kinds):
                yield from self._reduced(line, found)

    def _reduced(self, line: Line, found: list[Count]) -> Iterator[Action]:
        """Actions that take the numbers of `found` out of `line` and leave its words."""
        kind = found[0].kind
        own = self.scene.widgets[line.widget] if line.widget is not None else None
        if line.source == "ocr":
            for count in found:
                box = part(line.box, line.text, count.start, count.end)
                yield Cover(box, style=self.style, why=f"count of {count.kind}", label=count.kind)
        elif own is None or own.text:
            # The words close up over the gap; covering the number alone would leave it open.
            row = row_of(self.scene.pixels, line.box, line.text)
            yield Replace(row, without(line.text, found), why=f"count of {kind}", label=kind)
        else:
            # Drawn by the widget itself, anywhere in its box.
            yield self._covered(line, kind)

    def _unseen(self, line: Line) -> bool:
        """Whether only a screen reader is told `line`: an icon's description is not on the screen."""
        if line.widget is None:
            return False
        own = self.scene.widgets[line.widget]
        return not own.text and own.short_class.endswith(("ImageView", "Button"))

    def _covered(self, line: Line, kind: str) -> Cover:
        box = number_alone(line.box, line.text) if line.source == "ocr" else line.box
        return Cover(box, style=self.style, why=f"count of {kind}", label=kind)
