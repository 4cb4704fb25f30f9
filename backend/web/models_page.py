"""The page of all models: cards for people, reliability diagrams, and what the loaded models do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from flask import Blueprint, Response, abort, render_template, request

from backend.modelling.listing import Entry, entries
from backend.web.api.models import found
from backend.web.context import runtime
from backend.web.guard import allow
from backend.web.pages import asked_theme, picture
from backend.web.reliability_plot import draw_reliability
from interventions.models import Metric, ReliabilityBin

models_page = Blueprint("models_page", __name__)

_OPEN_FIGURES = 12
"""Figures of a model that are shown at once, give or take a data set; the others unfold."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """The bins of one data set."""

    on: str
    bins: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A model as the template takes it: `figures` by the data they were measured on."""

    entry: Entry
    figures: tuple[tuple[str, tuple[Metric, ...]], ...]
    diagrams: tuple[Diagram, ...]

    @property
    def opened(self) -> int:
        """How many data sets are shown at once: the first always, and more while there is room."""
        counts = list(accumulate(len(metrics) for _, metrics in self.figures))
        return max(1, sum(count <= _OPEN_FIGURES for count in counts))


@models_page.get("/models")
@allow("researcher")
def models() -> str:
    """Every model with its card, and the families that learn."""
    shown = [_shown(entry) for entry in entries()]
    return render_template(
        "models.html",
        models=[one for one in shown if one.entry.card or one.entry.trouble],
        families=[one.entry for one in shown if not one.entry.card and not one.entry.trouble],
        serving=runtime().model_stats(),
    )


@models_page.get("/models/<name>/reliability.svg")
@allow("researcher")
def reliability(name: str) -> Response:
    """The reliability diagram of one data set, ``?of=0`` for the first, ``?theme=light`` or ``dark``."""
    diagrams = _shown(found(name)).diagrams
    number = request.args.get("of", 0, type=int)
    if not 0 <= number < len(diagrams):
        abort(404, f"{name} has no reliability diagram {number}")
    return picture(draw_reliability(diagrams[number].bins, asked_theme()))


def _shown(entry: Entry) -> Shown:
    card = entry.card
    if card is None:
        return Shown(entry, (), ())
    figures: dict[str, list[Metric]] = {}
    for metric in card.metrics:
        figures.setdefault(metric.on, []).append(metric)
    bins: dict[str, list[ReliabilityBin]] = {}
    for one in card.reliability:
        bins.setdefault(one.on, []).append(one)
    return Shown(
        entry,
        tuple((on, tuple(metrics)) for on, metrics in figures.items()),
        tuple(Diagram(on, tuple(sorted(some, key=lambda one: one.predicted))) for on, some in bins.items()),
    )
