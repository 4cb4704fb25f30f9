"""What people taught, as text: a phone, a space, and a rule of the filter list or a crop.

``127.0.0.1:5555 org.example##viewId=org.example:id/stories``, ``* org.example##crop=3f2a9c04.png##score=0.55``; ``*``
is every phone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from interventions.library.filter_list.rules import Rule, parse
from interventions.sdk import Box, Mask, Match

log = logging.getLogger(__name__)

ANYWHERE = "*"
"""In place of a phone's serial: the lesson holds on every phone."""
_MARGIN = 0.1
LEAST_SCORE = 0.5
"""Correlation from which a crop may count as found: other letters in a box leave about that much of it."""

_CROP = re.compile(r"([\w.*]+)##crop=([0-9a-f]{8,64}\.png)##score=(0\.\d{1,3})")
_SCALES = (0.6, 0.67, 0.75, 0.84, 0.92, 1.0, 1.09, 1.2, 1.33, 1.48, 1.66)
"""From a coarse screen with small letters to a dense one with large ones; steps that a correlation bridges."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing to hide on `phone` in `package`: by a rule, or by the look of a crop."""

    phone: str
    package: str
    rule: Rule | None = None
    crop: str = ""
    score: float = 1.0

    def holds(self, phone: str, package: str) -> bool:
        return self.package == package and self.phone in (ANYWHERE, phone)


def lesson(phone: str, rule: str) -> str:
    """`rule` for one phone; for every phone where `phone` is empty."""
    return f"{phone or ANYWHERE} {rule}"


def crop_rule(package: str, crop: str, score: float) -> str:
    """The rule that goes by the look of `crop`, a file named by its digest, found from `score` on."""
    return f"{package}##crop={crop}##score={score:.2f}"


def read(lessons: Iterable[str]) -> Iterator[Lesson]:
    """The lessons that can be read; the others are logged and left out."""
    for text in lessons:
        phone, _, rule = text.partition(" ")
        if looks := _CROP.fullmatch(rule):
            yield Lesson(phone, looks[1], crop=looks[2], score=float(looks[3]))
            continue
        rules, faults = parse(rule)
        for fault in faults:
            log.warning("taught: a lesson of %s is left out: %s", phone or "no phone", fault.reason)
        yield from (Lesson(phone, one.package, rule=one) for one in rules)


def mask(path: str, name: str, score: float) -> Mask:
    """How a crop that somebody took once is looked for: in any theme, at any usual density and size of letters."""
    return Mask(path, name=name, score=score, scales=_SCALES, any_theme=True)


def around(match: Match) -> Box:
    """What a match hides: the less it looks like the crop, the further its edges may be from where the crop's were."""
    return match.box.grown(round(match.box.height * _MARGIN * (1 - match.score) / LEAST_SCORE))
