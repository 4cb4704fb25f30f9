"""Estimators that go on learning: one life for MOTA and for what it is compared with."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from interventions.models.card import Card
from interventions.models.checks import check_table
from interventions.models.errors import WeightsBroken, WrongInput
from interventions.models.fitted import FittedClassifier
from interventions.models.mota.learners import Learner, Memory, Setting
from interventions.models.mota.modes import Network, build, distances, mean_mode
from interventions.models.mota.networks import Factory, perceptron
from interventions.models.mota.stored import fitting, packed, unpacked
from interventions.models.progress import Progress, Watch

WEIGHTS, MEMORY = "weights.safetensors", "memory.safetensors"
_MODE, _MEAN = "mode", "mean"
_CENTRE, _SPREAD, _TAKEN, _SINCE = "centre", "spread", "taken", "since"
_FARTHEST = 10.0
"""Where standardised numbers are cut off, in standard deviations: one odd row must not undo what was learnt."""


class ContinualClassifier(FittedClassifier):
    """Rows of numbers into classes, learnt a batch after another. Subclasses say how by `_learner`.

    `fit` learns the first task, `partial_fit` goes on, `begin_task` says that what comes next is another task; unsaid,
    what was learnt is settled every `settle` batches (0: only when said). No row is kept.

    Parameters that subclasses have: `modes`, `budget` (parameters of all modes together), `rate`, `epochs` and `batch`
    of `fit`, `passes` over what `partial_fit` is given, `candidates` (`losses.among`), `settle`, `standardise` (by mean
    and deviation of the first rows), `averaging` (a mode judges, and settles, at the mean of its way over about
    1 / (1 - averaging) updates; 0: where it is), `predict_by` ("softmaxes": the mean of the modes' probabilities;
    "parameters": the probabilities of the mean mode), `factory` (`networks.Factory`), `random_state`.
    """

    input: ClassVar[Any] = "tabular"
    family_version: ClassVar[str] = "1.0"
    quick: ClassVar[Mapping[str, Any]] = {"budget": 600, "epochs": 20, "batch": 8, "passes": 1}

    modes: int
    budget: int
    rate: float
    epochs: int
    batch: int
    passes: int
    candidates: str
    settle: int
    standardise: bool
    averaging: float
    predict_by: str
    factory: Factory | None
    random_state: int

    @abstractmethod
    def _learner(self, setting: Setting) -> Learner:
        """How the modes learn; its memory is filled in by the caller."""

    # -- learning --------------------------------------------------------------------------------------

    def fit(self, X: Any, y: Sequence[Any], *, progress: Watch | None = None) -> Self:
        codes = self._learn_classes(X, y)
        try:
            rows = self._begin(self._numbers(X))
            for epoch in range(self.epochs):
                loss = self._learn(rows, codes, settling=False)
                if progress is not None:
                    progress(Progress(epoch + 1, self.epochs, loss))
        except BaseException:
            self._forget_all()
            raise
        self._settle()
        return self

    def partial_fit(self, X: Any, y: Sequence[Any], classes: Sequence[Any] | None = None) -> Self:
        """Go on learning from a few more items. The first call must name all `classes`, or have items of each.

        Raises:
            WrongInput: for a label that is none of the classes.
        """
        begun = hasattr(self, "classes_")
        known = self.classes_ if begun else tuple(sorted({str(one) for one in (y if classes is None else classes)}))
        codes = _codes(known, y, len(X), type(self).__name__)
        if len(known) < 2:
            raise WrongInput(
                f"{type(self).__name__} needs at least two classes; name them: partial_fit(.., classes=..)"
            )
        numbers = self._numbers(X)
        if not len(numbers):
            return self
        if begun:
            rows = self._scaled(numbers)
            self._forget()
        else:
            self._forget_all()
            self.classes_ = known
            try:
                rows = self._begin(numbers)
            except WrongInput:
                self._forget_all()
                raise
        with self._all_or_nothing():
            for _ in range(self.passes):
                self._learn(rows, codes)
        return self

    def begin_task(self) -> Self:
        """What comes next is another task: keep what has been learnt. Does nothing where nothing has been since."""
        if self.__dict__.get("_since"):
            self._settle()
            self._forget()
        return self

    def _begin(self, numbers: NDArray[np.float64]) -> Tensor:
        """Make the networks; returns the first rows, scaled."""
        self._centre = numbers.mean(axis=0) if self.standardise else np.zeros(numbers.shape[1])
        spread = numbers.std(axis=0) if self.standardise else np.ones(numbers.shape[1])
        self._spread = np.where(spread > 1e-9, spread, 1.0)
        made = build(self._factory(), self.modes, numbers.shape[1], len(self.classes_), self.budget, self.random_state)
        self._network, self._modes = made
        self._mean = self._modes
        self._taken: list[list[float]] = []
        self._go_on({})
        return self._scaled(numbers)

    def _go_on(self, memory: Memory) -> None:
        """Make a learner with `memory`, and random numbers from the seed."""
        self._draws = np.random.default_rng(self.random_state)
        self._random = torch.Generator().manual_seed(self.random_state)
        self._way = self._learner(Setting(self._network, self.rate, self.candidates, self._random))
        self._way.memory = memory
        self._since = 0

    def _learn(self, rows: Tensor, codes: NDArray[np.intp], settling: bool = True) -> float:
        """Once over all rows in batches, settling after every `settle` of them if it may; returns the mean loss."""
        truth, losses = torch.from_numpy(codes), []
        for chosen in np.array_split(self._draws.permutation(len(codes)), -(-len(codes) // self.batch)):
            update = self._way.update(self._modes, rows[chosen], truth[chosen])
            if not all(bool(mode.isfinite().all()) for mode in update.modes.values()):
                raise WrongInput(f"{type(self).__name__} has diverged with rate={self.rate}", "set a lower `rate`")
            self._modes = update.modes
            self._average()
            self._note(update.taken)
            losses.append(update.loss)
            if settling and self._since >= self.settle > 0:
                self._settle()
        return float(np.mean(losses))

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """What fails inside leaves the modes, and what is kept beside them, as they were."""
        modes, mean, memory = self._modes, self._mean, dict(self._way.memory)
        taken, since = [*self._taken], self._since
        try:
            yield
        except BaseException:
            self._modes, self._mean, self._taken = modes, mean, taken
            self._go_on(memory)
            self._since = since
            raise

    def _average(self) -> None:
        """Take the modes into the mean of their way since what was learnt before was settled.

        A running mean whose memory grows to 1 / (1 - averaging) updates: a single correction counts at once.
        """
        if self.averaging:
            kept = min(self.averaging, self._since / (self._since + 3))
            self._mean = {
                name: kept * self._mean[name] + (1 - kept) * mode if kept else mode
                for name, mode in self._modes.items()
            }
        else:
            self._mean = self._modes

    def _note(self, taken: Tensor) -> None:
        """Add to the running mean of the current task's row of `allocation_`."""
        if not self._since:
            self._taken.append([0.0] * len(taken))
        self._since += 1
        row = self._taken[-1]
        self._taken[-1] = [mean + (one - mean) / self._since for mean, one in zip(row, taken.tolist(), strict=True)]

    def _settle(self) -> None:
        self._modes = self._mean
        self._way.settle(self._modes)
        self._since = 0

    # -- what it has become ----------------------------------------------------------------------------

    @property
    def allocation_(self) -> NDArray[np.float64]:
        """How much of each task each mode took, ``(tasks, modes)``: its mean step as a share of a plain step."""
        self._check_fitted()
        return np.array(self._taken, dtype=np.float64).reshape(len(self._taken), -1)

    @property
    def mode_distances_(self) -> NDArray[np.float64]:
        """|theta_i - theta_j|, ``(modes, modes)``."""
        self._check_fitted()
        found: NDArray[np.float64] = distances(self._mean).double().numpy()
        return found

    @property
    def parameters_(self) -> int:
        """The number of parameters of all modes together."""
        self._check_fitted()
        return sum(mode.numel() for mode in self._modes.values())

    @property
    def memory_(self) -> int:
        """How many numbers are kept beside the parameters, for not forgetting."""
        self._check_fitted()
        mean = self.parameters_ if self.averaging else 0
        return mean + sum(one.numel() for part in self._way.memory.values() for one in part.values())

    # -- judging ---------------------------------------------------------------------------------------

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        self._ready(X)
        numbers = self._numbers(X)
        if not len(numbers):
            return np.zeros((0, len(self.classes_)))
        rows = self._scaled(numbers)
        modes = mean_mode(self._mean) if self.predict_by == "parameters" else self._mean
        network = self._network.apart()
        if self.predict_by == "parameters":
            network = Network(network.skeleton, mean_mode(network.buffers))
        with torch.no_grad():
            chances = network.logits(modes, rows).double().softmax(-1).mean(0)
        found: NDArray[np.float64] = chances.numpy()
        return found

    # -- for subclasses --------------------------------------------------------------------------------

    def _numbers(self, X: Any) -> NDArray[np.float64]:
        """Items as rows of numbers.

        Raises:
            WrongInput
        """
        columns = len(self._centre) if hasattr(self, "_centre") else None
        return check_table(X, type(self).__name__, columns)

    def _scaled(self, numbers: NDArray[np.float64]) -> Tensor:
        scaled = np.clip((numbers - self._centre) / self._spread, -_FARTHEST, _FARTHEST)
        return torch.from_numpy(scaled.astype(np.float32))

    def _factory(self) -> Factory:
        return self.factory or perceptron

    def _forget_all(self) -> None:
        """Back to before the first fit."""
        self._forget()
        for name in ("classes_", "_centre", "_spread", "_network", "_modes", "_mean", "_way", "_taken", "_since"):
            self.__dict__.pop(name, None)

    def _learn_classes(self, X: Any, y: Sequence[Any]) -> NDArray[np.intp]:
        before = self.__dict__.pop("_centre", None)
        try:
            return super()._learn_classes(X, y)
        except WrongInput:
            if before is not None:
                self._centre = before
            raise

    def _parameters_changed(self) -> None:
        super()._parameters_changed()
        if "_way" in self.__dict__:
            since = self._since
            self._go_on(self._way.memory)
            self._since = since

    # -- on disk ---------------------------------------------------------------------------------------

    def _saved_parameters(self) -> dict[str, Any]:
        if self.factory is not None:
            raise WrongInput(
                f"{type(self).__name__} cannot save a network of your own `factory`: a saved model names no code",
                "write a subclass with its own `family` that overrides `_factory`",
            )
        return super()._saved_parameters()

    def _files(self) -> dict[str, bytes]:
        modes = {_MODE: self._modes} | ({_MEAN: self._mean} if self.averaging else {})
        counted = {_TAKEN: self.allocation_, _SINCE: np.array([self._since])}
        return {
            WEIGHTS: packed(modes, {_CENTRE: self._centre, _SPREAD: self._spread}),
            MEMORY: packed(self._way.memory, counted),
        }

    def _restore(self, card: Card, files: Mapping[str, Path]) -> None:
        for name in (WEIGHTS, MEMORY):
            if name not in files:
                raise WeightsBroken(f"the model lists no {name}", "save the model again")
        modes, scale = unpacked(files[WEIGHTS], _CENTRE, _SPREAD)
        memory, counted = unpacked(files[MEMORY], _TAKEN, _SINCE)
        self._centre, self._spread = scale[_CENTRE], scale[_SPREAD]
        if self._centre.ndim != 1 or self._centre.shape != self._spread.shape:
            raise WeightsBroken(f"{files[WEIGHTS]} holds no scale of one row", "save the model again")
        try:
            made = build(self._factory(), self.modes, len(self._centre), len(card.classes), self.budget, 0)
        except WrongInput as error:
            raise WeightsBroken(f"{files[WEIGHTS]}: {error.message}", "save the model again") from error
        self._network, fresh = made
        self._modes = fitting(modes, _MODE, fresh, files[WEIGHTS])
        self._mean = fitting(modes, _MEAN, fresh, files[WEIGHTS]) if self.averaging else self._modes
        self._taken = counted[_TAKEN].tolist()
        self._go_on(memory)
        self._since = int(counted[_SINCE][0])


def _codes(classes: Sequence[str], y: Sequence[Any], items: int, model: str) -> NDArray[np.intp]:
    """The number of each label's class.

    Raises:
        WrongInput
    """
    given = list(y) if y is not None else []
    number_of = {name: number for number, name in enumerate(classes)}
    unknown = [label for label in given if str(label) not in number_of]
    if unknown or len(given) != items:
        raise WrongInput(
            f"{model} takes one of {', '.join(map(repr, classes))} for each item; it was given {items} items and "
            f"{len(given)} labels{f', one of them {unknown[0]!r}' if unknown else ''}"
        )
    return np.array([number_of[str(label)] for label in given], dtype=np.intp)
