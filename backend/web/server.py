"""Serve the page with waitress, in threads of this process."""

from __future__ import annotations

import errno
import socket
import threading
from types import TracebackType
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from backend.errors import SettingsError
from backend.web.access import Access, Grant, Role
from backend.web.context import EXTENSION, Context

LOOPBACK = "127.0.0.1"
LARGEST_REQUEST = 256 * 1024
FIRST_LINK_S = 24 * 3600.0


class Server:
    """A running page. `login_url` lets the first browser in as a researcher, once."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self._context: Context = app.extensions[EXTENSION]
        self._sockets: dict[int, Any] = {}
        self._stopping = threading.Event()
        # Bound here: waitress starts its threads first, and would leave them behind when the port is taken.
        listener = _bound(host, port)
        self.port = int(listener.getsockname()[1])
        self._server: Any = create_server(
            app,
            map=self._sockets,
            sockets=[listener],
            threads=self._context.settings.threads,
            max_request_body_size=LARGEST_REQUEST,
            connection_limit=200,
            channel_timeout=120,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
        self.url = f"http://{host}:{self.port}/"
        # Cookies belong to a host, whatever the port: two backends on one machine must not share a name.
        app.config["SESSION_COOKIE_NAME"] = f"mindproof_{self.port}"
        self.login_url = self.new_login_url("researcher", lasts_s=FIRST_LINK_S)
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        self._thread.start()

    @property
    def api_token(self) -> str:
        """For programs: ``Authorization: Bearer <api_token>``."""
        return self._context.settings.api_token

    def new_login_url(self, role: Role, phone: str = "", lasts_s: float | None = None) -> str:
        """Another one-time link."""
        access: Access = self._context.access
        return f"{self.url}login?token={access.new_token(Grant(role, phone), lasts_s)}"

    def stop(self) -> None:
        """Answer who waits, close every connection, end the threads. A second call does nothing."""
        if self._stopping.is_set():
            return
        self._context.closing.set()
        self._stopping.set()
        self._server.pull_trigger()
        self._thread.join()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=1.0, use_poll=True, map=self._sockets, count=1)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets)


def serve(app: Flask, host: str = LOOPBACK, port: int = 0) -> Server:
    """Start serving `app`, made by `create_app`.

    Raises:
        SettingsError: when the host is not this machine alone, or the port is taken or may not be used.
    """
    if host != LOOPBACK:
        raise SettingsError(
            f"the page cannot listen on {host}: it serves this machine only",
            f"use {LOOPBACK}, and reach it from elsewhere through an SSH tunnel",
        )
    if not 0 <= port <= 65535:
        raise SettingsError(f"{port} is not a port", "give one from 1 to 65535, or 0 for any free one")
    return Server(app, host, port)


def _bound(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Lets a restart have its port back at once; a port that somebody listens on stays theirs.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Bind alone does not tell: two may bind, only one may listen.
        listener.listen()
    except OSError as error:
        listener.close()
        raise _unavailable(host, port, error) from error
    return listener


def _unavailable(host: str, port: int, error: OSError) -> SettingsError:
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            f"port {port} on {host} is in use",
            "another backend may be running: stop it, or give another port (--port 0 takes any free one)",
        )
    return SettingsError(f"port {port} on {host} cannot be used: {error.strerror}", "give another port")
