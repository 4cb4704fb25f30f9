"""Examples out of a table: items of the kind that a model takes, each with its label."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.errors import InputError
from backend.modelling.tables import Table
from interventions.models.card import Input

Items = Sequence[Any] | NDArray[Any]


@dataclass(frozen=True, slots=True)
class Examples:
    """`items` with as many `labels`."""

    items: Items
    labels: list[str]

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, positions: Sequence[int]) -> Examples:
        """Those at `positions`, in that order."""
        rows = list(positions)
        items = self.items[rows] if isinstance(self.items, np.ndarray) else [self.items[row] for row in rows]
        return Examples(items, [self.labels[row] for row in rows])


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what. `item` names the text, or the picture's path from the table's folder; tables of numbers
    take `numbers`, or if that is empty every column but the label. `renamed` gives labels other names."""

    item: str = "text"
    label: str = "label"
    numbers: tuple[str, ...] = ()
    renamed: Mapping[str, str] | None = None


def examples(table: Table, kind: Input, columns: Columns) -> Examples:
    """The examples in `table` for a model that takes `kind`.

    Raises:
        InputError: when a column is missing, or a row has no label or no item of that kind.
    """
    labels = _labels(table, columns)
    match kind:
        case "text":
            return Examples(_texts(table, columns.item), labels)
        case "image":
            return Examples(_pictures(table, columns.item), labels)
        case "tabular" | "field":
            return Examples(_numbers(table, columns), labels)


def without_repeats(given: Examples) -> tuple[Examples, int, int]:
    """One example for each distinct item, the first; how many repeats were left out; how many of those had another
    label. Texts that differ in case or white space alone count as the same.

    A repeated item that stood on both sides of a split would be judged from memory.
    """
    first: dict[Any, int] = {}
    contradicting = 0
    for position, item in enumerate(given.items):
        known = first.setdefault(_key(item), position)
        contradicting += given.labels[known] != given.labels[position]
    return given.at(list(first.values())), len(given) - len(first), contradicting


def split(given: Examples, share: float, seed: int) -> tuple[Examples, Examples]:
    """To learn from, and to be held out: `share` of each class, at least one example each.

    Raises:
        InputError: when a class has fewer than two examples, or there is only one class.
    """
    classes = sorted(set(given.labels))
    if len(classes) < 2:
        raise InputError(
            f"all examples are {classes[0]!r}", "a classifier needs at least two classes; see --label and --rename"
        )
    labels = np.array(given.labels, dtype=object)
    random = np.random.default_rng(seed)
    held: list[int] = []
    for name in classes:
        members = random.permutation(np.flatnonzero(labels == name))
        if len(members) < 2:
            raise InputError(
                f"the class {name!r} has one example", "each needs two at least: to learn from, and to be tested on"
            )
        held += members[: min(max(1, round(share * len(members))), len(members) - 1)].tolist()
    out = set(held)
    return given.at([row for row in range(len(given)) if row not in out]), given.at(sorted(held))


def _labels(table: Table, columns: Columns) -> list[str]:
    given = table.column(columns.label, "--label")
    _none_missing(table, columns.label, given)
    renamed = columns.renamed or {}
    labels = [_named(label) for label in given]
    unknown = set(renamed) - set(labels)
    if unknown:
        raise InputError(
            f"{table.path.name} has no label {min(unknown)!r} to rename", f"its labels: {_some(sorted(set(labels)))}"
        )
    return [renamed.get(label, label) for label in labels]


def _none_missing(table: Table, name: str, values: Sequence[Any]) -> None:
    missing = [row for row, value in enumerate(values, 1) if value is None or value != value]
    if missing:
        some = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        raise InputError(
            f"{table.path.name}: {len(missing)} of {len(values)} rows have no {name!r} (row {some})",
            "fill it in, or leave those rows out",
        )


def _named(label: Any) -> str:
    """A label as people write it: 1 and 1.0 are the same class, and so are true and True."""
    if isinstance(label, bool):
        return str(label).lower()
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def _texts(table: Table, column: str) -> list[str]:
    texts = table.column(column, "--text")
    _none_missing(table, column, texts)
    for row, text in enumerate(texts, 1):
        if not isinstance(text, str):
            raise InputError(
                f"{table.path.name}, row {row}: {column!r} is no text but {type(text).__name__}",
                "name the column of texts with --text",
            )
    return texts


def _pictures(table: Table, column: str) -> list[NDArray[np.uint8]]:
    from PIL import Image, UnidentifiedImageError

    pictures = []
    for row, path in enumerate(table.column(column, "--text"), 1):
        file = table.path.parent / Path(str(path))
        try:
            with Image.open(file) as image:
                pictures.append(np.asarray(image.convert("RGB")))
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
            raise InputError(
                f"{table.path.name}, row {row}: {file} is no picture that can be read: {error}",
                f"{column!r} must hold paths of pictures, seen from the table's folder",
            ) from error
    return pictures


def _numbers(table: Table, columns: Columns) -> NDArray[np.float64]:
    names = columns.numbers or tuple(name for name in table.columns if name != columns.label)
    if not names:
        raise InputError(f"{table.path.name} has no column but the label", "give columns of numbers")
    read = []
    for name in names:
        values = table.column(name, "--columns")
        numbers = np.array([_number(value) for value in values])
        if not np.isfinite(numbers).all():
            row = int(np.flatnonzero(~np.isfinite(numbers))[0])
            raise InputError(
                f"{table.path.name}, row {row + 1}: {name!r} is {values[row]!r}, which is no number",
                "name the columns of numbers with --columns",
            )
        read.append(numbers)
    return np.stack(read, axis=1)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _key(item: Any) -> Any:
    if isinstance(item, str):
        return " ".join(item.casefold().split())
    return blake2b(repr(item.shape).encode() + np.ascontiguousarray(item).tobytes(), digest_size=16).digest()


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
