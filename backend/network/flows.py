"""Between `wire` messages and the types of `messages`."""

from __future__ import annotations

from typing import Any

from backend.network.addon.wire import WireError
from backend.network.messages import FlowMessage, FlowVerdict, Headers, Note

_KINDS = ("request", "response", "websocket", "pushed")


def flow_from(header: dict[str, Any], body: bytes) -> FlowMessage:
    """A message of the addon about one flow.

    Raises:
        WireError: something is missing or of another kind than it should be.
    """
    try:
        if header["type"] not in _KINDS:
            raise WireError(f"a message of the unknown type {header['type']!r}")
        return FlowMessage(
            kind=header["type"],
            id=str(header["flow"]),
            number=int(header.get("number", 0)),
            client=str(header["client"]),
            listener=int(header["listener"]),
            method=str(header["method"]),
            url=str(header["url"]),
            request_headers=_headers(header["request_headers"]),
            status=int(header.get("status", 0)),
            headers=_headers(header.get("headers", [])),
            body=body,
            sender="client" if header.get("sender") == "client" else "server",
            text=bool(header.get("text", False)),
            due=float(header["due"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WireError(f"a broken {header['type']} message: {error!r}") from error


def note_from(header: dict[str, Any]) -> Note:
    """
    Raises:
        WireError: as in `flow_from`.
    """
    try:
        words = {name: str(header.get(name, "")) for name in ("host", "client", "reason")}
        return Note(str(header["what"]), int(header["count"]), listener=int(header.get("listener", 0)), **words)
    except (KeyError, TypeError, ValueError) as error:
        raise WireError(f"a broken note: {error!r}") from error


def verdict_header(question: object, verdict: FlowVerdict) -> dict[str, Any]:
    """The header that answers the message with the number `question`."""
    return {
        "type": "verdict",
        "question": question,
        "do": verdict.do,
        "whole": verdict.body is not None,
        "url": verdict.url,
        "status": verdict.status,
        "headers": [list(pair) for pair in verdict.headers],
        "why": verdict.why,
    }


def _headers(pairs: list[list[str]]) -> Headers:
    return tuple((str(name), str(value)) for name, value in pairs)
