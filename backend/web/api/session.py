"""Who is asking, and new ways in."""

from __future__ import annotations

from flask import Response, current_app, jsonify, request
from werkzeug.exceptions import UnprocessableEntity

from backend.web.access import Grant
from backend.web.api.blueprint import answer, blueprint
from backend.web.api.schemas import Link, NewLink, Session
from backend.web.context import context, phone
from backend.web.guard import allow, grant

api = blueprint("session", "Who is asking, and new ways in.")


@api.get("/session", responses={200: Session})
@allow("researcher", "participant")
def session() -> Response:
    """Who is logged in."""
    held = grant()
    return answer(Session(role=held.role, phone=held.phone))


@api.post("/login-links", responses={200: Link})
@allow("researcher")
def new_link(body: NewLink) -> Response:
    """Make a one-time login link, for a participant or another researcher."""
    if body.role == "participant":
        if not body.phone:
            raise UnprocessableEntity("phone: a participant's link needs the serial of the phone they will see")
        phone(body.phone)
    here = context()
    token = here.access.new_token(Grant(body.role, body.phone if body.role == "participant" else ""))
    return answer(Link(url=f"{request.host_url}login?token={token}", lasts_s=here.settings.link_minutes * 60))


@api.get("/openapi.json", doc_ui=False)
@allow("researcher", "participant")
def document() -> Response:
    """The OpenAPI document of this API."""
    return jsonify(current_app.api_doc)  # type: ignore[attr-defined]
