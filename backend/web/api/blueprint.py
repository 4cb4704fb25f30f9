"""One shape for every blueprint of the API."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from backend.web.api.schemas import ApiError

ERRORS: dict[str | int, Any] = {401: ApiError, 403: ApiError, 404: ApiError, 503: ApiError}


def blueprint(name: str, about: str) -> APIBlueprint:
    """A blueprint under ``/api`` whose every operation may fail with an `ApiError`."""
    return APIBlueprint(
        f"api_{name}",
        __name__,
        url_prefix="/api",
        abp_tags=[Tag(name=name, description=about)],
        abp_security=[{"session": []}, {"bearer": []}],
        abp_responses=ERRORS,
    )


def answer(model: BaseModel) -> Response:
    """`model` as JSON."""
    return current_app.response_class(model.model_dump_json(), mimetype="application/json")
