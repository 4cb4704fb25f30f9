"""What passes between the proxy and whoever judges its flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Late = Literal["pass", "hold"]
"""What becomes of a flow whose verdict is late: passed as it came, or answered with a 502 in its place."""

Kind = Literal["request", "response", "websocket", "pushed"]
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FlowMessage:
    """One request, response or WebSocket message of an opted-in host, decoded.

    Attributes:
        kind: what it is; a request comes without its body, before anything was sent to the host. ``pushed`` is one
            message of a response that goes on: the data of a server-sent event, or a line of JSON.
        id: names the flow for as long as it lives; every message of a WebSocket or of a response has the same.
        number: counts messages from 1; 0 for requests and responses.
        client: address of the client, ``127.0.0.1:40312``.
        listener: port of ours to which the client came.
        method, url: of the request; the URL with scheme, host and query.
        request_headers: of the request.
        status: of the response; 0 while there is none.
        headers: of the response; Content-Encoding is already undone in `body`. Empty for requests.
        body: the response's body without its Content-Encoding, or the message.
        sender: who sent a message.
        text: whether a message is text (UTF-8 in `body`).
        due: reading of `time.monotonic` by which the verdict has to be there.
    """

    kind: Kind
    id: str
    client: str
    method: str
    url: str
    listener: int = 0
    number: int = 0
    request_headers: Headers = ()
    status: int = 0
    headers: Headers = ()
    body: bytes = b""
    sender: Literal["client", "server"] = "server"
    text: bool = False
    due: float = 0.0

    def header(self, name: str, default: str = "") -> str:
        """The first header of the response that is called `name`, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)

    @property
    def content_type(self) -> str:
        """Media type of the response in lower case, without parameters: ``application/json``."""
        return self.header("content-type").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class FlowVerdict:
    """What is to become of a message.

    Attributes:
        do: ``pass`` it as it came; ``replace`` it; ``refuse`` it (a request or response is answered with a page that
            says `why`; a message is dropped).
        body: the new body of a response or message, without Content-Encoding; None keeps the old one.
        url: the new URL of a request, of the same host; empty keeps it.
        status: the new status of a response, or of the page that refuses; 0 keeps it (for the page: 403).
        headers: headers of the response that are set anew; lengths and encodings are seen to.
        why: for people.
    """

    do: Literal["pass", "replace", "refuse"] = "pass"
    body: bytes | None = None
    url: str = ""
    status: int = 0
    headers: Headers = ()
    why: str = ""


PASS = FlowVerdict()


@dataclass(frozen=True, slots=True)
class Rules:
    """Which flows are handed over, and what becomes of them when the verdict is late.

    Attributes:
        hosts: patterns of host names that are opted in: ``api.plaza.test``, ``*.plaza.test`` (any depth, not
            plaza.test itself). Everything else is tunnelled without being decrypted.
        types: media types of responses that are handed over, ``image/*`` included, and the words ``request`` and
            ``websocket`` for those. Each with what becomes of it when its verdict is late.
        deadline_ms: how long a verdict is waited for.
        upstream_s: how long a host may take for an answer that is held until it is judged; then it is a 502.
        most_body: bytes of a body, decoded, above which a response is streamed past untouched, and counted.
        addresses: patterns of host names, and where they are found instead of where DNS says, ``127.0.0.1:4443``.
    """

    hosts: tuple[str, ...] = ()
    types: Mapping[str, Late] = field(default_factory=dict)
    deadline_ms: int = 1500
    upstream_s: float = 120.0
    most_body: int = 8 << 20
    addresses: Mapping[str, str] = field(default_factory=dict)

    def as_wire(self) -> dict[str, Any]:
        return {
            "type": "configure",
            "hosts": list(self.hosts),
            "types": dict(self.types),
            "deadline_ms": self.deadline_ms,
            "upstream_s": self.upstream_s,
            "most_body": self.most_body,
            "addresses": dict(self.addresses),
        }


@dataclass(frozen=True, slots=True)
class Note:
    """Something the proxy saw, counted over about a second.

    Attributes:
        what: ``tunnelled`` (a host not opted in), ``decrypted`` (a TLS connection of a client that we read),
            ``client_tls`` (a client refused our certificate: pinned, or it does not know the CA), ``server_tls``,
            ``unreachable``, ``grpc`` (left untouched), ``large`` (streamed past), ``undecodable``, ``late``,
            ``stalled``, ``left`` (the client went away).
        host: server name that the client asked for, when known.
        client: address of the client at one of the occurrences.
        listener: port of ours to which the client came.
        reason: the proxy's own words at one of the occurrences.
    """

    what: str
    count: int
    host: str = ""
    client: str = ""
    listener: int = 0
    reason: str = ""


Phase = Literal["stopped", "making", "starting", "running", "restarting"]


@dataclass(frozen=True, slots=True)
class ProxyState:
    """Where the proxy is in its life.

    Attributes:
        phase: ``making`` is the environment, on first use.
        detail: progress of the environment, or why it had to be restarted: mitmproxy's last words.
        pid: of mitmproxy while it runs, else 0.
        port: on 127.0.0.1; kept over restarts; 0 before the first start.
        restarts: how often mitmproxy ended by itself and was started again.
    """

    phase: Phase = "stopped"
    detail: str = ""
    pid: int = 0
    port: int = 0
    restarts: int = 0
