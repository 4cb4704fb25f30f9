"""Put the page together."""

from __future__ import annotations

import secrets
import threading
from datetime import timedelta

from flask import Flask
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from backend.web import guard
from backend.web.access import Access
from backend.web.api import ApiError, blueprints
from backend.web.context import EXTENSION, Context
from backend.web.faults import bad_fields, install_error_pages
from backend.web.metrics import metrics
from backend.web.models_page import models_page
from backend.web.pages import pages
from backend.web.pictures import pictures
from backend.web.runtime import Runtime
from backend.web.settings import WebSettings

RESERVED_THREADS = 8
"""Threads that no waiting request may take: touches and answers always find one."""


def create_app(runtime: Runtime, settings: WebSettings | None = None) -> Flask:
    """The page of `runtime`, to be served by `backend.web.server.serve` (or called in a test)."""
    settings = settings or WebSettings()
    app = OpenAPI(
        "backend.web",
        info=Info(
            title="Mindproof",
            version="1",
            description="The running backend. Log in, or send the API token as a bearer.",
        ),
        security_schemes={
            "session": {"type": "apiKey", "in": "cookie", "name": "mindproof"},
            "bearer": {"type": "http", "scheme": "bearer"},
        },
        doc_ui=False,
        validation_error_status=422,
        validation_error_model=ApiError,
        validation_error_callback=bad_fields,
    )
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME="mindproof",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        TRUSTED_HOSTS=["127.0.0.1", "localhost"],
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=256 * 1024,
    )
    app.extensions[EXTENSION] = Context(
        runtime=runtime,
        access=Access(settings.api_token, settings.session_hours * 3600, settings.link_minutes * 60),
        settings=settings,
        waiting=threading.BoundedSemaphore(settings.threads - min(RESERVED_THREADS, settings.threads // 2)),
    )
    # Our own scripts and styles: no secret is in them, and the login page needs them.
    guard.allow("anyone")(app.view_functions["static"])
    guard.install(app, app.extensions[EXTENSION].access)
    install_error_pages(app)
    for blueprint in blueprints:
        app.register_api(blueprint)
    for plain in (pages, models_page, pictures, metrics):
        app.register_blueprint(plain)
    return app
