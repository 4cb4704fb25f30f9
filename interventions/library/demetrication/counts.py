"""Finding counts in text: "1,284 likes", "3.4K views", "12 mil Me gusta", "Comments (12)", "liked by anna and 41
others".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from .vocabulary import AGE, LEAD_IN, LIKING, NOUNS, OTHERS, SUFFIX, TAIL

# No sign of a price, time, date, version or handle may touch the number.
_BEFORE = r"(?<![\w.,:/$€£¥₹#@%°~-])"
_LONGEST = 400  # characters; a longer text is prose, no label
_DIGITS = r"(?:\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+|\d+)(?:[.,]\d{1,2})?"
_NUMBER = rf"(?P<number>{_DIGITS}(?:[ \u00a0\u202f]?(?:{SUFFIX})\b\.?)?\+?)"
_AFTER = r"(?![\w:/%°€£$])"
_OF = r"(?:\s+de|\s+d[’']|\s+di)?\s*"
# A dot after "Mio." or "Tsd." ends no segment.
_SEGMENT = re.compile(
    r"(?:(?!\s{2}|\s[·•|–—-]\s|[·•|\n]|[;,!?]\s|(?<!mio)(?<!mrd)(?<!tsd)(?<!mln)\.\s|[.;,!?]$).)+",
    re.DOTALL | re.IGNORECASE,
)
_BARE = re.compile(rf"\s*{_NUMBER}\s*", re.IGNORECASE)
_PRICE = re.compile(r"\s*\d+[.,]\d{1,2}\s*")
_LEFT_OVER = re.compile(r"\(\s*\)|\[\s*\]|:\s*$|^\s*[+·•|,]\s*|^\s*(?:de\s|d[’']|di\s)")


@dataclass(frozen=True, slots=True)
class Count:
    """A count in a text: characters ``start`` to ``end`` are its number, with its suffix; `kind` is what is counted."""

    start: int
    end: int
    kind: str


def _words(kinds: Iterable[str]) -> str:
    """One group a kind, so that a match tells which."""
    return "|".join(rf"(?P<{kind}>{'|'.join(NOUNS[kind])})".replace("’", "[’']") for kind in kinds)


@lru_cache(maxsize=32)
def _patterns(kinds: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """The forms a count takes, each to be matched against a whole segment of text."""
    words = _words(kinds)
    forms = [
        rf"\W*(?:(?:{LEAD_IN}|{AGE})\s+)*{_BEFORE}{_NUMBER}{_AFTER}{_OF}(?:{words})(?!\w)(?:\s+(?:{TAIL}|\d.*))?\W*",
        rf"\W*(?:{words})\s*(?::\s*|\(\s*|\s){_BEFORE}{_NUMBER}{_AFTER}(?:\s*\)|\s+mal)?\W*",
    ]
    if "likes" in kinds:
        aimed = r"(?P<likes>" + LIKING + ")"
        forms += [
            rf"(?=.*\b{aimed}\b).*?\b(?:and|y|et|und|e)\s+(?:a\s+|outras\s+)?{_BEFORE}{_NUMBER}{_AFTER}\s*(?:{OTHERS})\b.*",
            rf"\W*(?:a\s+)?{_BEFORE}{_NUMBER}{_AFTER}\s*(?:{OTHERS})\b.{{0,20}}\b{aimed}\b.{{0,12}}",
        ]
    return tuple(re.compile(form, re.IGNORECASE) for form in forms)


@lru_cache(maxsize=32)
def _lone_word(kinds: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{_words(kinds)})\W*", re.IGNORECASE)


def counts(text: str, kinds: tuple[str, ...] = tuple(NOUNS)) -> list[Count]:
    """The counts of `kinds` in `text`, in order."""
    if len(text) > _LONGEST or not any(character.isdecimal() for character in text):
        return []
    return list(_counts(text, kinds))


def _counts(text: str, kinds: tuple[str, ...]) -> Iterator[Count]:
    for segment in _SEGMENT.finditer(text):
        for pattern in _patterns(kinds):
            if found := pattern.fullmatch(segment.group()):
                shift = segment.start()
                kind = next(kind for kind in kinds if found.groupdict().get(kind))
                yield Count(shift + found.start("number"), shift + found.end("number"), kind)
                break


def is_bare_number(text: str) -> bool:
    """Whether `text` is a number and nothing else, written as counts are: 7, 1,284, 3.4K, 12 mil; not 3.99."""
    return _BARE.fullmatch(text) is not None and _PRICE.fullmatch(text) is None


def metric_word(text: str, kinds: tuple[str, ...]) -> str:
    """The kind of metric that `text` names and does nothing but name ("Followers"); empty text for none."""
    found = _lone_word(kinds).fullmatch(text)
    return next((kind for kind in kinds if found[kind]), "") if found else ""


def without(text: str, found: Iterable[Count]) -> str:
    """`text` with the numbers of `found` taken out, and with them the brackets and colons that held them."""
    found = list(found)
    if not found:
        return text
    for count in sorted(found, key=lambda count: count.start, reverse=True):
        before, after = text[: count.start], text[count.end :]
        text = before + (after.lstrip() if not before.strip() or before[-1:].isspace() else after)
    return _LEFT_OVER.sub("", text).strip()
