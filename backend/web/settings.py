"""Settings of the page, beside where it listens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from backend.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """`poll_timeout_s` is how long a request for the next picture waits before it answers "nothing new".
    A browser has six connections to us for all its windows: long waits in some windows would hold up the others.

    `api_token` lets a program in without a browser (``Authorization: Bearer ...``); it is new with every start unless
    given. `threads` bounds how many requests are served at once; a waiting picture request holds one.
    """

    threads: int = 32
    poll_timeout_s: float = 3.0
    session_hours: float = 12.0
    link_minutes: float = 60.0
    api_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    def __post_init__(self) -> None:
        if self.threads < 8:
            raise SettingsError(f"{self.threads} threads are too few for the page", "give at least 8")
