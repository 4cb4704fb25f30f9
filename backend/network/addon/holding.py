"""Waiting in the middle of a streamed answer, which mitmproxy itself offers no addon.

An addon gets whole answers, or the bytes of a streamed one without a way to wait for a verdict on them. `hold_streams`
adds a hook, ``pushed``, between the two. All that depends on mitmproxy's inner parts is here.
"""

from __future__ import annotations

from dataclasses import dataclass

from mitmproxy import http
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.layers.http import HttpStream, ResponseData, ResponseEndOfMessage, SendHttp

from backend.network.addon.pushed import Pushed

_HELD = "mindproof-held"


@dataclass
class Held:
    """A streamed answer whose messages are judged. `data` is what came, None at its end; then what is sent of it."""

    stream: Pushed
    data: bytes | None = b""


@dataclass
class PushedHook(commands.StartHook):  # type: ignore[misc]  # mitmproxy is in an environment of its own
    """Bytes of a held answer have come. Nothing more is read of it until this hook is through."""

    flow: http.HTTPFlow


def hold(flow: http.HTTPFlow, stream: Pushed) -> None:
    """Have the messages of this answer held; its length is then no longer known."""
    assert flow.response is not None
    flow.metadata[_HELD] = Held(stream)
    flow.response.stream = True
    headers = flow.response.headers
    if headers.pop("content-length", None) is not None and flow.client_conn.alpn != b"h2":
        headers["transfer-encoding"] = "chunked"


def held(flow: http.HTTPFlow) -> Held | None:
    answer = flow.metadata.get(_HELD)
    return answer if isinstance(answer, Held) else None


def hold_streams() -> None:
    """Put the hook into mitmproxy. Of a connection only the held answer waits, as with mitmproxy's own hooks."""
    passing = HttpStream.state_stream_response_body

    def state_stream_response_body(self: HttpStream, event: events.Event) -> layer.CommandGenerator[None]:
        answer = held(self.flow)
        ended = isinstance(event, ResponseEndOfMessage)
        if answer is None or not (ended or isinstance(event, ResponseData)):
            yield from passing(self, event)
            return
        answer.data = event.data if isinstance(event, ResponseData) else None
        yield PushedHook(self.flow)
        if answer.data:  # an empty piece would end the answer
            yield SendHttp(ResponseData(self.stream_id, answer.data), self.context.client)
        if ended:
            yield from passing(self, event)

    HttpStream.state_stream_response_body = state_stream_response_body
