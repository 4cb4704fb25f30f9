"""What the backend is told about a flow, and what its verdict does to it."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from mitmproxy import http
from mitmproxy.websocket import WebSocketMessage

from backend.network.addon.questions import Verdict

_OF_THE_OLD_BODY = (
    "content-encoding",
    "transfer-encoding",
    "accept-ranges",
    "content-md5",
    "digest",
    "content-digest",
    "repr-digest",
)
"""Headers that would be wrong about a new body. ETag and the cache headers stay: the new body is as good as the old."""
_MOST_SWALLOWED = 1 << 20
_OF_THE_CONNECTION = ("content-length", "transfer-encoding", "content-encoding", "connection")


def about(flow: http.HTTPFlow, kind: str) -> dict[str, Any]:
    client = flow.client_conn
    header: dict[str, Any] = {
        "type": kind,
        "flow": flow.id,
        "client": f"{client.peername[0]}:{client.peername[1]}",
        "listener": client.sockname[1],
        "method": flow.request.method,
        "url": flow.request.pretty_url,
        "request_headers": list(flow.request.headers.items(multi=True)),
    }
    if kind == "response":
        assert flow.response is not None
        header.update(status=flow.response.status_code, headers=list(flow.response.headers.items(multi=True)))
    return header


def about_frame(flow: http.HTTPFlow, message: WebSocketMessage, number: int) -> dict[str, Any]:
    sender = "client" if message.from_client else "server"
    return {**about(flow, "websocket"), "number": number, "sender": sender, "text": message.is_text}


def about_pushed(flow: http.HTTPFlow, number: int) -> dict[str, Any]:
    return {**about(flow, "response"), "type": "pushed", "number": number, "sender": "server", "text": True}


def apply_to_request(flow: http.HTTPFlow, verdict: Verdict) -> None:
    header, _ = verdict
    if header["do"] == "refuse":
        refuse(flow, header["status"] or 403, header["why"])
    elif header["do"] == "replace" and header["url"]:
        target = http.Request.make("GET", header["url"])
        if target.pretty_host == flow.request.pretty_host:  # another host was not opted in, nor is connected to
            flow.request.path = target.path


def apply_to_response(flow: http.HTTPFlow, verdict: Verdict) -> None:
    header, body = verdict
    response = flow.response
    assert response is not None
    if header["do"] == "refuse":
        flow.response = _page(header["status"] or 403, header["why"])
    elif header["do"] == "replace":
        response.status_code = header["status"] or response.status_code
        if header["whole"]:
            for name in _OF_THE_OLD_BODY:
                response.headers.pop(name, None)
            response.raw_content = body
            response.headers["content-length"] = str(len(body))
        for name, value in header["headers"]:
            if name.lower() not in _OF_THE_CONNECTION:
                response.headers[name] = value


def apply_to_frame(message: WebSocketMessage, verdict: Verdict) -> None:
    header, body = verdict
    if header["do"] == "refuse":
        message.drop()
    elif header["do"] == "replace" and header["whole"]:
        message.content = body


def refuse(flow: http.HTTPFlow, status: int, why: str) -> None:
    """Answer a request ourselves. One with a long body is cut off: its sender would not listen before the end."""
    length = flow.request.headers.get("content-length", "0")
    if "transfer-encoding" in flow.request.headers or not length.isdecimal() or int(length) > _MOST_SWALLOWED:
        flow.kill()
    else:
        flow.response = _page(status, why)


def withhold(flow: http.HTTPFlow, why: str) -> None:
    """The 502 in place of what could not be judged."""
    flow.response = _page(502, f"Mindproof holds this back: {why}")


def instead_of_the_body(flow: http.HTTPFlow) -> Callable[[bytes], bytes]:
    """For an answer whose body is still to come, and is not to be held: swallow it, and send our page at its end."""
    assert flow.response is not None
    page = flow.response.raw_content or b""
    return lambda data: b"" if data else page


def _page(status: int, why: str) -> http.Response:
    text = f"<!doctype html><meta charset=utf-8><title>Mindproof</title><h1>Mindproof</h1><p>{html.escape(why)}</p>\n"
    headers = {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"}
    return http.Response.make(status, text, headers)
