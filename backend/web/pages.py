"""The pages people open, and how they come in and go out."""

from __future__ import annotations

from typing import get_args

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, TooManyRequests

from backend.web.access import TooManyTries
from backend.web.context import context, runtime
from backend.web.guard import allow
from backend.web.plot import Theme, draw

pages = Blueprint("pages", __name__)


@pages.get("/")
@allow("anyone")
def home() -> Response | str:
    """The page of whoever is logged in; how to log in, for anybody else."""
    grant = context().access.of_session(str(session.get("id", "")))
    if grant is None:
        return Response(render_template("login.html", wrong=False), status=401)
    if grant.role == "participant":
        return render_template("participant.html", serial=grant.phone)
    return render_template("researcher.html")


@pages.get("/login")
@allow("anyone")
def login() -> ResponseReturnValue:
    """Comes in by a one-time link. Looking at it with HEAD does not use it up."""
    if request.method == "HEAD":
        return Response()
    try:
        opened = context().access.redeem(request.args.get("token", ""))
    except TooManyTries as error:
        raise TooManyRequests(str(error), retry_after=int(error.wait_s) + 1) from None
    if opened is None:
        return Response(render_template("login.html", wrong=True), status=403)
    session.clear()
    session["id"], _ = opened
    session.permanent = True
    return redirect(url_for("pages.home"), 303)


@pages.post("/logout")
@allow("researcher", "participant")
def logout() -> ResponseReturnValue:
    """Ends the session, here and on the server."""
    context().access.end(str(session.get("id", "")))
    session.clear()
    return redirect(url_for("pages.home"), 303)


@pages.get("/timings.svg")
@allow("researcher")
def timings() -> Response:
    """The plot of recent stage timings, ``?theme=light`` or ``dark``."""
    return picture(draw(runtime().timings(), asked_theme()))


def asked_theme() -> Theme:
    """The theme in the request. Raises BadRequest for one there is none of."""
    theme = request.args.get("theme", "light")
    if theme not in get_args(Theme):
        raise BadRequest("theme must be light or dark")
    return "dark" if theme == "dark" else "light"


def picture(svg: bytes) -> Response:
    """A plot as a response of its own, which may style itself and do nothing else."""
    answer = Response(svg, mimetype="image/svg+xml")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return answer
