"""Fit a family on a table and say in its card how good it is on what was held out; evaluate any model on a table."""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.errors import InputError, ModelError
from backend.modelling.evaluation import Evaluation, evaluate
from backend.modelling.examples import Columns, Examples, examples, split, without_repeats
from backend.modelling.tables import read_table
from backend.serving.registry import Estimator, explained
from interventions.models import Card, Progress, Watch

_BATCH = 512
"""Items judged at a time, so that a long evaluation can be followed and stopped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to fit on what. `parameters` are the family's, as text from a command line or as values."""

    data: Path
    columns: Columns = Columns()
    parameters: Mapping[str, Any] | None = None
    harmful: tuple[str, ...] = ()
    held_out: float = 0.2
    seed: int = 0
    command: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fitted model with its card filled in, and what there is to say about its data."""

    model: Any
    notes: tuple[str, ...]
    seconds: float
    learnt_from: int
    held_out: int


def fit(family: Any, plan: Plan, watch: Watch | None = None) -> Outcome:
    """Fit `family` as `plan` says.

    Raises:
        InputError: for a file that is none, or cannot be learnt from.
        ModelError: for a family that comes trained, a parameter it has not, or data it refuses.
    """
    if isinstance(getattr(family, "card", None), Card):
        name = family.card.family
        raise ModelError(
            f"{name} comes trained and cannot be fitted", "see `mindproof models list` for those that learn"
        )
    model = configured(family, plan.parameters or {}, plan.seed)
    table = read_table(plan.data)
    distinct, repeats, contradicting = without_repeats(examples(table, family.input, plan.columns))
    unknown = sorted(set(plan.harmful) - set(distinct.labels))
    if unknown:
        raise InputError(f"{table.path.name} has no label {unknown[0]!r}, which was to be harmful", _labels(distinct))
    learning, held = split(distinct, plan.held_out, plan.seed)
    started = time.perf_counter()
    with explained(f"family {family.family}"):
        model.fit(learning.items, learning.labels, progress=watch)
        seconds = time.perf_counter() - started
        found = judged(model, held, plan.harmful, f"held-out part of {table.path.name}", watch)
        model.describe(
            harmful=tuple(name for name in model.classes_ if name in plan.harmful),
            training_data=f"{table.path.name}, {len(learning)} of {len(table)} rows",
            training_data_sha256=table.sha256,
            training_rows=len(learning),
            metrics=found.metrics,
            reliability=found.reliability,
            command=plan.command,
        )
    return Outcome(model, _notes(repeats, contradicting, plan.harmful), seconds, len(learning), len(held))


def configured(family: Any, parameters: Mapping[str, Any], seed: int) -> Any:
    """An estimator of `family` with `parameters`, where text is read as the type of the parameter's default.

    Raises:
        ModelError: for a parameter it has not, or a value that does not fit.
    """
    takes = inspect.signature(family).parameters
    values: dict[str, Any] = {"random_state": seed} if "random_state" in takes else {}
    for name, value in parameters.items():
        if name not in takes:
            raise ModelError(f"{family.family} has no parameter {name!r}", f"it takes: {', '.join(takes) or 'none'}")
        values[name] = _typed(family.family, name, value, takes[name].default) if isinstance(value, str) else value
    return family(**values)


def evaluate_model(
    name: str, model: Estimator, data: Path, columns: Columns, watch: Watch | None = None
) -> tuple[Evaluation, int]:
    """The figures of a model on the table `data`, whose labels must be among its classes, and the number of rows.

    Raises:
        InputError, ModelError
    """
    card = model.card
    if card.task != "classifier":
        raise ModelError(f"{name} is a {card.task}: it has no probabilities to evaluate", "evaluate a classifier")
    table = read_table(data)
    given = examples(table, card.input, columns)
    strange = sorted(set(given.labels) - set(card.classes))
    if strange:
        raise InputError(
            f"{table.path.name} has the label {strange[0]!r}, which is no class of {name}",
            f"its classes are {', '.join(card.classes)}; use --rename {strange[0]}={card.classes[0]}, or --label",
        )
    with explained(f"model {name}"):
        return judged(model, given, card.harmful, table.path.name, watch), len(given)


def judged(model: Any, given: Examples, harmful: Sequence[str], on: str, watch: Watch | None = None) -> Evaluation:
    """`model`'s figures on `given`; raises what predict_proba raises."""
    parts = []
    steps = -(-len(given) // _BATCH)
    for step in range(steps):
        parts.append(model.predict_proba(given.items[step * _BATCH : (step + 1) * _BATCH]))
        if watch is not None:
            watch(Progress(step + 1, steps, note="measuring"))
    classes = tuple(model.classes_)
    truth = np.array([classes.index(label) for label in given.labels])
    return evaluate(np.concatenate(parts), truth, classes, harmful, on)


def _typed(family: str, name: str, text: str, default: Any) -> Any:
    """`text` in the type of `default`: JSON where that is a list or nothing, else number, flag or text."""
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[text.lower()]
        if isinstance(default, int | float):
            return _number(text, default)
        if isinstance(default, str):
            return text
        value = json.loads(text)
    except (ValueError, KeyError) as error:
        if default is None:
            return text
        wanted = "true or false" if isinstance(default, bool) else f"like {json.dumps(default)}"
        raise ModelError(f"{family}: parameter {name} does not take {text!r}", f"give a value {wanted}") from error
    return tuple(value) if isinstance(value, list) else value


def _number(text: str, default: float) -> float:
    return int(text) if isinstance(default, int) and text.lstrip("+-").isdigit() else float(text)


def _notes(repeats: int, contradicting: int, harmful: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if repeats:
        notes.append(
            f"{repeats} repeated items were left out, so that none is both learnt from and held out"
            + (f"; {contradicting} of them had another label than the first" if contradicting else "")
        )
    if not harmful:
        notes.append("no class is marked harmful (--harmful): an intervention that uses this model must name classes")
    return tuple(notes)


def _labels(given: Examples) -> str:
    return f"its labels: {', '.join(sorted(set(given.labels))[:10])}"
