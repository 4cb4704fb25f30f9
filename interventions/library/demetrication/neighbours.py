"""What a bare number counts, told by what stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from interventions.sdk import Box, Line, Widget

from .counts import is_bare_number, metric_word
from .vocabulary import BUTTONS, TOKENS

_TOKEN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_GAP = 1.6  # of the number's height, between an icon and its number
_DIGIT_ASPECT = 0.85  # of width to height; no digit is so wide
_TALLEST = 4.0  # of the number's height; a larger widget is no icon or button of its


@lru_cache(maxsize=32)
def _button(kind: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{BUTTONS[kind]})\b".replace("’", "[’']"), re.IGNORECASE)


def meaning(widget: Widget, kinds: Sequence[str]) -> str:
    """The kind of metric that a widget's id or description speaks of; empty text for none."""
    tokens = {token.lower() for token in _TOKEN.findall(widget.short_id)}
    for kind in kinds:
        if tokens & TOKENS[kind] or (kind == "views" and tokens >= {"view", "count"}):
            return kind
    return next((kind for kind in kinds if widget.description and _button(kind).search(widget.description)), "")


def distance(number: Box, other: Box) -> float | None:
    """How far from `number` a thing stands that may be its icon or label, in heights of the number.

    0 around it or upon it; None where no icon or label stands: further than a gap left, right, above or below, or on
    something so large that it is neither.
    """
    if not number or other.height > _TALLEST * number.height:
        return None
    if other.overlap(number) > 0.5 or number.overlap(other) > 0.5:
        return 0.0
    across = max(number.left - other.right, other.left - number.right) / number.height
    down = max(number.top - other.bottom, other.top - number.bottom) / number.height
    same_row = min(number.bottom, other.bottom) - max(number.top, other.top) >= 0.5 * number.height
    same_column = number.left <= other.centre[0] <= number.right or other.left <= number.centre[0] <= other.right
    gaps = [gap for gap, fits in ((across, same_row), (down, same_column)) if fits and -0.5 <= gap <= _GAP]
    return max(0.0, min(gaps)) if gaps else None


def counted(line: Line, lines: Iterable[Line], widgets: Sequence[Widget], kinds: tuple[str, ...]) -> str:
    """What the bare number `line` counts: by its own id, else by the nearest label or icon; empty text for nothing."""
    own = widgets[line.widget] if line.widget is not None else None
    if own is not None and (kind := meaning(own, kinds)):
        return kind
    near = [
        (gap, metric_word(other.text, kinds))
        for other in lines
        if other is not line and (gap := distance(line.box, other.box)) is not None
    ]
    near += [
        (gap, meaning(widget, kinds))
        for widget in widgets
        if widget is not own and (gap := distance(line.box, widget.box)) is not None
    ]
    return min((one for one in near if one[1]), default=(0.0, ""))[1]


def rows_of_counts(lines: Sequence[Line]) -> list[Line]:
    """Bare numbers that stand in a row by themselves, as under a post whose icons nobody can read.

    Three to six make a row; two do where they stand in the columns of such a row. A row of a calendar or a keypad,
    whose numbers follow each other, is none.
    """
    rows = list(_rows(lines))
    full = [row for row in rows if 3 <= len(row) <= 6 and not _consecutive(row)]
    columns = [line.box for row in full for line in row]
    pairs = [row for row in rows if len(row) == 2 and all(_in_column(line.box, columns) for line in row)]
    return [line for row in full + pairs for line in row]


def _rows(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The rows that hold bare numbers only, each from left to right. What OCR makes of an icon does not count."""
    read = [line for line in lines if not _is_icon(line)]
    for first in read:
        if is_bare_number(first.text):
            row = sorted((line for line in read if _same_row(first, line)), key=lambda line: line.box.left)
            if row[0] is first and all(is_bare_number(line.text) for line in row):
                yield row


def _is_icon(line: Line) -> bool:
    """Whether OCR took an icon for `line`: a letter or two, or one digit as wide as it is high."""
    text = line.text.strip()
    if len(text) == 1 and text.isdecimal():
        return line.box.width > _DIGIT_ASPECT * line.box.height
    return len(text) <= 2 and not text.isdecimal()


def _in_column(box: Box, columns: Iterable[Box]) -> bool:
    return any(abs(box.left - column.left) <= 0.5 * box.height for column in columns)


def _same_row(one: Line, other: Line) -> bool:
    shared = min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top)
    return shared > 0.5 * min(one.box.height, other.box.height)


def _consecutive(row: Sequence[Line]) -> bool:
    if not all(line.text.strip().isdecimal() for line in row):
        return False
    values = [int(line.text) for line in row]
    return all(later - earlier == values[1] - values[0] for earlier, later in pairwise(values))
