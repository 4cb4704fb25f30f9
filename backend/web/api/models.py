"""Models: their cards, and what the loaded ones do."""

from __future__ import annotations

from flask import Response
from werkzeug.exceptions import NotFound

from backend.modelling.listing import Entry, entries
from backend.web.api.blueprint import answer, blueprint
from backend.web.api.model_schemas import ModelGiven, ModelPath, Models, Serving, ServingGiven
from backend.web.context import runtime
from backend.web.guard import allow

api = blueprint("models", "Models: their cards, and what the loaded ones do.")


@api.get("/models", responses={200: Models})
@allow("researcher")
def list_models() -> Response:
    """All models and families, with their cards as far as they have one."""
    return answer(Models(models=[given(entry) for entry in entries()]))


@api.get("/models/<name>", responses={200: ModelGiven})
@allow("researcher")
def one_model(path: ModelPath) -> Response:
    """One model; your own before a shipped one of the same name, and that before a family."""
    return answer(given(found(path.name)))


@api.get("/serving", responses={200: Serving})
@allow("researcher")
def serving() -> Response:
    """What the loaded models have been doing since each was loaded."""
    return answer(Serving(models=[ServingGiven.model_validate(stats) for stats in runtime().model_stats()]))


def found(name: str) -> Entry:
    """The model called `name`. Raises NotFound."""
    for entry in entries():
        if entry.name == name:
            return entry
    raise NotFound(f"there is no model {name!r}")


def given(entry: Entry) -> ModelGiven:
    return ModelGiven(
        name=entry.name,
        origin=entry.origin,
        family=entry.family,
        version=entry.version,
        input=entry.input,
        about=dict(entry.about),
        card=entry.card,
        bytes=entry.bytes,
        trouble=entry.trouble,
    )
