"""Verdicts follow from the item alone: not from its company, the time, or the thread that asks."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from interventions.models.conformance.subject import Subject, checks

_CLOSE = 1e-4
_LARGE_S = 1.0
_LARGEST = 200  # times the items


def probabilities_are_probabilities(subject: Subject) -> None:
    rows = subject.probabilities(subject.model, subject.items)
    assert np.isfinite(rows).all()
    assert rows.min() >= 0
    assert rows.max() <= 1 + 1e-9
    if subject.classifies:
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)


def an_item_is_judged_alike_alone_and_in_company(subject: Subject) -> None:
    together = subject.probabilities(subject.model, subject.items[:8])
    alone = np.concatenate([subject.probabilities(subject.model, subject.items[n : n + 1]) for n in range(8)])
    np.testing.assert_allclose(together, alone, atol=_CLOSE)
    backwards = subject.probabilities(subject.model, subject.items[:8][::-1])
    np.testing.assert_allclose(together, backwards[::-1], atol=_CLOSE)


def the_same_question_has_the_same_answer(subject: Subject) -> None:
    first = subject.probabilities(subject.model, subject.items)
    version = subject.model.version
    params = subject.model.get_params()
    np.testing.assert_array_equal(first, subject.probabilities(subject.model, subject.items))
    assert subject.model.version == version, "judging changed the version"
    assert subject.model.get_params() == params, "judging changed a parameter"


def threads_do_not_disturb_each_other(subject: Subject) -> None:
    items = subject.items[:6]
    expected = subject.probabilities(subject.model, items)
    with ThreadPoolExecutor(4) as threads:
        for rows in threads.map(subject.model.predict_proba, [items] * 8):
            np.testing.assert_allclose(rows, expected, atol=_CLOSE)


def nothing_in_gives_nothing_out(subject: Subject) -> None:
    assert subject.probabilities(subject.model, subject.items[:0]).size == 0
    assert subject.probabilities(subject.model, []).size == 0
    assert len(subject.model.predict([])) == 0


def a_huge_batch_is_judged_like_a_small_one(subject: Subject) -> None:
    """As huge as about a second allow, up to 4,800 items."""
    started = time.perf_counter()
    expected = subject.probabilities(subject.model, subject.items)
    times = max(2, min(_LARGEST, int(_LARGE_S / (time.perf_counter() - started))))
    rows = subject.probabilities(subject.model, subject.repeated(times))
    np.testing.assert_allclose(rows, np.tile(expected, (times, 1)), atol=_CLOSE)


def detections_lie_inside_the_picture(subject: Subject) -> None:
    for found in subject.model.detect(subject.items):
        for detection in found:
            left, top, right, bottom = detection.box
            assert 0 <= left < right <= 1
            assert 0 <= top < bottom <= 1
            assert 0 <= detection.score <= 1
            assert detection.label in subject.model.classes_


def _no_detector(subject: Subject) -> str:
    return "not a detector" if subject.classifies else ""


CHECKS = (
    *checks(
        probabilities_are_probabilities,
        an_item_is_judged_alike_alone_and_in_company,
        the_same_question_has_the_same_answer,
        threads_do_not_disturb_each_other,
        nothing_in_gives_nothing_out,
        a_huge_batch_is_judged_like_a_small_one,
    ),
    *checks(detections_lie_inside_the_picture, not_for=_no_detector),
)
