"""A linear judge of texts over n-grams of words, characters and concepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from interventions.models.card import Card
from interventions.models.checks import sample_weights
from interventions.models.errors import WeightsBroken, WrongInput
from interventions.models.fitted import FittedClassifier
from interventions.models.ngrams.features import Spaces, features
from interventions.models.ngrams.lexicon import PACKAGED, Lexicon
from interventions.models.ngrams.linear import Logistic, Sparse, batches, loss, probabilities
from interventions.models.ngrams.spelling import normalised
from interventions.models.progress import Progress, Watch
from interventions.models.tensors import pack, unpack

WEIGHTS = "weights.safetensors"
LEXICON = "lexicon.txt"
_HELD_OUT = 0.05
"""Share of the items that early stopping watches, where there are enough."""
_FEWEST_HELD_OUT = 50


class Ngrams(FittedClassifier):
    """Logistic regression over hashed n-grams: a fraction of a millisecond a text, with numpy alone.

    `lexicon` adds n-grams of concepts, see ``lexicon.toml``: "abuse" for the packaged lists, "" for none, else the
    path of a file like it. `bits` sets how many features there are, `epochs` how often the texts are seen at most: the
    fit ends early when the loss on held-out texts rises.
    """

    family: ClassVar[str] = "ngrams"
    input: ClassVar[Any] = "text"
    family_version: ClassVar[str] = "1.0"
    intended_use: ClassVar[str] = (
        "Short texts into a few classes, learnt from some thousand examples, where speed counts."
    )
    limits: ClassVar[str] = "Sees words and their neighbours, not meaning; what no training text resembles is a guess."
    source: ClassVar[str] = "Mindproof: hashed n-grams (Weinberger et al. 2009), AdaGrad (Duchi et al. 2011)"
    quick: ClassVar[Mapping[str, Any]] = {"bits": 12, "epochs": 2}

    def __init__(
        self,
        bits: int = 18,
        words: int = 3,
        characters: tuple[int, int] = (2, 5),
        lexicon: str = "abuse",
        weights: tuple[float, float, float] = (1.0, 1.0, 2.0),
        rate: float = 0.1,
        l2: float = 1e-6,
        epochs: int = 6,
        batch: int = 128,
        random_state: int = 0,
    ) -> None:
        self.bits = bits
        self.words = words
        self.characters = characters
        self.lexicon = lexicon
        self.weights = weights
        self.rate = rate
        self.l2 = l2
        self.epochs = epochs
        self.batch = batch
        self.random_state = random_state

    # -- learning --------------------------------------------------------------------------------------

    def fit(
        self,
        X: Sequence[str],
        y: Sequence[Any],
        *,
        sample_weight: Sequence[float] | None = None,
        progress: Watch | None = None,
    ) -> Self:
        codes = self._learn_classes(X, y)
        importance = sample_weights(sample_weight, len(codes))
        self._lexicon_text = lexicon_text(self.lexicon)
        rows = self.rows(X)
        random = np.random.default_rng(self.random_state)
        learner = self._learner()
        training, watched = _split(len(codes), random)
        truth = self._truth(codes)
        best, mean = np.inf, learner.weights
        for epoch in range(self.epochs):
            mean, intercept, lost = self._epoch(learner, rows, truth, importance, training, random)
            seen = rows.chosen(watched)
            score = loss(probabilities(seen.dot(mean) + intercept), truth[watched], importance[watched])
            if score < best:
                best = score
                self.coefficients_, self.intercept_ = mean.astype(np.float16), intercept.astype(np.float32)
            if progress is not None:
                progress(Progress(epoch + 1, self.epochs, lost, -score, f"loss on held-out texts {score:.4f}"))
            if score > best:
                break
        self._learnt = learner
        return self

    def partial_fit(self, X: Sequence[str], y: Sequence[Any], classes: Sequence[Any] | None = None) -> Self:
        """Learn from a few more items, once; the first call must name all `classes`, or have items of each.

        Raises:
            WrongInput: for a label that is none of the classes.
        """
        if not hasattr(self, "classes_"):
            named = sorted({str(one) for one in (classes if classes is not None else y)})
            self._learn_classes([""] * len(named), named)
            self._lexicon_text = lexicon_text(self.lexicon)
        learner = self.__dict__.get("_learnt") or self._resumed()
        number_of = {name: number for number, name in enumerate(self.classes_)}
        unknown = [label for label in y if str(label) not in number_of]
        if unknown or len(X) != len(y):
            raise WrongInput(f"partial_fit takes one of {self.classes_} for each text; it was given {unknown[:1]}")
        self._ready(X)
        if len(X):
            codes = np.array([number_of[str(label)] for label in y])
            learner.step(self.rows(X), self._truth(codes), np.ones(len(codes)))
        self._forget()
        self._learnt = learner
        self.coefficients_ = learner.weights.astype(np.float16)
        self.intercept_ = learner.intercept.astype(np.float32)
        return self

    def _learner(self) -> Logistic:
        return Logistic(1 << self.bits, _outputs(self.classes_), self.rate, self.l2)

    def _resumed(self) -> Logistic:
        """A learner that goes on from saved weights."""
        learner = self._learner()
        if hasattr(self, "coefficients_"):
            learner.weights = self.coefficients_.astype(np.float32)
            learner.intercept = self.intercept_.astype(np.float64)
        return learner

    def _truth(self, codes: NDArray[np.intp]) -> NDArray[np.float64]:
        """0 or 1 an output: of two classes whether it is the second, of more whether it is each."""
        outputs = _outputs(self.classes_)
        return np.asarray(codes[:, None] == (np.arange(outputs) if outputs > 1 else 1), dtype=np.float64)

    def _epoch(
        self,
        learner: Logistic,
        rows: Sparse,
        truth: NDArray[np.float64],
        importance: NDArray[np.float64],
        training: NDArray[np.intp],
        random: np.random.Generator,
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], float]:
        """One pass; returns the mean of weights and intercept over its later half, and the mean loss."""
        mean, intercept, counted, losses = np.zeros_like(learner.weights), np.zeros_like(learner.intercept), 0, []
        steps = -(-len(training) // self.batch)
        every = max(1, steps // 16)
        for step, chosen in enumerate(batches(len(training), self.batch, random)):
            some = training[chosen]
            losses.append(learner.step(rows.chosen(some), truth[some], importance[some]))
            if step >= steps // 2 and (step % every == 0 or step == steps - 1):
                mean, intercept, counted = mean + learner.weights, intercept + learner.intercept, counted + 1
        return np.asarray(mean / counted, np.float32), intercept / counted, float(np.mean(losses))

    # -- judging ---------------------------------------------------------------------------------------

    def rows(self, X: Sequence[str]) -> Sparse:
        """The texts' features."""
        spaces = self._spaces
        return Sparse.stacked([features(normalised(text), spaces) for text in X])

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        self._ready(X)
        chances = probabilities(self.rows(X).dot(self._wide) + self.intercept_)
        return np.concatenate([1 - chances, chances], axis=1) if chances.shape[1] == 1 else chances

    @property
    def _spaces(self) -> Spaces:
        if "_opened_spaces" not in self.__dict__:
            lexicon = Lexicon.parse(self._lexicon_text) if self._lexicon_text else None
            self._opened_spaces = Spaces(self.bits, self.words, self.characters, lexicon, self.weights)
        return self._opened_spaces

    @property
    def _wide(self) -> NDArray[np.float32]:
        """The weights in single precision: numpy multiplies half precision slowly."""
        if "_widened" not in self.__dict__:
            self._widened = self.coefficients_.astype(np.float32)
        return self._widened

    def _forget(self) -> None:
        super()._forget()
        for name in ("_widened", "_opened_spaces", "_learnt"):
            self.__dict__.pop(name, None)

    def _parameters_changed(self) -> None:
        super()._parameters_changed()
        self.__dict__.pop("_opened_spaces", None)

    def open_weights(self) -> Self:
        super().open_weights()
        self.predict_proba(["ready"])
        return self

    # -- on disk ---------------------------------------------------------------------------------------

    def _files(self) -> dict[str, bytes]:
        weights = pack({"coefficients": self.coefficients_, "intercept": self.intercept_})
        lexicon = {LEXICON: self._lexicon_text.encode()} if self._lexicon_text else {}
        return {WEIGHTS: weights, **lexicon}

    def _restore(self, card: Card, files: Mapping[str, Path]) -> None:
        if WEIGHTS not in files:
            raise WeightsBroken(f"the model lists no {WEIGHTS}", "save the model again")
        arrays = unpack(files[WEIGHTS], "coefficients", "intercept")
        self.coefficients_, self.intercept_ = arrays["coefficients"], arrays["intercept"]
        shape = (1 << self.bits, _outputs(self.classes_))
        if self.coefficients_.shape != shape or self.intercept_.shape != shape[1:]:
            raise WeightsBroken(
                f"{files[WEIGHTS]} holds weights of shape {self.coefficients_.shape}, not {shape}",
                "save the model again",
            )
        self._lexicon_text = files[LEXICON].read_text(encoding="utf-8") if LEXICON in files else ""
        try:
            self._spaces  # noqa: B018 - reads the lexicon
        except ValueError as error:
            raise WeightsBroken(f"{files[LEXICON]} is no lexicon: {error}", "save the model again") from error


def _outputs(classes: Sequence[str]) -> int:
    return len(classes) if len(classes) > 2 else 1


def lexicon_text(name: str) -> str:
    """The text of the lexicon called `name`, "" for none.

    Raises:
        WrongInput
    """
    if not name:
        return ""
    path = PACKAGED if name == "abuse" else Path(name)
    try:
        text = path.read_text(encoding="utf-8")
        Lexicon.parse(text)
    except (OSError, ValueError) as error:
        raise WrongInput(f"the lexicon {path} cannot be used: {error}") from error
    return text


def _split(count: int, random: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Items to learn from, and to watch; of few items all are both."""
    order = random.permutation(count)
    held = int(count * _HELD_OUT)
    return (order, order) if held < _FEWEST_HELD_OUT else (order[held:], order[:held])
