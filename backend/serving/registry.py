"""From a model's name to its estimator.

A name is looked for among the researcher's own models, then the shipped ones, then the families that packages register
under the entry point ``mindproof.models``; what is no name may be the path of a folder that a model was saved to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal, Protocol, cast

import interventions.models
from backend.errors import MindproofError, ModelError
from backend.extras import extra_of, how_to_install
from backend.modelling.store import ModelStore
from backend.settings import load_settings
from interventions.models import Card, ModelFault
from interventions.models.artifact import DESCRIPTION, read_description

GROUP = "mindproof.models"
SHIPPED = Path(interventions.models.__file__).parent / "shipped"

Origin = Literal["own", "shipped", "family", "folder"]


class Estimator(Protocol):
    """What the host needs of a model; a *classifier* also has ``predict_proba``, a *detector* ``detect``."""

    @property
    def card(self) -> Card: ...

    @property
    def classes_(self) -> Sequence[str]: ...

    @property
    def version(self) -> str: ...

    def open_weights(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Found:
    """Where a model is: `folder` holds its artifact, except for a family, which needs none."""

    name: str
    origin: Origin
    folder: Path | None = None


@cache
def installed() -> Mapping[str, EntryPoint]:
    """Every registered family by name, sorted. Looked for once: what is installed later shows after a restart."""
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def own_models() -> ModelStore:
    """The researcher's own models, as the settings say where."""
    return ModelStore(load_settings().home / "models")


def shipped() -> dict[str, Path]:
    """The models that come with Mindproof, by name, sorted."""
    return {folder.name: folder for folder in sorted(SHIPPED.glob("*/")) if (folder / DESCRIPTION).is_file()}


def names() -> tuple[str, ...]:
    """What an intervention may name as its judge: own and shipped models, and families that need no fit."""
    ready = [name for name, point in installed().items() if _comes_trained(point)]
    return tuple(sorted({*own_models().names(), *shipped(), *ready}))


def find(name: str) -> Found:
    """Where the model `name` is; for a folder write ``./name``, because a name wins over a folder of the same name.

    Raises:
        ModelError: when there is none.
    """
    if folder := own_models().path(name):
        return Found(name, "own", folder)
    if folder := shipped().get(name):
        return Found(name, "shipped", folder)
    if name in installed():
        return Found(name, "family")
    if (Path(name) / DESCRIPTION).is_file():
        return Found(name, "folder", Path(name))
    known = ", ".join(dict.fromkeys([*own_models().names(), *shipped(), *installed()])) or "none is installed"
    raise ModelError(
        f"there is no model {name!r}", f"use one of: {known}; or the path of a folder with a {DESCRIPTION}"
    )


def open_model(name: str) -> Estimator:
    """The estimator that `name` stands for (see `find`), verified, with its weights read.

    Raises:
        ModelError: when there is no such model, its files are missing or broken, or a library it needs is.
    """
    found = find(name)
    if found.origin == "own":
        own_models().verified_path(name)
    with explained(f"model {name}"):
        estimator = family(name)() if found.folder is None else _from_folder(found.folder)
        estimator.open_weights()
    return cast(Estimator, estimator)


@contextmanager
def explained(model: str) -> Iterator[None]:
    """What a model raises in here on purpose, or because a library is not there, becomes a ModelError that names
    `model`."""
    try:
        yield
    except ModelFault as fault:
        raise ModelError(f"{model}: {fault.message}", fault.remedy) from fault
    except ModuleNotFoundError as error:
        raise _missing(model, error) from error


def family(name: str) -> Any:
    """The class registered as the family `name`.

    Raises:
        ModelError: when there is none, or it cannot be imported.
    """
    points = installed()
    if name not in points:
        raise ModelError(f"there is no model family {name!r}", f"installed are: {', '.join(points) or 'none'}")
    return _loaded(points[name])


def _from_folder(folder: Path) -> Any:
    name = read_description(folder).get("family")
    points = installed()
    if not isinstance(name, str) or name not in points:
        raise ModelError(
            f"{folder / DESCRIPTION} names the family {name!r}, which is not installed",
            f"install the package that brings it; installed are: {', '.join(points)}",
        )
    return _loaded(points[name]).load(folder)


def _loaded(point: EntryPoint) -> Any:
    """The class behind an entry point."""
    try:
        return point.load()
    except ModuleNotFoundError as error:
        raise _missing(f"model {point.name}", error) from error
    except Exception as error:
        raise ModelError(
            f"model family {point.name}: {point.value} cannot be imported: {error}",
            "install what it needs, or uninstall the package that registers it",
        ) from error


@cache
def _comes_trained(point: EntryPoint) -> bool:
    """Whether the family judges without a fit; one that cannot even be imported does not."""
    try:
        return hasattr(_loaded(point)(), "classes_")
    except MindproofError:
        return False


def _missing(model: str, error: ModuleNotFoundError) -> ModelError:
    """The error of a model whose libraries are not there; those of an extra are left out of the core."""
    package = (error.name or "").partition(".")[0]
    extra = extra_of(package)
    other = "install what it needs, or uninstall the package that registers it"
    remedy = how_to_install(extra) if extra is not None else other
    return ModelError(f"{model} needs {package or 'a library'}, which is not installed", remedy)
