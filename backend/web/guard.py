"""What every request passes before a view sees it, and every response before it leaves.

Denied by default: a view is open only to the roles it names with `allow`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from flask import Flask, Response, g, request, session
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import Forbidden, Unauthorized

from backend.web.access import Access, Grant, Role

View = TypeVar("View", bound=Callable[..., Any])
Who = Literal["researcher", "participant", "anyone"]

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


def allow(*roles: Who) -> Callable[[View], View]:
    """Opens a view to `roles`."""

    def mark(view: View) -> View:
        view.allowed = roles  # type: ignore[attr-defined]
        return view

    return mark


def grant() -> Grant:
    """What the current request may do. Only within a view that `anyone` may not reach."""
    found = g.get("grant")
    if not isinstance(found, Grant):
        raise Unauthorized("you are not logged in")
    return found


def role_for(everywhere: bool) -> Role:
    """Who asks, for something that is to hold on one phone or `everywhere`.

    Raises:
        Forbidden: a participant asks for more than their own phone.
    """
    role = grant().role
    if everywhere and role != "researcher":
        raise Forbidden("only a researcher decides for every phone")
    return role


def own_phone(serial: str) -> str:
    """The only phone whose things the asker may take back; empty for a researcher, who may take back any."""
    return serial if grant().role == "participant" else ""


def install(app: Flask, access: Access) -> None:
    """Puts the guard in front of every view of `app`."""
    csrf = CSRFProtect()
    csrf.init_app(app)

    @app.before_request
    def check() -> None:
        _refuse_other_sites()
        by_cookie = _identify(access)
        if by_cookie and request.method not in SAFE_METHODS:
            _require_own_origin()
            csrf.protect()
        _require_role(app)

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint == "static":
            response.headers["Cache-Control"] = "no-cache"
        return response


def _refuse_other_sites() -> None:
    """Pages of other origins, other ports of this host included, may link to us and no more."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    navigation = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.method == "GET"
    if site not in ("same-origin", "none") and not navigation:
        raise Forbidden("this request comes from another site")


def _identify(access: Access) -> bool:
    """Finds the request's grant; true when a cookie gave it, which another site could have made the browser send."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        g.grant = access.of_bearer(token.strip())
        return False
    g.grant = access.of_session(str(session.get("id", "")))
    return True


def _require_own_origin() -> None:
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise Forbidden("this request comes from another origin")


def _require_role(app: Flask) -> None:
    if request.endpoint is None:
        return
    allowed: tuple[Who, ...] = getattr(app.view_functions[request.endpoint], "allowed", ())
    if "anyone" in allowed:
        return
    held = grant()
    if held.role not in allowed:
        raise Forbidden(f"this is not for a {held.role}")
    serial = (request.view_args or {}).get("serial")
    if held.role == "participant" and serial is not None and serial != held.phone:
        raise Forbidden("this is another participant's phone")
