"""A judge that heeds what people say of its verdicts: ``abuse_small + people``.

What somebody said of a text holds for that text at once. From all that was said a small head is learnt in the
background (`interventions.models.few_shot`), which carries it over to texts of their kind; then interventions are asked
again. Where nobody has said anything, the judge keeps its word. What a participant says holds on their own phone:
``abuse_small + people of 127.0.0.1:5555``.
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import fsum
from threading import Condition, Lock, Thread
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import MindproofError, ModelError
from backend.serving.handles import Handle, JudgesTexts, text_key
from backend.serving.registry import explained
from backend.serving.rows import Row, with_harm
from backend.serving.stats import ModelStats
from backend.store.corrections import Correction
from interventions.models.few_shot.kernel import Floats, KernelHead, fit, logit, sigmoid
from interventions.models.ngrams.spelling import normalised

if TYPE_CHECKING:
    from backend.serving.host import ModelHost

log = logging.getLogger(__name__)

SUFFIX = " + people"
_NAME = re.compile(r"(.+?)\s*\+\s*people(?: of (\S+))?")
_SURE = 0.99
"""Probability of what somebody said themselves."""
_REMEMBERED = 20_000
Embed = Callable[[Sequence[str]], Floats]
"""From texts to unit vectors, (n, d)."""


@dataclass(frozen=True)
class _Learnt:
    """What is known of people on one phone: texts they spoke of, in one spelling, and the head learnt from them."""

    said: dict[str, bool] = field(default_factory=dict)
    fine: str = ""
    head: KernelHead | None = None
    version: str = "0"

    def of(self, text: str) -> bool | None:
        """What somebody said of this very text, or of one that it is a piece of if that was fine."""
        spelt = normalised(text)
        if spelt in self.said:
            return self.said[spelt]
        return False if spelt and f" {spelt} " in self.fine else None


class People:
    """Makes such judges from their names (a resolver of `ModelHost`), and teaches them in the background.

    Args:
        corrections: those that hold on a phone (empty: on every phone).
        on_learnt: called in the background, with their names, when judges say something else than before.
        embed: from texts to unit vectors; by default MiniLM, loaded on first use.
    """

    def __init__(
        self,
        corrections: Callable[[str], Sequence[Correction]],
        on_learnt: Callable[[frozenset[str]], None] = lambda judges: None,
        embed: Embed | None = None,
    ) -> None:
        self._corrections, self._on_learnt = corrections, on_learnt
        self._embed = _Remembering(embed or _minilm())
        self._handles: dict[str, PeopleHandle] = {}
        self._lock = Lock()
        self._changed = Condition()
        self._due = False
        self._busy = False
        self._ending = False
        self._thread: Thread | None = None

    def __call__(self, name: str, host: ModelHost) -> Handle | None:
        found = _NAME.fullmatch(name.strip())
        if found is None:
            return None
        base = host.load(found[1])
        if not isinstance(base, JudgesTexts):
            raise ModelError(f"{found[1]} is no judge of texts", "people can correct judges of texts alone")
        handle = PeopleHandle(base, found[2] or "", self._embed)
        handle.said(self._corrections(handle.phone))
        with self._lock:
            self._handles[name] = handle
        self._learn_soon()
        return handle

    def heed(self) -> None:
        """Corrections have changed: what was said holds at once, what follows from it soon."""
        handles = self._all()
        for handle in handles:
            handle.said(self._corrections(handle.phone))
        self._on_learnt(frozenset(handle.base for handle in handles))
        self._learn_soon()

    def heeding(self, judge: str, phone: str, host: ModelHost) -> Handle:
        """The model `judge`, heeding what is said on `phone` where it judges texts for harm. Raises ModelError."""
        base = host.load(judge)
        if not base.harmful or not isinstance(base, JudgesTexts) or _NAME.fullmatch(judge.strip()):
            return base
        return host.load(f"{judge}{SUFFIX} of {phone}")

    def settled(self, within_s: float) -> bool:
        """Wait until all that was said has been learnt; whether that came about in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._due or self._busy), within_s)

    def close(self) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(30.0)

    # -- in the background -----------------------------------------------------------------------------

    def _learn_soon(self) -> None:
        with self._changed:
            self._due = True
            if self._thread is None and not self._ending:
                self._thread = Thread(target=self._run, name="people", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._due or self._ending)
                if self._ending:
                    return
                self._due, self._busy = False, True
            try:
                handles = self._all()
                changed = [handle.base for handle in handles if handle.learn(self._corrections(handle.phone))]
                if changed:
                    self._on_learnt(frozenset(changed))
            except MindproofError as error:
                log.warning("what people said holds for these very texts alone: %s", error)
            except Exception:
                log.exception("nothing could be learnt from what people said")
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()

    def _all(self) -> list[PeopleHandle]:
        with self._lock:
            return list(self._handles.values())


