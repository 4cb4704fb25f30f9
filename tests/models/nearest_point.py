"""The smallest family of tables, which also learns on line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from interventions.models import Card, FittedClassifier, Progress, Watch, WrongInput
from interventions.models.checks import check_table
from interventions.models.tensors import pack, unpack


class NearestPoint(FittedClassifier):
    """The softmax of distances to the classes' means."""

    family = "nearest_point"
    input = "tabular"
    family_version = "1"
    intended_use = "Tests."
    limits = "Everything."
    source = "These tests."

    def __init__(self, temperature: float = 1.0) -> None:
        self.temperature = temperature

    def fit(self, X: Any, y: Sequence[Any], *, progress: Watch | None = None) -> Self:
        codes = self._learn_classes(X, y)
        rows = check_table(X, "NearestPoint")
        self._sums = np.stack([rows[codes == k].sum(axis=0) for k in range(len(self.classes_))])
        self._counts = np.bincount(codes).astype(np.float64)
        if progress is not None:
            progress(Progress(1, 1))
        return self

    def partial_fit(self, X: Any, y: Sequence[Any]) -> Self:
        rows = check_table(X, "NearestPoint", self._sums.shape[1])
        unknown = set(map(str, y)) - set(self.classes_)
        if unknown:
            raise WrongInput(f"NearestPoint has never seen the label {min(unknown)!r}")
        for row, label in zip(rows, y, strict=True):
            self._sums[self.classes_.index(str(label))] += row
            self._counts[self.classes_.index(str(label))] += 1
        self._parameters_changed()
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        self._ready(X)
        rows = check_table(X, "NearestPoint", self._sums.shape[1])
        means = self._sums / self._counts[:, None]
        away = np.linalg.norm(rows[:, None] - means, axis=2) / self.temperature
        near = np.exp(away.min(axis=1, keepdims=True) - away)
        return near / near.sum(axis=1, keepdims=True)

    def _files(self) -> dict[str, bytes]:
        return {"means.safetensors": pack({"sums": self._sums, "counts": self._counts})}

    def _restore(self, card: Card, files: Mapping[str, Path]) -> None:
        arrays = unpack(files["means.safetensors"], "sums", "counts")
        self._sums, self._counts = arrays["sums"], arrays["counts"]
