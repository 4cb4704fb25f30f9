"""Odd items are judged, wrong ones refused in words; neither takes the model down."""

from __future__ import annotations

import numpy as np

from interventions.models.conformance.subject import Subject, checks, refused
from interventions.models.errors import WrongInput


def odd_items_have_probabilities_too(subject: Subject) -> None:
    rows = subject.probabilities(subject.model, subject.odd_items)
    assert np.isfinite(rows).all()
    if subject.classifies:
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)


def wrong_items_are_refused_in_words(subject: Subject) -> None:
    before = subject.probabilities(subject.model, subject.items)
    for wrong in subject.wrong_items:
        with refused(WrongInput, what=f"predict_proba({str(wrong)[:40]!r})"):
            subject.model.predict_proba(wrong)
    np.testing.assert_array_equal(before, subject.probabilities(subject.model, subject.items))


def items_are_left_as_they_are(subject: Subject) -> None:
    before = [np.array(item, copy=True) for item in subject.items]
    subject.model.predict_proba(subject.items)
    for was, item in zip(before, subject.items, strict=True):
        np.testing.assert_array_equal(was, item)


CHECKS = checks(odd_items_have_probabilities_too, wrong_items_are_refused_in_words, items_are_left_as_they_are)
