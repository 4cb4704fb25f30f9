"""A family as small as one can be: the guest of the tests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from interventions.models import Card, FittedClassifier, Progress, Watch, WeightsBroken


class NearestWord(FittedClassifier):
    """Naive Bayes over words."""

    family = "nearest_word"
    input = "text"
    family_version = "1.2"
    intended_use = "Tests."
    limits = "Everything."
    source = "These tests."

    def __init__(self, smoothing: float = 1.0, skip: tuple[str, ...] = (), random_state: int = 0) -> None:
        self.smoothing = smoothing
        self.skip = skip
        self.random_state = random_state

    def fit(self, X: Sequence[str], y: Sequence[Any], *, progress: Watch | None = None) -> Self:
        codes = self._learn_classes(X, y)
        self._words = [
            Counter(
                word
                for text, code in zip(X, codes, strict=True)
                if code == k
                for word in text.split()
                if word not in self.skip
            )
            for k in range(len(self.classes_))
        ]
        if progress is not None:
            progress(Progress(1, 1))
        return self

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        self._ready(X)
        rows = np.zeros((len(X), len(self.classes_)))
        for k, words in enumerate(self._words):
            total = sum(words.values()) + 1000 * self.smoothing
            rows[:, k] = [sum(np.log((words[w] + self.smoothing) / total) for w in text.split()) for text in X]
        rows = np.exp(rows - rows.max(axis=1, keepdims=True, initial=-1e9))
        return rows / rows.sum(axis=1, keepdims=True)

    def _files(self) -> dict[str, bytes]:
        return {"words.json": json.dumps([dict(words) for words in self._words]).encode()}

    def _restore(self, card: Card, files: Mapping[str, Path]) -> None:
        try:
            self._words = [Counter(words) for words in json.loads(files["words.json"].read_bytes())]
        except (KeyError, ValueError) as error:
            raise WeightsBroken(f"{card.family}: its words cannot be read: {error}") from error
