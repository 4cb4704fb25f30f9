"""What a filter is trained on: the corpora, our own sentences and ordinary ones, each with its share of the say."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from interventions.models.ngrams.spelling import normalised
from studies.replications.filters.corpora import Example
from studies.replications.filters.sentences import LANGUAGES, made

SHARES: Mapping[str, float] = {
    "hatexplain_val": 1,
    "hate_tweets": 1,
    "olid_train": 2,
    "forum_sentences": 2,
    "sentences": 5,
    "ordinary": 1,
}
"""How much each source counts. Within a source abuse and the rest count alike, so that a filter learns what abuse is,
and not how often each corpus has it."""

CLASSES = ("abuse", "neither")


@dataclass(frozen=True, slots=True)
class Mixture:
    """What goes into one training set, and what is kept out of it."""

    without_corpora: tuple[str, ...] = ()
    without_languages: tuple[str, ...] = ()
    without_parts: tuple[str, ...] = ()
    each: int = 15
    spelling_tricks: float = 0.2
    ordinary: int = 15_000


def training_set(
    mixture: Mixture,
    corpora: Mapping[str, Sequence[Example]],
    ordinary: Sequence[str],
    tests: Collection[str],
    seed: int,
) -> list[Example]:
    """The examples of `mixture`. None of them is spelt like one of `tests`, whatever it comes from."""
    languages = [language for language in LANGUAGES if language not in mixture.without_languages]
    examples = [one for name, held in corpora.items() if name not in mixture.without_corpora for one in held]
    examples += made(mixture.each, seed, languages, mixture.without_parts, mixture.spelling_tricks)
    calm = [text for text in ordinary if not kept_for_measuring(text)]
    chosen = np.random.default_rng(seed).permutation(len(calm))[: mixture.ordinary]
    examples += [Example(calm[at], False, "ordinary") for at in sorted(chosen)]
    return [one for one in examples if spelt(one.text) not in tests]


@cache
def spelt(text: str) -> str:
    """`text` as the filters read it; remembered, for folds share nearly all of their texts."""
    return normalised(text)


def kept_for_measuring(text: str) -> bool:
    """Whether an ordinary sentence is kept out of training, to count false alarms on: every fourth is."""
    return hashlib.sha256(text.encode()).digest()[0] % 4 == 0


def importance(examples: Sequence[Example]) -> NDArray[np.float64]:
    """The weight of each example, mean 1: its source's share, half for abuse and half for the rest."""
    sources = np.array([one.corpus for one in examples])
    abuse = np.array([one.abuse for one in examples])
    weights = np.array([one.weight for one in examples])
    for source, share in SHARES.items():
        for label in (True, False):
            chosen = (sources == source) & (abuse == label)
            if chosen.any():
                weights[chosen] *= share / 2 / weights[chosen].sum()
    return np.asarray(weights / weights.mean())


def labels(examples: Sequence[Example]) -> list[str]:
    return [CLASSES[0] if one.abuse else CLASSES[1] for one in examples]


def digest(examples: Sequence[Example]) -> str:
    """SHA-256 of the texts and labels, in order."""
    content = hashlib.sha256()
    for one in examples:
        content.update(f"{one.corpus}\t{one.abuse}\t{one.text}\n".encode("utf-8", "surrogatepass"))
    return content.hexdigest()


def sampled(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    """`count` of the examples, drawn by their importance, for learners that cannot see them all in reasonable time."""
    if count >= len(examples):
        return list(examples)
    weights = importance(examples)
    chosen = np.random.default_rng(seed).choice(len(examples), count, replace=False, p=weights / weights.sum())
    return [replace(examples[at], corpus="sample", weight=1.0) for at in chosen]
