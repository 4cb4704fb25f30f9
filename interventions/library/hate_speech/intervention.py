"""Hide abusive lines, with what they continue into, in any app."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from interventions.sdk import Action, Cover, Intervention, Line, param

from .passages import Passage, continued, is_name, passages, words
from .plain_text import undisguised

_OCR_MARGIN = 3
"""Pixels around a row that OCR measured: its boxes clip the tails of g, p and y."""


class HateSpeech(Intervention):
    """Cover abuse.

    A text counts as abusive when all of it, one of its rows, or (if it is long) one of its sentences reaches the
    threshold. Covered is the whole text it stands in, or with `whole_paragraph` off the rows of its sentence; texts
    beside it are left alone.

    Texts under `shortest` words and names (Emily White) are not judged, because a label is no abuse, and neither is
    what the participant types.
    """

    judge = param("abuse_small", kind="model", help="classifier that judges a text")
    classes = param([], help="classes of the judge that count as abuse; none named: those that its card calls harmful")
    threshold = param(0.5, ge=0, le=1, help="cover from this probability on; lower covers more")
    shortest = param(2, ge=1, le=20, help="fewest words that are judged")
    whole_paragraph = param(True, help="cover the whole text, not only the sentence")
    disguises = param(True, help="also read 1d10t, b!tch and i d i o t")
    style = param("solid", choices=("solid", "blur", "inpaint", "text"), help="how it is covered")
    notice = param("hidden", help="what stands on the cover with style text")

    def on_text(self, lines: tuple[Line, ...]) -> Iterator[Action]:
        texts = [Passage.of(rows) for rows in passages(filter(self._concerns, lines))]
        # All texts of the screen in one question: the judge answers a batch almost as fast as a single text.
        scores = self._scores(dict.fromkeys(text for passage in texts for text in passage.judged))
        for passage in texts:
            worst = max(scores[text] for text in passage.judged)
            if worst >= self.threshold:
                for row in self._offending(passage, scores):
                    yield self._covered(row, worst)

    def _concerns(self, line: Line) -> bool:
        """Not what the participant types, and not a picture's description, which only a screen reader says."""
        if line.widget is None:
            return True
        own = self.scene.widgets[line.widget]
        described = not own.text and own.short_class.endswith(("ImageView", "ImageButton"))
        return not described and not own.short_class.endswith("EditText")

    def _offending(self, passage: Passage, scores: Mapping[str, float]) -> Sequence[Line]:
        """The rows to cover: all, or those of the offending rows' sentences; all where no row offends by itself."""
        rows = passage.rows
        offending = [at for at, row in enumerate(rows) if scores.get(row.text, 0.0) >= self.threshold]
        if self.whole_paragraph or not offending:
            return rows
        return [rows[at] for at in sorted(continued(rows, offending))]

    def _covered(self, row: Line, score: float) -> Cover:
        box = row.box.grown(_OCR_MARGIN) if row.source == "ocr" else row.box
        return Cover(
            box.clipped(self.scene.size),
            style=self.style,
            text=self.notice if self.style == "text" else "",
            why=f"{self.judge.name} {score:.2f}",
            label="abuse",
            score=score,
        )

    def _scores(self, texts: Iterable[str]) -> dict[str, float]:
        """Each text's probability of abuse, as written or undisguised, whichever is higher; 0 for labels."""
        scores: dict[str, float] = {}
        spellings: list[tuple[str, str]] = []
        for text in texts:
            scores[text] = 0.0
            if words(text) >= self.shortest and not is_name(text):
                spellings.append((text, text))
                if self.disguises and (plain := undisguised(text)) != text:
                    spellings.append((text, plain))
        classes = self.classes or self.judge.harmful
        asked = [replace(self.scene.lines[0], text=spelling) for _, spelling in spellings]
        for (text, _), (_, score) in zip(spellings, self.judge.score(asked, *classes), strict=True):
            scores[text] = max(scores[text], score)
        return scores
