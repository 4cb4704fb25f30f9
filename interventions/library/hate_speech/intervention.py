"""Hide abusive lines, with what they continue into, in any app."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from interventions.sdk import Action, Cover, Intervention, Line, param

from .passages import continued, joined, passages, pieces, words
from .plain_text import undisguised

_OCR_MARGIN = 3
"""Pixels around a row that OCR measured: its boxes clip the tails of g, p and y."""


class HateSpeech(Intervention):
    """Cover abuse.

    A text counts as abusive when all of it, one of its rows, or (if it is long) one of its sentences reaches the
    threshold. Covered is the whole text it stands in, or with `whole_paragraph` off the rows of its sentence; texts
    beside it are left alone.

    Texts under `shortest` words are not judged, because a button's label is no abuse, and neither is what the
    participant types.
    """

    judge = param("hatesonar", kind="model", help="classifier that judges a text")
    classes = param(["hate_speech", "offensive_language"], help="classes of the judge that count as abuse")
    threshold = param(0.7, ge=0, le=1, help="cover from this probability on; lower covers more")
    shortest = param(2, ge=1, le=20, help="fewest words that are judged")
    whole_paragraph = param(True, help="cover the whole text, not only the sentence")
    disguises = param(True, help="also read 1d10t, b!tch and i d i o t")
    style = param("solid", choices=("solid", "blur", "inpaint", "text"), help="how it is covered")
    notice = param("hidden", help="what stands on the cover with style text")

    def on_text(self, lines: tuple[Line, ...]) -> Iterator[Action]:
        for rows in passages(line for line in lines if not self._typed(line)):
            for row, score in self._abusive(rows):
                box = row.box.grown(_OCR_MARGIN) if row.source == "ocr" else row.box
                yield Cover(
                    box.clipped(self.scene.size),
                    style=self.style,
                    text=self.notice if self.style == "text" else "",
                    why=f"{self.judge.name} {score:.2f}",
                    label="abuse",
                    score=score,
                )

    def _typed(self, line: Line) -> bool:
        return line.widget is not None and self.scene.widgets[line.widget].short_class.endswith("EditText")

    def _abusive(self, rows: Sequence[Line]) -> Iterator[tuple[Line, float]]:
        """The rows to cover, each with the score that condemned it."""
        whole = joined(rows)
        if words(whole) < self.shortest:
            return
        alone = self._scores([row.text for row in rows]) if len(rows) > 1 else [0.0]
        together = max(self._scores(pieces(whole)))
        worst = max(together, *alone)
        if worst < self.threshold:
            return
        offending = [position for position, score in enumerate(alone) if score >= self.threshold]
        everything = self.whole_paragraph or not offending
        covered = range(len(rows)) if everything else sorted(continued(rows, offending))
        for position in covered:
            yield rows[position], worst

    def _scores(self, texts: Sequence[str]) -> list[float]:
        """Each text's probability of abuse, as written or undisguised, whichever is higher; 0 for the too short."""
        spellings: list[tuple[int, str]] = []
        for position, text in enumerate(texts):
            if words(text) >= self.shortest:
                spellings.append((position, text))
                if self.disguises and (plain := undisguised(text)) != text:
                    spellings.append((position, plain))
        scores = [0.0] * len(texts)
        lines = [replace(self.scene.lines[0], text=text) for _, text in spellings]
        for (position, _), (_, score) in zip(spellings, self.judge.score(lines, *self.classes), strict=True):
            scores[position] = max(scores[position], score)
        return scores
