"""scikit-learn's contract: parameters, cards, classes."""

from __future__ import annotations

import inspect

import numpy as np

from interventions.models.card import Card
from interventions.models.conformance.subject import Subject, checks, families, refused
from interventions.models.errors import NotFitted, NotTrainable, WrongInput


def keeps_scikit_learns_rules_for_parameters(subject: Subject) -> None:
    """The checks of ``sklearn.utils.estimator_checks`` that concern parameters alone."""
    from sklearn.utils import estimator_checks as sklearn_checks

    for name in (
        "check_no_attributes_set_in_init",
        "check_parameters_default_constructible",
        "check_get_params_invariance",
        "check_set_params",
        "check_estimator_repr",
        "check_estimator_cloneable",
    ):
        getattr(sklearn_checks, name)(subject.family.__name__, subject.family())


def constructor_takes_what_get_params_gives(subject: Subject) -> None:
    model = subject.fresh()
    assert list(model.get_params()) == list(inspect.signature(subject.family).parameters)
    assert subject.family(**model.get_params()).get_params() == model.get_params()


def unknown_parameters_are_refused_and_change_nothing(subject: Subject) -> None:
    model = subject.fresh()
    before = model.get_params()
    first = next(iter(before), None)
    with refused(WrongInput, what="a parameter it has not"):
        model.set_params(**({first: object()} if first else {}), no_such_parameter=1)
    assert model.get_params() == before, "a refused set_params changed something"


def the_card_is_filled_in(subject: Subject) -> None:
    card = subject.model.card
    assert isinstance(card, Card)
    for field in ("family", "version", "intended_use", "limits", "source", "licence"):
        assert getattr(card, field).strip(), f"{field} is empty"
    assert tuple(subject.model.classes_) == card.classes
    assert card.input == subject.kind
    assert subject.model.version.startswith(f"{card.version}+"), "the version does not begin with the card's"
    for metric in card.metrics:
        assert metric.on, f"{metric.name} does not say what it was measured on"


def what_has_not_learnt_says_so(subject: Subject) -> None:
    """Unless it can judge without having learnt, as a model that is prompted can; then it has its classes already."""
    model = subject.fresh()
    if not subject.learns:
        with refused(NotTrainable, what="a fit"):
            model.fit(subject.items, subject.labels)
    elif not hasattr(model, "classes_"):
        with refused(NotFitted, what="predict_proba before fit"):
            model.predict_proba(subject.items)
        with refused(NotFitted, what="save before fit"):
            model.save(subject.folder / "never")


def opening_the_weights_returns_the_model(subject: Subject) -> None:
    assert subject.model.open_weights() is subject.model


def predictions_are_the_likeliest_classes(subject: Subject) -> None:
    predicted = subject.model.predict(subject.items)
    assert len(predicted) == len(subject.items)
    if subject.classifies:
        columns = subject.probabilities(subject.model, subject.items).argmax(axis=1)
        assert list(predicted) == [subject.model.classes_[column] for column in columns]
    else:
        assert all(set(labels) <= set(subject.model.classes_) for labels in predicted)


def classes_are_distinct_names(subject: Subject) -> None:
    classes = subject.model.classes_
    assert all(type(name) is str for name in classes), "a class is no plain str"
    assert len(set(classes)) == len(classes) >= 2
    assert not isinstance(classes, np.ndarray), "classes_ is a tuple, so that nobody can change it"


CHECKS = (
    *checks(
        keeps_scikit_learns_rules_for_parameters,
        constructor_takes_what_get_params_gives,
        unknown_parameters_are_refused_and_change_nothing,
        what_has_not_learnt_says_so,
        not_for=families,
    ),
    *checks(
        the_card_is_filled_in,
        opening_the_weights_returns_the_model,
        predictions_are_the_likeliest_classes,
        classes_are_distinct_names,
    ),
)
