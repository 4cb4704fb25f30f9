"""Who may come in: one-time login links, what they grant, and the sessions that follow."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Literal

Role = Literal["researcher", "participant"]

TRIES = 10
TRIES_WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class Grant:
    """What a session may do. A participant sees the covered mirror of `phone`, and nothing else."""

    role: Role
    phone: str = ""


class TooManyTries(Exception):
    """Login tokens were guessed too often; `wait_s` until the next try."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many login attempts; wait {wait_s:.0f} s")
        self.wait_s = wait_s


class Access:
    """Login links and sessions of one server. They end with it."""

    def __init__(self, api_token: str, session_s: float, link_s: float) -> None:
        self._api_token = _digest(api_token)
        self._session_s, self._link_s = session_s, link_s
        self._links: dict[bytes, tuple[Grant, float]] = {}
        self._sessions: dict[str, tuple[Grant, float]] = {}
        self._failures: deque[float] = deque(maxlen=TRIES)
        self._guard = threading.Lock()

    def new_token(self, grant: Grant, lasts_s: float | None = None) -> str:
        """A token that lets one browser in, once. It lapses after `lasts_s` (default: the setting)."""
        token = secrets.token_urlsafe(32)
        with self._guard:
            self._links[_digest(token)] = (grant, time.monotonic() + (lasts_s or self._link_s))
        return token

    def redeem(self, token: str) -> tuple[str, Grant] | None:
        """A new session's id and grant for an unused token; None for any other.

        Raises:
            TooManyTries: after `TRIES` wrong tokens within `TRIES_WINDOW_S`, whatever this one is.
        """
        now = time.monotonic()
        with self._guard:
            self._refuse_guessing(now)
            self._forget_lapsed(now)
            given = _digest(token)
            match = None
            for known in self._links:
                # Every link is compared, in constant time: how long it takes says nothing about any of them.
                if hmac.compare_digest(known, given):
                    match = known
            if match is None:
                self._failures.append(now)
                return None
            grant, _ = self._links.pop(match)
            session = secrets.token_urlsafe(16)
            self._sessions[session] = (grant, now + self._session_s)
            return session, grant

    def of_session(self, session: str) -> Grant | None:
        """What the session `session` may do; None when it ended."""
        with self._guard:
            grant, until = self._sessions.get(session, (None, 0.0))
            return grant if time.monotonic() < until else None

    def of_bearer(self, token: str) -> Grant | None:
        """The API token speaks for a researcher."""
        return Grant("researcher") if hmac.compare_digest(self._api_token, _digest(token)) else None

    def end(self, session: str) -> None:
        with self._guard:
            self._sessions.pop(session, None)

    def _refuse_guessing(self, now: float) -> None:
        if len(self._failures) == TRIES and now - self._failures[0] < TRIES_WINDOW_S:
            raise TooManyTries(TRIES_WINDOW_S - (now - self._failures[0]))

    def _forget_lapsed(self, now: float) -> None:
        self._links = {token: link for token, link in self._links.items() if now < link[1]}
        self._sessions = {session: held for session, held in self._sessions.items() if now < held[1]}


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
