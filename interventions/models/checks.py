"""Checks of what estimators are given, by kind of input, so that all of them refuse the same things in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interventions.models.card import Input
from interventions.models.errors import WrongInput

Rows = NDArray[np.float64]


def check_items(items: Any, kind: Input, model: str) -> None:
    """Each of `items` must be what a model of `kind` takes. None at all is fine.

    Raises:
        WrongInput
    """
    match kind:
        case "text":
            check_texts(items, model)
        case "image":
            # Not above: it brings OpenCV, which no other kind of model needs.
            from interventions.models.pictures import check_pictures

            check_pictures(items, model)
        case "tabular" | "field":
            check_table(items, model)


def check_texts(texts: Any, model: str) -> None:
    """A sequence of str, not one str.

    Raises:
        WrongInput: naming the first item that is no text.
    """
    if isinstance(texts, str | bytes) or not hasattr(texts, "__len__") or not hasattr(texts, "__iter__"):
        raise WrongInput(f"{model} takes a sequence of texts, not {type(texts).__name__}")
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise WrongInput(f"{model} takes a sequence of texts; item {number} is {type(text).__name__}")


def check_table(table: Any, model: str, columns: int | None = None) -> Rows:
    """`table` as ``(n, d)`` float64, finite; with `columns`, d must be that.

    Raises:
        WrongInput
    """
    try:
        rows = np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise WrongInput(f"{model} takes a table of numbers: {error}") from error
    if rows.size == 0 and rows.ndim < 2:
        rows = rows.reshape(0, columns or 0)
    if rows.ndim != 2:
        raise WrongInput(f"{model} takes a table of numbers, (rows, columns), not an array of shape {rows.shape}")
    if columns is not None and len(rows) and rows.shape[1] != columns:
        raise WrongInput(f"{model} takes rows of {columns} numbers; these have {rows.shape[1]}")
    if not np.isfinite(rows).all():
        row = int(np.argwhere(~np.isfinite(rows))[0, 0])
        raise WrongInput(f"{model} takes finite numbers; row {row} holds NaN or infinity")
    return rows


def check_labels(labels: Sequence[Any], items: int, model: str) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """The classes among `labels`, sorted, as str, and for each label the number of its class.

    Raises:
        WrongInput: when there is not one label an item, one is missing (None or NaN), or they are all the same.
    """
    given = list(labels) if labels is not None else []
    if len(given) != items:
        raise WrongInput(f"{model} was given {items} items and {len(given)} labels; it needs one label an item")
    for number, label in enumerate(given):
        if label is None or label != label:
            raise WrongInput(f"{model} needs a label for every item; number {number} has none")
    named = [str(label) for label in given]
    classes = tuple(sorted(set(named)))
    if len(classes) < 2:
        found = f"all items are {classes[0]!r}" if classes else "there is no item"
        raise WrongInput(f"{model} needs at least two classes to learn from; {found}")
    number_of = {name: number for number, name in enumerate(classes)}
    return classes, np.array([number_of[name] for name in named], dtype=np.intp)


def sample_weights(given: Sequence[float] | None, count: int) -> NDArray[np.float64]:
    """How much each of `count` items counts in a fit, one each where nothing is `given`.

    Raises:
        WrongInput
    """
    weights = np.ones(count) if given is None else np.asarray(given, dtype=np.float64)
    if weights.shape != (count,) or not np.isfinite(weights).all() or (weights < 0).any():
        raise WrongInput(f"sample_weight must be {count} finite numbers of at least 0, one an item")
    return weights
