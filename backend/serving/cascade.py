"""A cheap judge, with an expensive one for what it is unsure of, under one name: ``abuse_small > bloom @0.15``.

The cheap one judges everything. Where its probability of harm lies within the margin, the expensive one's counts. A
live backend never waits for that: until it has come the cheap verdict holds, and then interventions are asked again
(see `second_opinion`). Elsewhere (evaluation, replay, a single picture) the expensive one is waited for.

The name: two models with ``>`` between them, and behind an ``@`` how far from even odds the first is unsure, or from
where to where: ``hatesonar > bloom @0.55-0.85``. The two may call their classes differently: their cards say which are
harmful.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import fsum
from threading import Lock
from typing import TYPE_CHECKING

from backend.errors import ModelError
from backend.serving.handles import Handle, JudgesTexts, TextHandle, text_key
from backend.serving.rows import Row, with_harm
from backend.serving.second_opinion import Opinion, SecondOpinions
from backend.serving.stats import ModelStats

if TYPE_CHECKING:
    from backend.serving.host import ModelHost

MARGIN = 0.2
"""How far from even odds the cheap judge counts as unsure, where the name does not say."""
_COUNTED = 20_000
"""Texts that are told apart when they are counted."""
_NUMBER = r"(?:\d*\.)?\d+"
_NAME = re.compile(rf"([^>]+?)\s*>\s*([^>]*?[^>@\s])(?:\s*@\s*({_NUMBER})(?:\s*-\s*({_NUMBER}))?)?")
_GRAMMAR = "write CHEAP > EXPENSIVE, or with a margin: CHEAP > EXPENSIVE @0.15, or @0.55-0.85"


@dataclass(frozen=True, slots=True)
class Plan:
    """Which judges, and the probabilities of harm, `low` to `high`, at which the first is unsure."""

    cheap: str
    expensive: str
    low: float = 0.5 - MARGIN
    high: float = 0.5 + MARGIN


@dataclass(frozen=True, slots=True)
class Escalation:
    """How a cascade was used. Texts are counted once, however often they were seen.

    Of `judged` texts, `escalated` went to the expensive judge; it has answered on `answered`, and `overturned` the
    first verdict (harm or not) on so many of these; `waiting` have no answer yet. `shed` and `failures` are questions
    that were given up because too many waited, or because the judge failed. `seconds` is how long an answer took on
    average.
    """

    cascade: str
    judged: int = 0
    escalated: int = 0
    answered: int = 0
    overturned: int = 0
    waiting: int = 0
    shed: int = 0
    failures: int = 0
    seconds: float = 0.0

    @property
    def share(self) -> float:
        """Of the texts, how many were escalated, 0 to 1."""
        return self.escalated / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class Second:
    """A second opinion beside the first: probabilities of harm, and whether they say the same."""

    first: float
    second: float
    overturned: bool
    waited_s: float = 0.0


OnCome = Callable[[str, Sequence[Second]], None]
"""Called with a cascade's name and what has come, in the background."""


def parse(name: str) -> Plan | None:
    """The plan that `name` spells; None where it is no cascade's.

    Raises:
        ModelError: it is none that can be read.
    """
    if ">" not in name:
        return None
    found = _NAME.fullmatch(name.strip())
    if found is None:
        raise ModelError(f"{name!r} is no cascade of two models", _GRAMMAR)
    cheap, expensive, one, other = found.groups()
    if one is None:
        return Plan(cheap, expensive)
    low, high = (0.5 - float(one), 0.5 + float(one)) if other is None else (float(one), float(other))
    if not 0.0 <= low <= high <= 1.0:
        raise ModelError(f"the margin of {name!r} does not lie within 0 and 1", _GRAMMAR)
    return Plan(cheap, expensive, low, high)


class Cascades:
    """Makes a cascade's handle from its name: a resolver of `ModelHost`.

    Args:
        on_come: where it is given, the expensive judge is never waited for, and this hears of what has come; else it
            is waited for.
    """

    def __init__(self, on_come: OnCome | None = None) -> None:
        self._on_come = on_come
        self._made: dict[str, CascadeHandle] = {}
        self._lock = Lock()

    def __call__(self, name: str, host: ModelHost) -> Handle | None:
        plan = parse(name)
        if plan is None:
            return None
        cheap, expensive = (_text(host.load(part)) for part in (plan.cheap, plan.expensive))
        handle = CascadeHandle(name, plan, cheap, expensive, self._on_come)
        with self._lock:
            self._made[name] = handle
        return handle

    def escalations(self) -> tuple[Escalation, ...]:
        with self._lock:
            return tuple(handle.escalation for _, handle in sorted(self._made.items()))

    def close(self) -> None:
        """End what runs in the background."""
        with self._lock:
            handles = list(self._made.values())
        for handle in handles:
            handle.close()


