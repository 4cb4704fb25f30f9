"""A family under check, with items it can learn from and judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interventions.models.card import Card, Input
from interventions.models.errors import ModelFault

Items = Sequence[Any] | NDArray[Any]

CLASSES = ("abuse", "neither")
_WORDS = {
    "abuse": ("stupid", "idiot", "ugly", "worthless", "vermin", "scum"),
    "neither": ("lovely", "garden", "coffee", "holiday", "music", "friend"),
}
_FRAMES = ("you {}", "what a {} {}", "{} and {} again", "they are so {}")


@dataclass(frozen=True)
class Subject:
    """`family` is the class that is registered; `folder` an empty folder for models that are saved. `shipped` is the
    folder of one of its models that is to be checked as it is, without a fit."""

    family: Any
    folder: Path
    shipped: Path | None = None

    @cached_property
    def comes_trained(self) -> bool:
        """Whether the family is never fitted here; it has a card on the class then."""
        return isinstance(getattr(self.family, "card", None), Card)

    @property
    def learns(self) -> bool:
        """Whether it is fitted for the checks."""
        return not self.comes_trained and self.shipped is None

    @cached_property
    def kind(self) -> Input:
        kind: Input = self.family.card.input if self.comes_trained else self.family.input
        return kind

    @property
    def classifies(self) -> bool:
        return not self.comes_trained or self.family.card.task == "classifier"

    def fresh(self) -> Any:
        """A new estimator, not fitted, that is quick to fit."""
        return self.family(**getattr(self.family, "quick", {}))

    @cached_property
    def model(self) -> Any:
        """One that is ready to judge; shared by the checks, which leave it as it is."""
        if self.shipped is not None:
            return self.family.load(self.shipped)
        return self.fresh().fit(self.items, self.labels) if self.learns else self.fresh()

    @cached_property
    def saved(self) -> Path:
        """Where `model` is saved; checks that damage it work on a copy."""
        path: Path = self.model.save(self.folder / "saved")
        return path

    @cached_property
    def labels(self) -> list[str]:
        """One of `CLASSES` for each of `items`, in turn."""
        return [CLASSES[number % 2] for number in range(len(self.items))]

    @cached_property
    def items(self) -> Items:
        """Twenty-four items of two classes that are easy to tell apart."""
        random = np.random.default_rng(0)
        match self.kind:
            case "text":
                return [_text(CLASSES[number % 2], random) for number in range(24)]
            case "image":
                return [
                    random.integers(0, 128, (40, 30 + number, 3), dtype=np.uint8) + np.uint8(127 * (number % 2))
                    for number in range(24)
                ]
            case "tabular" | "field":
                columns = 2 if self.kind == "field" else 4
                return random.normal(size=(24, columns)) + 4.0 * (np.arange(24) % 2)[:, None]

    @cached_property
    def odd_items(self) -> Items:
        """Unlike anything it has learnt from, and still what it takes."""
        match self.kind:
            case "text":
                hostile = ["", " \n\t", "12", "😀" * 20, "\x00", "a\ud800b", "x" * 1000, "wort " * 150, "ﷺ\u202eabc"]
                return [*hostile, "привет мир", "你好"]
            case "image":
                random = np.random.default_rng(1)
                shapes = [(64, 64, 3), (300, 20, 3), (1, 1, 3), (1, 200, 3)]
                return [random.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]
            case "tabular" | "field":
                columns = np.shape(self.items)[1]
                return np.concatenate([np.zeros((1, columns)), np.full((1, columns), 1e6), -np.ones((1, columns))])

    @cached_property
    def wrong_items(self) -> Sequence[Any]:
        """None of these is what it takes."""
        match self.kind:
            case "text":
                return ["one text alone", [3], [None], [b"bytes"], [["nested"]], 7, None, [float("nan")]]
            case "image":
                flat, tall = np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8)
                return [[flat], [tall], [np.zeros((4, 4, 3))], [np.zeros((0, 4, 3), np.uint8)], ["picture"]]
            case "tabular" | "field":
                columns = np.shape(self.items)[1]
                return [
                    np.zeros((3, columns + 1)),
                    np.full((2, columns), np.nan),
                    [["a"] * columns],
                    np.zeros(columns),
                    np.zeros((2, columns, 1)),
                ]

    def repeated(self, times: int) -> Items:
        """`items`, over and over."""
        return np.tile(self.items, (times, 1)) if isinstance(self.items, np.ndarray) else list(self.items) * times

    def probabilities(self, model: Any, items: Items) -> NDArray[np.float64]:
        """What `model` says of `items`, checked for shape and type."""
        rows = model.predict_proba(items)
        assert isinstance(rows, np.ndarray), f"predict_proba gave {type(rows).__name__}, not an array"
        assert rows.shape == (len(items), len(model.classes_)), f"the shape is {rows.shape}"
        assert rows.dtype == np.float64, f"the type is {rows.dtype}"
        return rows


def _text(label: str, random: np.random.Generator) -> str:
    frame = _FRAMES[int(random.integers(len(_FRAMES)))]
    return frame.format(*random.choice(_WORDS[label], frame.count("{}"), replace=False))


Condition = Callable[[Subject], str]
"""Why a check does not concern a subject; empty where it does."""


def anyone(subject: Subject) -> str:
    return ""


def learners(subject: Subject) -> str:
    return "" if subject.learns else "comes trained"


def families(subject: Subject) -> str:
    return "" if subject.shipped is None else "a model, not its family"


@dataclass(frozen=True)
class Check:
    """One claim about a family. Calling it raises AssertionError when the claim does not hold."""

    claim: Callable[[Subject], None]
    not_for: Condition = field(default=anyone)

    def __call__(self, subject: Subject) -> None:
        self.claim(subject)

    def __str__(self) -> str:
        return self.claim.__name__


def checks(*claims: Callable[[Subject], None], not_for: Condition = anyone) -> tuple[Check, ...]:
    return tuple(Check(claim, not_for) for claim in claims)


@contextmanager
def refused(*faults: type[ModelFault], what: str) -> Iterator[None]:
    """The body must raise one of `faults`, and say something."""
    said: str | None = None
    try:
        yield
    except faults as fault:
        said = fault.message
    except Exception as error:
        names = " or ".join(fault.__name__ for fault in faults)
        raise AssertionError(f"{what}: {type(error).__name__} was raised, not {names}: {error}") from error
    assert said is not None, f"{what}: it was taken"
    assert said.strip(), f"{what}: the error is mute"
