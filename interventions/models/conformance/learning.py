"""Families that learn: a fit depends on its data, its parameters and its seed, and on nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np

from interventions.models.conformance.subject import CLASSES, Subject, checks, learners, refused
from interventions.models.errors import WrongInput
from interventions.models.progress import Progress


def fit_returns_the_model_and_learns_the_classes(subject: Subject) -> None:
    model = subject.fresh()
    params = model.get_params()
    assert model.fit(subject.items, subject.labels) is model
    assert model.classes_ == CLASSES
    assert model.get_params() == params, "fit changed a parameter"


def the_same_seed_gives_the_same_model(subject: Subject) -> None:
    again = subject.fresh().fit(subject.items, subject.labels)
    np.testing.assert_array_equal(
        subject.probabilities(again, subject.items), subject.probabilities(subject.model, subject.items)
    )
    assert again.version == subject.model.version


def fitting_again_forgets_the_first_fit(subject: Subject) -> None:
    model = subject.fresh().fit(subject.items, subject.labels)
    others = [CLASSES[1 - CLASSES.index(label)] for label in subject.labels]
    model.fit(subject.items, others)
    model.fit(subject.items, subject.labels)
    assert model.version == subject.model.version
    np.testing.assert_array_equal(
        subject.probabilities(model, subject.items), subject.probabilities(subject.model, subject.items)
    )


def numpy_labels_are_as_good_as_a_list(subject: Subject) -> None:
    model = subject.fresh().fit(subject.items, np.array(subject.labels))
    assert model.classes_ == CLASSES
    assert all(type(name) is str for name in model.classes_)


def what_cannot_be_learnt_from_is_refused(subject: Subject) -> None:
    items, labels = subject.items, subject.labels
    cases: tuple[tuple[str, Any, Any], ...] = (
        ("fewer labels than items", items, labels[:-1]),
        ("no labels", items, None),
        ("one class only", items, ["abuse"] * len(items)),
        ("a missing label", items, [None, *labels[1:]]),
        ("a label that is not a number", items, [float("nan"), *labels[1:]]),
        ("no items", items[:0], []),
        ("wrong items", subject.wrong_items[1], labels[: len(subject.wrong_items[1])]),
    )
    for what, X, y in cases:
        with refused(WrongInput, what=what):
            subject.fresh().fit(X, y)


def progress_goes_forward_and_ends(subject: Subject) -> None:
    seen: list[Progress] = []
    subject.fresh().fit(subject.items, subject.labels, progress=seen.append)
    steps = [progress.step for progress in seen]
    assert steps, "progress was never reported"
    assert steps == sorted(steps)
    assert all(0 <= progress.step <= progress.steps for progress in seen)


def an_unknown_label_is_refused_while_learning_on_line(subject: Subject) -> None:
    model = subject.fresh().fit(subject.items, subject.labels)
    before = subject.probabilities(model, subject.items)
    with refused(WrongInput, what="partial_fit with a label it has never seen"):
        model.partial_fit(subject.items[:1], ["martian"])
    np.testing.assert_array_equal(before, subject.probabilities(model, subject.items))
    model.partial_fit(subject.items, subject.labels)
    assert model.classes_ == CLASSES


def scikit_learn_takes_it_for_a_classifier(subject: Subject) -> None:
    """In its pipelines, and in its clones of what was fitted."""
    from sklearn.base import clone, is_classifier
    from sklearn.pipeline import make_pipeline

    assert is_classifier(subject.fresh())
    assert clone(subject.model).get_params() == subject.model.get_params()
    chain = make_pipeline(subject.fresh()).fit(subject.items, subject.labels)
    np.testing.assert_array_equal(
        chain.predict_proba(subject.items), subject.probabilities(subject.model, subject.items)
    )


def keeps_scikit_learns_rules_for_tables(subject: Subject) -> None:
    """The checks of ``sklearn.utils.estimator_checks`` that hold for a classifier whose predictions are texts."""
    from sklearn.utils import estimator_checks as sklearn_checks

    for name in (
        "check_dict_unchanged",
        "check_dont_overwrite_parameters",
        "check_estimators_dtypes",
        "check_estimators_fit_returns_self",
        "check_estimators_nan_inf",
        "check_estimators_overwrite_params",
        "check_f_contiguous_array_estimator",
        "check_fit2d_1feature",
        "check_fit_check_is_fitted",
        "check_inplace_ensure_writeable",
        "check_pipeline_consistency",
        "check_readonly_memmap_input",
        "check_supervised_y_no_nan",
    ):
        getattr(sklearn_checks, name)(subject.family.__name__, subject.fresh())


def _not_of_tables(subject: Subject) -> str:
    return learners(subject) or ("" if subject.kind == "tabular" else "does not take tables")


def _not_on_line(subject: Subject) -> str:
    return learners(subject) or ("" if hasattr(subject.family, "partial_fit") else "does not learn on line")


CHECKS = (
    *checks(
        fit_returns_the_model_and_learns_the_classes,
        the_same_seed_gives_the_same_model,
        fitting_again_forgets_the_first_fit,
        numpy_labels_are_as_good_as_a_list,
        what_cannot_be_learnt_from_is_refused,
        progress_goes_forward_and_ends,
        scikit_learn_takes_it_for_a_classifier,
        not_for=learners,
    ),
    *checks(keeps_scikit_learns_rules_for_tables, not_for=_not_of_tables),
    *checks(an_unknown_label_is_refused_while_learning_on_line, not_for=_not_on_line),
)