class CascadeHandle(JudgesTexts):
    """A `TextJudge` made of two. Its classes are the cheap one's."""

    def __init__(
        self, name: str, plan: Plan, cheap: TextHandle, expensive: TextHandle, on_come: OnCome | None = None
    ) -> None:
        """Raises ModelError: a judge's card does not say which of its classes are harmful."""
        self.name = name
        self._plan, self._cheap, self._expensive, self._on_come = plan, cheap, expensive, on_come
        for judge in (cheap, expensive):
            if not judge.harmful:
                raise ModelError(
                    f"the card of {judge.name} does not say which of its classes are harmful",
                    f"a cascade needs that: they are {', '.join(judge.classes)}",
                )
        self._later = SecondOpinions(expensive.probabilities, self._come) if on_come is not None else None
        self._firsts: OrderedDict[Hashable, float] = OrderedDict()
        self._judged: OrderedDict[bytes, bool] = OrderedDict()
        self._counts = {"judged": 0, "escalated": 0, "answered": 0, "overturned": 0}
        self._seconds = 0.0
        self._lock = Lock()

    @property
    def version(self) -> str:
        plan = self._plan
        return f"{self._cheap.version}>{self._expensive.version}@{plan.low:g}-{plan.high:g}"

    @property
    def classes(self) -> tuple[str, ...]:
        return self._cheap.classes

    @property
    def harmful(self) -> tuple[str, ...]:
        return self._cheap.harmful

    @property
    def stats(self) -> ModelStats:
        """Only its version: what was asked is counted with the two that it is made of."""
        return ModelStats(self.name, self.version)

    @property
    def escalation(self) -> Escalation:
        later = self._later
        with self._lock:
            mean_s = self._seconds / self._counts["answered"] if self._counts["answered"] else 0.0
            background = (
                {"waiting": later.waiting, "shed": later.shed, "failures": later.failures} if later is not None else {}
            )
            return Escalation(self.name, **self._counts, **background, seconds=mean_s)

    def close(self) -> None:
        if self._later is not None:
            self._later.close()

    def probabilities(self, texts: Sequence[str]) -> list[Row]:
        rows = list(self._cheap.probabilities(texts))
        digests = [text_key(text)[1] for text in texts]
        first = [_harm(row, self._cheap) for row in rows]
        unsure = [at for at, harm in enumerate(first) if self._plan.low <= harm <= self._plan.high]
        self._count(digests, {digests[at] for at in unsure})
        if not unsure:
            return rows
        if self._later is None:
            opinions = self._waited_for([texts[at] for at in unsure], [first[at] for at in unsure])
            known = dict(zip(unsure, opinions, strict=True))
        else:
            known = self._known(self._later, {at: (digests[at], texts[at], first[at]) for at in unsure})
        for at, opinion in known.items():
            rows[at] = self._merged(rows[at], opinion)
        return rows

    # -- inside ----------------------------------------------------------------------------------------

    def _waited_for(self, texts: Sequence[str], first: Sequence[float]) -> list[Row]:
        opinions = self._expensive.probabilities(texts)
        by_text = {text: (harm, row) for text, harm, row in zip(texts, first, opinions, strict=True)}
        self._note([self._second(harm, row, 0.0) for text, (harm, row) in by_text.items() if self._is_new(text)])
        return list(opinions)

    def _is_new(self, text: str) -> bool:
        """Whether this text's second opinion has not been counted yet."""
        digest = text_key(text)[1]
        with self._lock:
            new = not self._judged.get(digest, False)
            self._judged[digest] = True
        return new

    def _known(self, later: SecondOpinions, unsure: dict[int, tuple[bytes, str, float]]) -> dict[int, Row]:
        version = self._expensive.version
        keys: dict[int, Hashable] = {at: (version, digest) for at, (digest, _, _) in unsure.items()}
        with self._lock:
            self._firsts.update({keys[at]: harm for at, (_, _, harm) in unsure.items()})
            while len(self._firsts) > _COUNTED:
                self._firsts.popitem(last=False)
        known = later.ask({keys[at]: text for at, (_, text, _) in unsure.items()})
        return {at: known[key] for at, key in keys.items() if key in known}

    def _come(self, opinions: Sequence[Opinion]) -> None:
        """In the background: count, and tell."""
        with self._lock:
            firsts = [self._firsts.get(opinion.key, 0.5) for opinion in opinions]
        seconds = [self._second(harm, one.row, one.waited_s) for harm, one in zip(firsts, opinions, strict=True)]
        self._note(seconds)
        if self._on_come is not None:
            self._on_come(self.name, seconds)

    def _second(self, first: float, row: Row, waited_s: float) -> Second:
        second, middle = _harm(row, self._expensive), (self._plan.low + self._plan.high) / 2
        return Second(first, second, (first >= middle) != (second >= middle), waited_s)

    def _note(self, seconds: Sequence[Second]) -> None:
        with self._lock:
            self._counts["answered"] += len(seconds)
            self._counts["overturned"] += sum(second.overturned for second in seconds)
            self._seconds += fsum(second.waited_s for second in seconds)

    def _count(self, digests: Sequence[bytes], unsure: set[bytes]) -> None:
        with self._lock:
            new = {digest for digest in digests if digest not in self._judged}
            self._judged.update(dict.fromkeys(new, False))
            self._counts["judged"] += len(new)
            self._counts["escalated"] += len(new & unsure)
            while len(self._judged) > _COUNTED:
                self._judged.popitem(last=False)

    def _merged(self, row: Row, opinion: Row) -> Row:
        """The expensive judge's verdict in the cheap one's classes.

        Where the two have the same classes, as it is; else its probability of harm, shared out among the harmful
        classes as the cheap judge does, and the rest among the others.
        """
        cheap, expensive = self._cheap, self._expensive
        if set(cheap.classes) == set(expensive.classes):
            return tuple(opinion[expensive.classes.index(name)] for name in cheap.classes)
        return with_harm(row, [name in cheap.harmful for name in cheap.classes], _harm(opinion, expensive))


def _harm(row: Row, judge: Handle) -> float:
    """The probability of any harmful class."""
    return min(1.0, fsum(value for value, name in zip(row, judge.classes, strict=True) if name in judge.harmful))


def _text(handle: Handle) -> TextHandle:
    if not isinstance(handle, TextHandle):
        raise ModelError(f"{handle.name} is no judge of texts by itself", "name two models that judge texts")
    return handle
