"""From decisions to what becomes of a flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from backend.engine.decision import Decided
from backend.network.addresses import with_query
from backend.network.messages import PASS, FlowMessage, FlowVerdict, Headers
from backend.network.views.view import Part, View
from interventions.sdk import Action, Cover, Flow, FlowAction, FlowText, Refuse, Replace, SetQuery
from interventions.sdk.flow import Direction

NOTICE = "[hidden]"
"""What stands in a text's place where an intervention covers it and says no words of its own."""

_DIRECTIONS: Mapping[str, Direction] = {
    "request": "request",
    "response": "response",
    "websocket": "message",
    "pushed": "message",
}


def flow_of(message: FlowMessage, view: View | None) -> Flow:
    """A message as ``on_flow`` sees it; without a view, without its body."""
    headers = message.request_headers if message.kind == "request" else message.headers
    flow = Flow(
        _DIRECTIONS[message.kind],
        message.method,
        message.url,
        tuple((name.lower(), value) for name, value in headers),
        message.status or None,
    )
    if view is None:
        return flow
    texts = tuple(
        FlowText(view.path(position), part.name, part.text)
        for position, part in enumerate(view.parts)
        if part.kind != "picture"
    )
    return replace(flow, kind=view.kind, texts=texts, lists=tuple(view.lists), read=view.read)


def verdict_on(
    message: FlowMessage, view: View | None, hiding: Mapping[int, Decided], asked: Sequence[Decided]
) -> tuple[FlowVerdict, list[Decided]]:
    """The verdict, and the decisions that made it.

    Args:
        hiding: which parts of `view` are hidden, by their position.
        asked: flow actions, with paths that can be followed.

    Raises:
        Unreadable: the body cannot be written back faithfully.
    """
    refusing = next((one for one in asked if isinstance(one.action, Refuse)), None)
    if refusing is not None and isinstance(refusing.action, Refuse):
        return FlowVerdict("refuse", status=refusing.action.status, why=refusing.action.why), [refusing]
    if message.kind == "request":
        query = {one.action.name: one.action.value for one in asked if isinstance(one.action, SetQuery)}
        url = with_query(message.url, query)
        return (PASS, []) if url == message.url else (FlowVerdict("replace", url=url), list(asked))
    if view is None:
        return PASS, []
    hidden = {position: _words(view.parts[position], decided.action) for position, decided in hiding.items()}
    body = view.edited(hidden, [one.action for one in asked if isinstance(one.action, FlowAction)])
    if body == message.body:
        return PASS, []
    return replaced(message, body), [*hiding.values(), *asked]


def replaced(message: FlowMessage, body: bytes) -> FlowVerdict:
    """The verdict that puts `body` in place of the message's."""
    headers = _cache_headers(body) if message.kind == "response" else ()
    return FlowVerdict("replace", body=body, headers=headers)


def _words(part: Part, action: Action) -> str:
    """What is read in the place of a part that is covered or replaced. Of a count nothing is left."""
    match action:
        case Replace(text=text) | Cover(style="text", text=text):
            return text
        case Cover(style="inpaint"):
            return ""
    return "" if part.kind == "count" else NOTICE


def _cache_headers(body: bytes) -> Headers:
    """The new body gets a tag of its own, and is asked for again each time: it holds only as long as what judged it."""
    tag = blake2b(body, digest_size=12).hexdigest()
    return (("etag", f'"mindproof-{tag}"'), ("cache-control", "no-cache"))