class PeopleHandle(JudgesTexts):
    """A `TextJudge` over another. Its classes are the other's."""

    def __init__(self, base: JudgesTexts, phone: str, embed: Embed) -> None:
        """Raises ModelError: the judge's card does not say which of its classes are harmful."""
        self.phone = phone
        self._base, self._embed = base, embed
        self._learnt = _Learnt()
        if not base.harmful:
            raise ModelError(
                f"the card of {base.name} does not say which of its classes are harmful",
                f"people's corrections need that: they are {', '.join(base.classes)}",
            )

    @property
    def name(self) -> str:  # type: ignore[override]
        """The judge's own as long as nobody has said anything."""
        return f"{self._base.name}{SUFFIX}" if self._learnt.said else self._base.name

    @property
    def base(self) -> str:
        """The name of the judge that is corrected."""
        return self._base.name

    @property
    def version(self) -> str:
        return f"{self._base.version}+people-{self._learnt.version}" if self._learnt.said else self._base.version

    @property
    def classes(self) -> tuple[str, ...]:
        return self._base.classes

    @property
    def harmful(self) -> tuple[str, ...]:
        return self._base.harmful

    @property
    def stats(self) -> ModelStats:
        """Only its version: what was asked is counted with the judge that it is made of."""
        return ModelStats(self.name, self.version)

    def probabilities(self, texts: Sequence[str]) -> list[Row]:
        rows: list[Row] = list(self._base.probabilities(texts))
        learnt = self._learnt
        if not learnt.said:
            return rows
        told = [learnt.of(text) for text in texts]
        for at, harmful in enumerate(told):
            if harmful is not None:
                rows[at] = self._with(rows[at], _SURE if harmful else 1.0 - _SURE)
        others = [at for at, harmful in enumerate(told) if harmful is None]
        if learnt.head is not None and others:
            offset = logit(np.array([self._harm(rows[at]) for at in others]))
            corrected = sigmoid(learnt.head.logits(self._embed([texts[at] for at in others]), offset))
            for at, harm in zip(others, corrected, strict=True):
                rows[at] = self._with(rows[at], float(harm))
        return rows

    def said(self, corrections: Sequence[Correction]) -> None:
        """Heed these corrections for the very texts they are of; the newest counts where they contradict."""
        said = {normalised(one.text): one.harmful for one in corrections}
        fine = "".join(f" {text} \n" for text, harmful in said.items() if not harmful)
        number = str(max((one.id for one in corrections), default=0)) + f".{len(corrections)}"
        self._learnt = _Learnt(said, fine, self._learnt.head if corrections else None, f"{number}a")

    def learn(self, corrections: Sequence[Correction]) -> bool:
        """Carry them over to their kind; takes seconds at first. Whether anything may be judged otherwise now."""
        learnt = self._learnt
        if not corrections:
            return False
        texts = [text_key(one.text)[0] for one in corrections]
        rows: list[Row] = list(self._base.probabilities(texts))
        offset = logit(np.array([self._harm(row) for row in rows]))
        head = fit(self._embed(texts), [one.harmful for one in corrections], offset)
        self._learnt = _Learnt(learnt.said, learnt.fine, head, learnt.version.rstrip("a"))
        return True

    def _harm(self, row: Row) -> float:
        return min(1.0, fsum(p for p, name in zip(row, self.classes, strict=True) if name in self.harmful))

    def _with(self, row: Row, harm: float) -> Row:
        return with_harm(row, [name in self.harmful for name in self.classes], harm)


class _Remembering:
    """Embeds each text once; the least recently used go first."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._known: OrderedDict[bytes, Floats] = OrderedDict()
        self._lock = Lock()

    def __call__(self, texts: Sequence[str]) -> Floats:
        digests = [text_key(text)[1] for text in texts]
        with self._lock:
            new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in self._known}
            if new:
                for digest, vector in zip(new, self._embed(list(new.values())), strict=True):
                    self._known[digest] = vector
            found = np.stack([self._known[digest] for digest in digests])
            for digest in digests:
                self._known.move_to_end(digest)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found


def _minilm() -> Embed:
    """MiniLM, opened by the first who asks."""
    opened: list[Embed] = []

    def embed(texts: Sequence[str]) -> Floats:
        if not opened:
            with explained("learning from corrections"):
                from interventions.models.minilm.frozen import Frozen

                opened.append(Frozen())
        return opened[0](texts)

    return embed
