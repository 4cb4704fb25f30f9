"""What can go wrong with a model. The model host turns these into its own error, with the same message and
remedy."""

from __future__ import annotations


class ModelFault(Exception):
    """Base of every error a model raises on purpose. `remedy` says what to do next; it may be empty."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class WeightsMissing(ModelFault):
    """A file of the model is not where it should be."""


class WeightsBroken(ModelFault):
    """A file of the model is there, but it is not what was saved, or the runtime cannot read it."""


class ArtifactTooNew(ModelFault):
    """A model was saved by a newer version, in a form that this one does not know."""


class NotSaved(ModelFault):
    """A model could not be written; nothing of it is left, and what was there before still is."""


class NotTrainable(ModelFault):
    """`fit` was called on a model that comes trained."""


class NotFitted(ModelFault):
    """A model that learns was asked before it has learnt."""


class WrongInput(ModelFault, ValueError):
    """The model was given something it does not take."""
