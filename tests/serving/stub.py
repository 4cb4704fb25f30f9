"""Small estimators for tests, with the host's contract."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from interventions.models import Card


class Stub:
    """A classifier of anything: `judge` gives the probability of the second class of each item.

    `gate`, when given, is waited for before each batch, and `begun` is set.
    """

    def __init__(
        self,
        judge: Callable[[Any], float] = lambda item: 0.0,
        version: str = "1",
        input: str = "text",
        classes: tuple[str, ...] = ("good", "bad"),
        gate: threading.Event | None = None,
    ) -> None:
        self.card = Card(
            family="stub", version=version, input=input, classes=classes,
            intended_use="tests", limits="none", source="here", licence="MIT",
        )  # fmt: skip
        self.classes_ = classes
        self.version = version
        self.judge = judge
        self.gate = gate
        self.begun = threading.Event()
        self.batches: list[int] = []

    def open_weights(self) -> Stub:
        return self

    def predict_proba(self, X: Sequence[Any]) -> np.ndarray:
        self.batches.append(len(X))
        self.begun.set()
        if self.gate is not None:
            assert self.gate.wait(10)
        bad = [self.judge(item) for item in X]
        rest = [0.0] * (len(self.classes_) - 2)
        return np.array([[1 - one, one, *rest] for one in bad], dtype=np.float64).reshape(len(bad), len(self.classes_))
