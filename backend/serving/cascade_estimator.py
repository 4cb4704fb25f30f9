"""A cascade as an estimator, for who measures models by name: the second judge is waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from backend.serving.cascade import CascadeHandle
from backend.serving.host import ModelHost
from backend.serving.registry import Estimator, open_model
from interventions.models import Card


class CascadeEstimator:
    """scikit-learn's classifier, by shape, over a cascade's two hosted judges."""

    def __init__(self, handle: CascadeHandle) -> None:
        self.handle = handle
        self.card = Card(
            family="cascade",
            version="1",
            input="text",
            classes=handle.classes,
            harmful=handle.harmful,
            parameters={"name": handle.name},
            intended_use="what its two judges are for; the second is asked about what the first is unsure of",
            limits="those of its two judges, whose cards say them",
            source=handle.name,
            licence="those of its two judges",
        )

    @property
    def classes_(self) -> tuple[str, ...]:
        return self.handle.classes

    @property
    def version(self) -> str:
        return self.handle.version

    def open_weights(self) -> Self:
        return self

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Class probabilities ``(n, k)``. Raises ModelError: a judge failed."""
        return np.array(self.handle.probabilities(X), dtype=np.float64).reshape(len(X), len(self.classes_))


def open_judge(name: str) -> Estimator:
    """The estimator called `name` (see `open_model`), or the cascade that `name` spells.

    Raises:
        ModelError
    """
    if ">" not in name:
        return open_model(name)
    handle = ModelHost().load(name)
    assert isinstance(handle, CascadeHandle), "a name with > is a cascade's, or an error"
    return CascadeEstimator(handle)
