"""What a view finds behind the app that serves it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from backend.errors import PhoneError
from backend.web.access import Access
from backend.web.runtime import PhoneView, Runtime
from backend.web.settings import WebSettings

EXTENSION = "mindproof"


@dataclass(frozen=True)
class Context:
    """One app's things. `waiting` bounds the requests that may wait at once, so that some threads always stay free."""

    runtime: Runtime
    access: Access
    settings: WebSettings
    waiting: threading.BoundedSemaphore
    closing: threading.Event = field(default_factory=threading.Event)


def context() -> Context:
    return cast("Context", current_app.extensions[EXTENSION])


def runtime() -> Runtime:
    return context().runtime


def phone(serial: str) -> PhoneView:
    """Raises PhoneError when there is none of that serial."""
    phones = runtime().phones()
    for view in phones:
        if view.serial == serial:
            return view
    known = ", ".join(view.serial for view in phones) or "none"
    raise PhoneError(serial, "is not connected to this backend", f"phones it knows: {known}")
