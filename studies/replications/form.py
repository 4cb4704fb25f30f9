"""What a module of this folder is: `mindproof replicate NAME` knows nothing else of it.

A module has a frozen dataclass ``Plan`` with its defaults, ``QUICK: Plan`` (under three minutes on two cores, smaller
but real), and the functions ``run``, ``summary`` and ``draw``. Fields of ``Plan`` that the command line fills in, each
only where the module has it:

- ``seeds: tuple[int, ...]``: ``--seeds``.
- ``data: Path``: ``--data``, the folder of the public data sets.
- ``work: Path | None``: ``--work``, a folder of its own for checkpoints; a run that was cut off goes on from there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol

from backend.benchmarks.form import Figures
from backend.errors import InputError

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """The table that goes to the terminal; the first column is words, the others are figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


class Replication(Protocol):
    """A module of `studies.replications`."""

    Plan: type[Any]
    QUICK: Any

    def run(self, plan: Any, say: Say) -> Figures: ...

    def summary(self, figures: Figures) -> Summary | Sequence[Summary]: ...

    def draw(self, figures: Figures, folder: Path) -> Path: ...


def data_folder() -> Path:
    """Where the public data sets lie: ``$MINDPROOF_DATA``, or ``data`` here, or ``../shared/data``."""
    named = os.environ.get("MINDPROOF_DATA")
    places = [Path(named)] if named else [Path("data"), Path("../shared/data")]
    return next((place for place in places if place.is_dir()), places[0])


def data_file(folder: Path, name: str) -> Path:
    """The file `name` in the folder of the data sets.

    Raises:
        InputError: when it is not there.
    """
    path = folder / name
    if not path.is_file():
        raise InputError(f"there is no {path}", "name the folder of the data sets: --data FOLDER, or MINDPROOF_DATA")
    return path


def planned(plan: Any, **given: Any) -> Any:
    """`plan` with what was given on the command line (None counts as not given).

    Raises:
        InputError: when something was given that this replication has no use for.
    """
    known = {field.name for field in fields(plan)}
    wanted = {name: value for name, value in given.items() if value is not None}
    if unknown := sorted(wanted.keys() - known):
        raise InputError(f"this replication takes no --{unknown[0]}", "leave it out")
    return replace(plan, **wanted)
