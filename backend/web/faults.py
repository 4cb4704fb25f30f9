"""Errors on the way out: JSON ``{error, remedy}`` to programs, a page to people."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify, render_template, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, InternalServerError

from backend.errors import (
    AnnotationError,
    InterventionError,
    MindproofError,
    PhoneError,
    PhoneGone,
    PhoneUnauthorised,
    StoreError,
)
from interventions.sdk import ParameterError

log = logging.getLogger(__name__)

REMEDIES = {
    400: "see /api/openapi.json for what this takes",
    401: "open the link that the backend printed, or ask it for a new one",
    403: "reload the page, or log in with a link of the right role",
    404: "check the address",
    413: "send less",
}


def install_error_pages(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(MindproofError, _ours)
    app.register_error_handler(ParameterError, _parameter)
    app.register_error_handler(Exception, _bug)


def bad_fields(error: ValidationError) -> Response:
    """Fields of a request that do not validate."""
    faults = "; ".join(
        f"{'.'.join(str(part) for part in fault['loc']) or 'the body'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return _answer(422, faults, REMEDIES[400])


def _http(error: HTTPException) -> Response:
    if isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    answer = _answer(status, error.description or error.name, REMEDIES.get(status, ""))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    return answer


def _ours(error: MindproofError) -> Response:
    match error:
        case PhoneGone() | PhoneUnauthorised() | StoreError():
            status = 503
        case PhoneError() | InterventionError():
            status = 404
        case AnnotationError():
            status = 409
        case _:
            status = 400
    return _answer(status, error.message, error.remedy)


def _parameter(error: ParameterError) -> Response:
    return _answer(422, str(error), "correct the value; nothing was changed")


def _bug(error: Exception) -> Response:
    log.exception("the page failed on %s %s", request.method, request.path)
    return _answer(500, InternalServerError.description, "see the backend's log for the traceback")


def _answer(status: int, message: str, remedy: str) -> Response:
    wants_page = request.accept_mimetypes.best == "text/html" or "text/html" in request.headers.get("Accept", "")
    if wants_page:
        page = Response(
            render_template("error.html", status=status, error=message, remedy=remedy), mimetype="text/html"
        )
    else:
        page = jsonify(error=message, remedy=remedy)
    page.status_code = status
    return page
