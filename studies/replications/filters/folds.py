"""What is kept out of training, and what is measured then.

A fold never measures on anything it was trained on: HateCheck is in no training set at all; of the corpora, the one
measured is left out; with a language or a functionality kept out, the sentences of our own of that language or
functionality are left out too, and only HateCheck's of it are measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studies.replications.filters.corpora import Example
from studies.replications.filters.judges import Judge
from studies.replications.filters.measuring import Estimate, area, share
from studies.replications.filters.training import Mixture

THRESHOLD = 0.5
"""Of hate_speech, at which misses and over-blocking are counted."""

LANGUAGE_NAMES = {"fr": "French", "de": "German", "es": "Spanish", "ar": "Arabic", "en": "English"}

FUNCTIONALITIES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "negation": (("negated_hate", "negated_praise"), ("negate_neg_nh", "negate_pos_h")),
    "counter-speech": (("counter_quote", "counter_reply"), ("counter_quote_nh", "counter_ref_nh")),
    "slurs, reclaimed or not": (("slurs", "reclaimed"), ("slur_h", "slur_reclaimed_nh", "slur_homonym_nh")),
    "spelling tricks": (("spelling",), ()),
    "swearing": (("profane", "profane_neutral"), ("profanity_h", "profanity_nh")),
    "objects and other groups": (("objects", "other_groups"), ("target_obj_nh", "target_group_nh")),
}
"""By name: parts of our own sentences to leave out, and HateCheck's functionalities of it (those of misspelling begin
with ``spell``)."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A training set with something left out, by what is measured then."""

    name: str
    mixture: Mixture
    seeds: int = 1


def folds(base: Mixture) -> Iterator[Fold]:
    """Corpora, then languages, then functionalities."""
    for corpus in ("hatexplain_val", "hate_tweets", "olid_train", "forum_sentences"):
        yield Fold(f"corpus {corpus}", replace(base, without_corpora=(corpus,)), 5 if corpus == "hatexplain_val" else 1)
    for language in ("fr", "de", "es", "ar"):
        yield Fold(f"language {LANGUAGE_NAMES[language]}", replace(base, without_languages=(language,)))
    for name, (parts, _) in FUNCTIONALITIES.items():
        if name == "spelling tricks":
            yield Fold(f"functionality {name}", replace(base, spelling_tricks=0.0))
        else:
            yield Fold(f"functionality {name}", replace(base, without_parts=parts))


def measured(
    fold: Fold, judge: Judge, corpora: Mapping[str, Sequence[Example]], tests: Sequence[Example]
) -> Iterator[tuple[str, str, Estimate]]:
    """The figures of one fold: name, what it is on, estimate."""
    kind, _, name = fold.name.partition(" ")
    if kind == "corpus":
        yield from corpus_figures(name, corpora[name], judge)
    elif kind == "language":
        chosen = [one for one in tests if LANGUAGE_NAMES[one.language] == name]
        yield "area under the curve", f"HateCheck, {name}", test_area(chosen, judge)
    else:
        yield from _functionality(name, tests, judge)


def corpus_figures(name: str, examples: Sequence[Example], judge: Judge) -> Iterator[tuple[str, str, Estimate]]:
    """Area, misses and over-blocking on a corpus, and the area for each target group of at least 60 texts."""
    scores, truth = judge([one.text for one in examples]), np.array([one.abuse for one in examples])
    yield "area under the curve", name, area(truth, scores)
    yield "misses", name, share(scores[truth] < THRESHOLD)
    yield "over-blocking", name, share(scores[~truth] >= THRESHOLD)
    for target in sorted({target for one in examples for target in one.targets}):
        about = np.array([target in one.targets for one in examples])
        if about.sum() >= 60 and 10 <= truth[about].sum() <= about.sum() - 10:
            yield "area under the curve", f"{name}, about {target}", area(truth[about], scores[about])


def _functionality(name: str, tests: Sequence[Example], judge: Judge) -> Iterator[tuple[str, str, Estimate]]:
    wanted = FUNCTIONALITIES[name][1]
    chosen = [
        one for one in tests if one.part in wanted or (name == "spelling tricks" and one.part.startswith("spell"))
    ]
    scores, truth = judge([one.text for one in chosen]), np.array([one.abuse for one in chosen])
    right = (scores >= THRESHOLD) == truth
    yield "right at the threshold", f"HateCheck, {name}", share(right)
    if truth.any() and not truth.all():
        yield "area under the curve", f"HateCheck, {name}", area(truth, scores, [_template(one) for one in chosen])
    else:
        rest = [one for one in tests if one.abuse != bool(truth[0])]
        every = [*chosen, *rest]
        scores = np.concatenate([scores, judge([one.text for one in rest])])
        found = area([one.abuse for one in every], scores, [_template(one) for one in every])
        yield "area under the curve", f"HateCheck, {name} against all of the other kind", found


def test_area(tests: Sequence[Example], judge: Judge) -> Estimate:
    """The area on functional tests; sentences of one template are drawn together."""
    scores = judge([one.text for one in tests])
    return area([one.abuse for one in tests], scores, [_template(one) for one in tests])


def functional(tests: Sequence[Example], judge: Judge) -> Iterator[tuple[str, str, Estimate]]:
    """All figures of one filter on HateCheck: the area in all, by language, by target group, on the half that no
    choice was made by; and for each functionality the share that it gets right at the threshold."""
    scores, truth = judge([one.text for one in tests]), np.array([one.abuse for one in tests])
    template = np.array([_template(one) for one in tests])

    def areas(on: str, chosen: Any) -> tuple[str, str, Estimate]:
        return "area under the curve", on, area(truth[chosen], scores[chosen], list(template[chosen]))

    languages = np.array([one.language for one in tests])
    yield areas("HateCheck", np.ones(len(tests), bool))
    yield areas(
        "HateCheck, templates that no choice was made by", ~np.array([seen_in_development(t) for t in template])
    )
    yield areas("HateCheck without insults to individuals", np.array([one.part != "target_indiv_nh" for one in tests]))
    for language in sorted(set(languages)):
        yield areas(f"HateCheck, {LANGUAGE_NAMES[str(language)]}", languages == language)
    for target in sorted({target for one in tests for target in one.targets}):
        about = np.array([target in one.targets for one in tests])
        if truth[about].any() and not truth[about].all():
            yield areas(f"HateCheck, about {target}", about)
    yield "misses", "HateCheck, hateful", share(scores[truth] < THRESHOLD)
    yield "over-blocking", "HateCheck, not hateful", share(scores[~truth] >= THRESHOLD)
    parts = np.array([one.part for one in tests])
    for part in sorted(set(parts)):
        flagged = scores[parts == part] >= THRESHOLD
        hateful = truth[parts == part][0]
        yield "misses" if hateful else "over-blocking", f"HateCheck, {part}", share(~flagged if hateful else flagged)


def _template(example: Example) -> str:
    return f"{example.language} {example.part} {example.template}"


def seen_in_development(template: str) -> bool:
    """Whether a template of HateCheck is in the half by which features and shares were chosen. The half is drawn by a
    hash of functionality and number, so a template and its translations are on one side."""
    return hashlib.sha256(template.partition(" ")[2].replace(" ", "").encode()).digest()[0] % 2 == 0
