"""All models and families, as far as can be told without opening their weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backend.errors import ModelError
from backend.serving import registry
from backend.serving.registry import Found, Origin
from interventions.models import Card, Metric, ModelFault
from interventions.models.artifact import DESCRIPTION, checked_card, read_description

_HEADLINES = ("area under the curve", "accuracy", "recall")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the list.

    A family that learns has no `card` until it is fitted: what it says of itself is in `about`, a card's texts by
    name. `trouble` says in a line why a model cannot be used, and is empty for one that can. `bytes` is its size on
    disk, None where there is nothing on disk yet.
    """

    name: str
    origin: Origin
    family: str = ""
    version: str = ""
    input: str = ""
    about: tuple[tuple[str, str], ...] = ()
    card: Card | None = None
    folder: Path | None = None
    bytes: int | None = None
    trouble: str = ""

    @property
    def headline(self) -> Metric | None:
        """The figure that says most in the least space."""
        metrics = self.card.metrics if self.card else ()
        for wanted in _HEADLINES:
            for metric in metrics:
                if metric.name == wanted:
                    return metric
        return metrics[0] if metrics else None


def entries() -> list[Entry]:
    """Own models, shipped ones, families; each by name. One that is broken is listed with its trouble."""
    own = [Found(name, "own") for name in registry.own_models().names()]
    shipped = [Found(name, "shipped", folder) for name, folder in registry.shipped().items()]
    return [_entry(found) for found in (*own, *shipped, *(Found(name, "family") for name in registry.installed()))]


def entry(name: str) -> Entry:
    """What is known of the model `name`, or of the one saved in the folder `name`.

    Raises:
        ModelError: when there is none.
    """
    return _entry(registry.find(name))


def _entry(found: Found) -> Entry:
    bare = Entry(found.name, found.origin)
    try:
        if found.origin == "family":
            return _of_family(bare)
        folder = found.folder or registry.own_models().path(found.name)
        if folder is None:
            raise ModelError("it has just been removed")
        card = checked_card(read_description(folder), folder / DESCRIPTION)
        size = sum((folder / name).stat().st_size for name in (DESCRIPTION, *card.files))
    except (ModelError, ModelFault) as error:
        return replace(bare, trouble=error.message)
    except OSError as error:
        return replace(bare, trouble=f"{error.filename}: {error.strerror or error}")
    there = card.family in registry.installed()
    trouble = "" if there else f"its family {card.family} is not installed: install the package that brings it"
    return replace(_of_card(bare, card), folder=folder, bytes=size, trouble=trouble)


def _of_family(bare: Entry) -> Entry:
    family: Any = registry.family(bare.name)
    if isinstance(card := getattr(family, "card", None), Card):
        weights = family().weights_path if hasattr(family, "weights_path") else None
        return replace(_of_card(bare, card), bytes=weights.stat().st_size if weights and weights.exists() else None)
    about = tuple((name, str(getattr(family, name, ""))) for name in ("intended_use", "limits", "source", "licence"))
    return replace(bare, family=bare.name, version=family.family_version, input=family.input, about=about)


def _of_card(bare: Entry, card: Card) -> Entry:
    about = tuple((name, str(getattr(card, name))) for name in ("intended_use", "limits", "source", "licence"))
    return replace(bare, family=card.family, version=card.version, input=card.input, about=about, card=card)
