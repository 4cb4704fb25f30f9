"""Base of the families that learn here."""

from __future__ import annotations

import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from interventions.models.artifact import DESCRIPTION, read, write
from interventions.models.card import Card, Input
from interventions.models.checks import check_items, check_labels
from interventions.models.errors import ArtifactTooNew, NotFitted, WeightsBroken, WrongInput
from interventions.models.parameters import Parameters
from interventions.models.progress import Watch

_FROM_FIT = frozenset(("format", "family", "version", "input", "task", "classes", "parameters", "files"))
"""What of a card follows from the fit and cannot be described."""


class FittedClassifier(Parameters, ABC):
    """A classifier by scikit-learn's contract that can be saved as an artifact.

    A family gives the class variables below and four methods: `fit`, `predict_proba`, `_files` and `_restore`. Its
    constructor only stores parameters; `random_state`, where there is one, is the seed, and a fit depends on nothing
    else. `fit` begins with `_learn_classes`, `predict_proba` with `_ready`; both refuse bad input in words.
    """

    family: ClassVar[str]
    """The name under which the family is registered."""
    input: ClassVar[Input]
    family_version: ClassVar[str]
    """Raised whenever the same data and parameters give other verdicts than before."""
    intended_use: ClassVar[str]
    limits: ClassVar[str]
    source: ClassVar[str]
    """The paper or package that the method is from."""
    licence: ClassVar[str] = "MIT"
    quick: ClassVar[Mapping[str, Any]] = {}
    """Parameters with which a fit on a few items takes about a second; the conformance checks use them."""

    classes_: tuple[str, ...]
    """The classes seen in `fit`, sorted; columns of `predict_proba` are in this order."""

    # -- scikit-learn's contract -------------------------------------------------------------------------

    @abstractmethod
    def fit(self, X: Any, y: Sequence[Any], *, progress: Watch | None = None) -> Self:
        """Learn from items `X`, one label `y` an item; `progress` is called after every step.

        Raises:
            WrongInput
        """

    @abstractmethod
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Class probabilities, shape ``(len(X), len(classes_))``; rows sum to 1.

        Raises:
            NotFitted, WrongInput
        """

    def predict(self, X: Any) -> NDArray[np.str_]:
        """The likeliest class of each item, shape ``(len(X),)``."""
        rows = self.predict_proba(X)
        return np.array([self.classes_[column] for column in rows.argmax(axis=1)], dtype=np.str_)

    # -- for families ------------------------------------------------------------------------------------

    def _learn_classes(self, X: Any, y: Sequence[Any]) -> NDArray[np.intp]:
        """Check a fit's items and labels, forget an earlier fit, set `classes_`; returns the number of each label.

        Raises:
            WrongInput
        """
        check_items(X, self.input, type(self).__name__)
        classes, codes = check_labels(y, len(X), type(self).__name__)
        self._forget()
        self.classes_ = classes
        return codes

    def _ready(self, X: Any) -> None:
        """Check that the model has learnt, and that it can judge the items `X`.

        Raises:
            NotFitted, WrongInput
        """
        self._check_fitted()
        check_items(X, self.input, type(self).__name__)

    def _check_fitted(self) -> None:
        if not hasattr(self, "classes_"):
            raise NotFitted(f"{type(self).__name__} has learnt nothing yet", "fit it, or load one that was saved")

    def _forget(self) -> None:
        """Called when what was learnt, or a parameter, changes. Families that cache from it extend this."""
        self.__dict__.pop("_file_digests", None)
        self.__dict__.pop("_described", None)

    def _parameters_changed(self) -> None:
        self.__dict__.pop("_file_digests", None)

    @abstractmethod
    def _files(self) -> dict[str, bytes]:
        """What was learnt, as the artifact's files; equal bytes for equal models."""

    @abstractmethod
    def _restore(self, card: Card, files: Mapping[str, Path]) -> None:
        """Take back what `_files` gave; parameters and `classes_` are already set. The files are as they were saved.

        Raises:
            WeightsBroken: when they are not what this family saves.
        """

    # -- what it is --------------------------------------------------------------------------------------

    @property
    def card(self) -> Card:
        """The card of what was learnt.

        Raises:
            NotFitted
        """
        self._check_fitted()
        return Card.model_validate(
            {
                "family": self.family,
                "version": self.family_version,
                "input": self.input,
                "classes": self.classes_,
                "intended_use": self.intended_use,
                "limits": self.limits,
                "source": self.source,
                "licence": self.licence,
                "parameters": self._saved_parameters(),
            }
            | self.__dict__.get("_described", {})
        )

    def describe(self, **fields: Any) -> Self:
        """Add to the card what a fit cannot know: `harmful`, `limits`, `training_data`, `metrics` and so on.

        Raises:
            WrongInput: for a field the card has not, or a value it does not take.
        """
        if fixed := _FROM_FIT & set(fields):
            raise WrongInput(f"{min(fixed)} follows from the fit and cannot be described")
        try:
            self.card.changed(**fields)
        except ValueError as error:
            raise WrongInput(f"the card of {type(self).__name__} does not take this: {error}") from error
        self.__dict__["_described"] = self.__dict__.get("_described", {}) | fields
        return self

    @property
    def version(self) -> str:
        """The family's version and a digest of all that decides verdicts: equal versions give equal verdicts.

        Raises:
            NotFitted
        """
        self._check_fitted()
        if "_file_digests" not in self.__dict__:
            digests = {name: hashlib.sha256(content).hexdigest() for name, content in self._files().items()}
            self.__dict__["_file_digests"] = digests
        decisive = [self.family, self.classes_, self._decisive_parameters(), self.__dict__["_file_digests"]]
        digest = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
        return f"{self.family_version}+{digest[:12]}"

    def open_weights(self) -> Self:
        """Make ready to judge, so that the first verdict is not late.

        Raises:
            NotFitted, and what the family's own files may raise.
        """
        self._check_fitted()
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "classes_")

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks before it checks, searches or chains; only called by scikit-learn itself."""
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        kinds = InputTags(
            two_d_array=self.input in ("tabular", "field"), string=self.input == "text", three_d_array=False
        )
        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
            input_tags=kinds,
        )

    # -- on disk -----------------------------------------------------------------------------------------

    def save(self, folder: str | Path) -> Path:
        """Write the model as the artifact `folder`; all or nothing.

        Raises:
            NotFitted, NotSaved
        """
        return write(folder, self.card, self._files()).folder

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """The model saved in `folder`, verified.

        Raises:
            WeightsMissing, WeightsBroken, ArtifactTooNew
        """
        artifact = read(folder)
        card = artifact.card
        if card.family != cls.family:
            raise WeightsBroken(
                f"{artifact.folder / DESCRIPTION} describes a {card.family!r} model, not {cls.family!r}",
                "load it with its own family",
            )
        if _numbers(card.version) > _numbers(cls.family_version):
            raise ArtifactTooNew(
                f"{artifact.folder / DESCRIPTION} was saved by {cls.family} {card.version}; "
                f"{cls.family_version} is installed",
                "update the package that brings the family",
            )
        try:
            model = cls._with_saved(card.parameters)
        except WrongInput as error:
            raise WeightsBroken(f"{artifact.folder / DESCRIPTION}: {error.message}", "save the model again") from error
        model.classes_ = card.classes
        model._restore(card, artifact.files)
        model.__dict__["_file_digests"] = dict(card.files)
        model.__dict__["_described"] = {name: getattr(card, name) for name in card.model_fields_set - _FROM_FIT}
        return model


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))
