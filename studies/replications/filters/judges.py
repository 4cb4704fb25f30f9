"""The filters under test, and what they are compared with: each says how abusive texts are, from 0 to 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interventions.models.ngrams import Ngrams
from interventions.models.ngrams.features import features
from interventions.models.ngrams.linear import Sparse
from interventions.models.ngrams.spelling import normalised

Floats = NDArray[np.float64]
Judge = Callable[[Sequence[str]], Floats]


class Remembering(Ngrams):
    """`Ngrams` that computes each text's features once in a process: folds share nearly all of their texts."""

    _remembered: dict[tuple[int, str], tuple[NDArray[np.int32], NDArray[np.float32]]] = {}  # noqa: RUF012 - shared

    def rows(self, X: Sequence[str]) -> Sparse:
        spaces, found = self._spaces, []
        for text in X:
            key = (self.bits, text)
            row = self._remembered.get(key)
            if row is None:
                columns, values = features(normalised(text), spaces)
                row = self._remembered[key] = columns.astype(np.int32), values
            found.append((row[0].astype(np.int64), row[1]))
        return Sparse.stacked(found)


def of_model(model: Any) -> Judge:
    """The sum of a model's harmful classes."""
    columns = [list(model.classes_).index(name) for name in model.card.harmful or ("abuse",)]

    def judge(texts: Sequence[str]) -> Floats:
        return np.asarray(model.predict_proba(list(texts))[:, columns].sum(axis=1))

    return judge
