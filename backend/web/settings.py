"""Settings of the page."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from backend.errors import SettingsError

LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """`poll_timeout_s` is how long a request for the next picture waits before it answers "nothing new".

    `api_token` lets a program in without a browser (``Authorization: Bearer ...``); it is new with every start unless
    given. `threads` bounds how many requests are served at once; a waiting picture request holds one.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    threads: int = 32
    poll_timeout_s: float = 10.0
    session_hours: float = 12.0
    link_minutes: float = 60.0
    api_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK:
            raise SettingsError(
                f"the page cannot listen on {self.host}: it serves this machine only",
                "leave the host out, and reach it from elsewhere through an SSH tunnel",
            )
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"{self.port} is not a port", "give one from 1 to 65535, or 0 for any free one")
        if self.threads < 8:
            raise SettingsError(f"{self.threads} threads are too few for the page", "give at least 8")
