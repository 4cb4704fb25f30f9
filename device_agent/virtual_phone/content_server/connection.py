"""HTTP/1.1 on one connection, which may turn into a WebSocket."""

from __future__ import annotations

import gzip
import json
import logging
import ssl
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from device_agent.virtual_phone.content_server.live import Live
from device_agent.virtual_phone.content_server.service import DOMAIN, Answer, Request
from device_agent.virtual_phone.content_server.websocket import WebSocket, accept_key

log = logging.getLogger(__name__)

LONGEST_BODY = 64 * 1024
LIVE = f"live.{DOMAIN}"
EVENTS = "/events"
Answering = Callable[[str, Request], Answer]
"""Takes the host's name, in small letters and without port, and the request."""


class HttpConnection:
    """Answers the requests of one connection, one after another."""

    def __init__(self, connection: ssl.SSLSocket, answering: Answering, live: Live) -> None:
        self._connection = connection
        self._handler = _Handler.bound_to(answering, live)

    def serve(self) -> None:
        """Until the client closes, breaks the protocol, or is idle for too long.

        Raises:
            OSError: the connection broke.
            ProtocolError: the client broke the WebSocket protocol.
        """
        self._handler(self._connection, ("127.0.0.1", 0), None)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Mindproof"
    sys_version = ""
    answering: Answering
    live: Live
    connection: ssl.SSLSocket

    @classmethod
    def bound_to(cls, answering: Answering, live: Live) -> type[_Handler]:
        return type("Handler", (cls,), {"answering": staticmethod(answering), "live": live})

    def do_GET(self) -> None:
        key = self.headers.get("Sec-WebSocket-Key", "")
        if (self._host, self.path) == (LIVE, EVENTS) and key:
            self._turn_into_websocket(key)
        else:
            self._respond(None)

    @property
    def _host(self) -> str:
        return self.headers.get("Host", "").partition(":")[0].lower()

    def _turn_into_websocket(self, key: str) -> None:
        self.close_connection = True
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept_key(key))
        self.end_headers()
        listener = WebSocket(self.connection)
        with self.live.listening(listener):
            listener.serve()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LONGEST_BODY:
            self.close_connection = True
            self._send(Answer.json({"error": f"a body of up to {LONGEST_BODY} bytes and its length are needed"}, 413))
            return
        try:
            body: Any = json.loads(self.rfile.read(int(length)))
        except ValueError:
            self._send(Answer.json({"error": "the body is not JSON"}, 400))
            return
        self._respond(body)

    def _respond(self, body: Any) -> None:
        self._send(self.answering(self._host, Request.of(self.command, self.path, body)))

    def _send(self, answer: Answer) -> None:
        body = answer.body
        packed = "gzip" in self.headers.get("Accept-Encoding", "") and not answer.content_type.startswith("image/")
        if packed:
            body = gzip.compress(body, 1, mtime=0)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", answer.cache)
        if packed:
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        log.debug(format, *arguments)
