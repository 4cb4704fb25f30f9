"""Interventions: on, off, parameters; and how long the stages take."""

from __future__ import annotations

from flask import Response

from backend.errors import InterventionError
from backend.web.api.blueprint import answer, blueprint
from backend.web.api.schemas import (
    ApiError,
    CascadeGiven,
    Change,
    InterventionGiven,
    InterventionPath,
    Interventions,
    StageGiven,
    Timings,
)
from backend.web.context import runtime
from backend.web.guard import allow
from backend.web.plot import quantiles

api = blueprint("interventions", "Interventions: on, off, parameters; and how long the stages take.")


@api.get("/interventions", responses={200: Interventions})
@allow("researcher")
def list_interventions() -> Response:
    """All interventions, with their parameters as a form needs them."""
    given = [InterventionGiven.model_validate(view) for view in runtime().interventions()]
    cascades = [CascadeGiven.model_validate(used) for used in runtime().escalations()]
    return answer(Interventions(interventions=given, models=list(runtime().models()), cascades=cascades))


@api.patch("/interventions/<name>", responses={200: InterventionGiven, 422: ApiError})
@allow("researcher")
def change(path: InterventionPath, body: Change) -> Response:
    """Switch one on or off, or set its parameters. Values are set first, so that it starts with them."""
    _one(path.name)
    if body.values:
        runtime().set_values(path.name, body.values)
    if body.enabled is not None:
        (runtime().enable if body.enabled else runtime().disable)(path.name)
    return answer(_one(path.name))


@api.get("/timings", responses={200: Timings})
@allow("researcher")
def timings() -> Response:
    """Recent stage timings in numbers; ``/timings.svg`` is their plot."""
    stages = []
    for series in runtime().timings():
        p50_s, p95_s = quantiles(series)
        stages.append(StageGiven(stage=series.stage, count=len(series.points), p50_s=p50_s, p95_s=p95_s))
    return answer(Timings(stages=stages))


def _one(name: str) -> InterventionGiven:
    views = runtime().interventions()
    for view in views:
        if view.name == name:
            return InterventionGiven.model_validate(view)
    known = ", ".join(view.name for view in views) or "none"
    raise InterventionError(f"there is no intervention {name!r}", f"there are: {known}")
