"""Which rows belong together, and which pieces of a text are worth judging by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from interventions.sdk import Line

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_WORD = re.compile(r"[^\W\d_]{2,}")

_LONG = 25
"""Words from which a text is also judged sentence by sentence: one abusive sentence drowns among many others."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One text on the screen: its `rows`, and what is `judged` of it: the whole, its sentences if long, its rows."""

    rows: tuple[Line, ...]
    judged: tuple[str, ...]

    @classmethod
    def of(cls, rows: tuple[Line, ...]) -> Passage:
        alone = tuple(row.text for row in rows) if len(rows) > 1 else ()
        return cls(rows, (*pieces(joined(rows)), *alone))


def words(text: str) -> int:
    """The number of words of at least two letters; digits and signs are none."""
    return len(_WORD.findall(text))


def is_name(text: str) -> bool:
    """Whether `text` is written like a name or a title: up to four words, each capitalised, none all in capitals."""
    parts = text.split()
    return 0 < len(parts) <= 4 and all(part[0].isupper() and not part[1:].isupper() for part in parts)


def passages(lines: Iterable[Line]) -> Iterator[tuple[Line, ...]]:
    """The rows of each text, in the order of their first row; a line from the UI tree is a whole text by itself."""
    together: dict[tuple[str, int], list[Line]] = {}
    for position, line in enumerate(lines):
        alone = line.paragraph < 0 or line.source == "tree"
        key = ("line", position) if alone else ("paragraph", line.paragraph)
        together.setdefault(key, []).append(line)
    return (tuple(rows) for rows in together.values())


def joined(rows: Sequence[Line]) -> str:
    """The rows as one text; a word split over two rows by a hyphen is mended."""
    text = ""
    for row in rows:
        part = row.text.strip()
        split = text.endswith("-") and part[:1].islower()
        text = text[:-1] + part if split else f"{text} {part}"
    return text.strip()


def pieces(text: str) -> tuple[str, ...]:
    """`text`, and its sentences when it is long."""
    if words(text) < _LONG:
        return (text,)
    return (text, *(sentence for sentence in _SENTENCE.split(text) if sentence != text))


def continued(rows: Sequence[Line], offending: Iterable[int]) -> set[int]:
    """The positions of the `offending` rows and of the rows that share a sentence with one of them."""
    covered: set[int] = set()
    for position in offending:
        first = last = position
        while first > 0 and not _SENTENCE_END.search(rows[first - 1].text.strip()):
            first -= 1
        while last < len(rows) - 1 and not _SENTENCE_END.search(rows[last].text.strip()):
            last += 1
        covered |= set(range(first, last + 1))
    return covered
