"""The addon: what is opted in is handed to the backend, and what comes back is applied. All else passes untouched."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any

from mitmproxy import ctx, http, tls, version
from mitmproxy.proxy import layer, layers
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from backend.network.addon import answers, bodies, wire
from backend.network.addon.holding import held, hold, hold_streams
from backend.network.addon.hosts import with_ports
from backend.network.addon.notes import Notes
from backend.network.addon.pushed import EVENT_TYPES, Pushed
from backend.network.addon.questions import Questions
from backend.network.addon.room import Room
from backend.network.addon.rules import Rules
from backend.network.addon.stalls import Stalls

log = logging.getLogger(__name__)

_UNTOUCHED = ("application/grpc", "application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf")
_CONDITIONS = ("if-none-match", "if-modified-since")
_NEVER_JUDGED = ("video", "audio", "font", "script", "style")
"""What a browser says that it wants (``Sec-Fetch-Dest``) where no view reads the answer: its cache may stay."""
_ROOM = 192 << 20
_OURS = "mindproof"
"""Key in a flow's metadata: the answer is ours, so it is not judged again."""
_TAKEN = "mindproof-room"
"""Key in a flow's metadata: bytes it holds of the room for bodies."""


class Mindproof:
    """Handlers are found by mitmproxy under their names; an awaiting handler holds its own flow only."""

    def __init__(self, descriptor: int) -> None:
        self._rules = Rules()
        self._questions = Questions(descriptor, self._configure)
        self._notes = Notes(self._questions.tell)
        self._room = Room(_ROOM)
        self._stalls = Stalls(lambda flow: self._note("stalled", flow))
        self._flushing: asyncio.Task[None] | None = None
        hold_streams()

    async def running(self) -> None:
        await self._questions.open()
        port = ctx.master.addons.get("proxyserver").listen_addrs()[0][1]
        hello = {"type": "hello", "v": wire.VERSION, "mitmproxy": version.VERSION, "pid": os.getpid(), "port": port}
        self._questions.tell(hello)
        self._flushing = asyncio.create_task(self._flush())

    def server_connect(self, data: ServerConnectionHookData) -> None:
        name = data.client.sni or (data.server.address or ("",))[0]
        if (address := self._rules.address(name)) is not None:
            data.server.address = address
            data.server.sni = data.server.sni or name

    def next_layer(self, data: layer.NextLayer) -> None:
        """Comes after mitmproxy's own choice, which is a tunnel for what is not opted in."""
        if isinstance(data.layer, layers.TCPLayer) and data.layer.flow is None:
            server = data.context.server
            name = server.sni or (server.address or ("",))[0]
            self._notes.add("tunnelled", name, *_client(data.context.client))

    def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        """Only called for what is opted in: the rest was made a tunnel before."""
        self._notes.add("decrypted", data.client_hello.sni or "", *_client(data.context.client))

    def tls_failed_client(self, data: tls.TlsData) -> None:
        client = data.context.client
        self._notes.add("client_tls", client.sni or "", *_client(client), data.conn.error or "")

    def tls_failed_server(self, data: tls.TlsData) -> None:
        name = data.context.server.sni or ""
        self._notes.add("server_tls", name, *_client(data.context.client), data.conn.error or "")

    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        if flow.request.pretty_host not in self._rules.hosts:
            flow.request.stream = True
            return
        headers = flow.request.headers
        if "accept-encoding" in headers:
            headers["accept-encoding"] = bodies.readable(headers["accept-encoding"])
        if EVENT_TYPES[0] in headers.get("accept", ""):  # what is judged piece by piece has to come as it is
            headers["accept-encoding"] = "identity"
        if headers.get("sec-fetch-dest", "") not in _NEVER_JUDGED:
            for condition in _CONDITIONS:  # "what you have is still good" would be said of what nobody judged
                headers.pop(condition, None)
        headers.pop("sec-websocket-extensions", None)  # compressed frames would have to be unfolded without bounds
        late = self._rules.late("request")
        if late is not None:
            verdict = await self._questions.ask(answers.about(flow, "request"), b"", self._rules.deadline_s)
            if verdict is None:
                self._late(flow, late)
            else:
                answers.apply_to_request(flow, verdict)
        flow.metadata[_OURS] = flow.response is not None
        flow.request.stream = flow.response is None

    def request(self, flow: http.HTTPFlow) -> None:
        """The request has been sent to its end."""
        if flow.response is None and flow.request.pretty_host in self._rules.hosts:
            self._stalls.watch(flow, self._rules.upstream_s)

    async def responseheaders(self, flow: http.HTTPFlow) -> None:
        assert flow.response is not None
        if flow.metadata.get(_OURS):
            return
        content_type = _type(flow)
        if flow.request.pretty_host not in self._rules.hosts:
            flow.response.stream = True
            return
        flow.response.headers.pop("alt-svc", None)  # it invites the client to HTTP/3, past us
        if (late := self._rules.late(content_type)) is None or not _whole(flow):
            self._stalls.forget(flow)
            flow.response.stream = flow.response.status_code != 101
            if content_type.startswith(_UNTOUCHED):
                self._note("grpc", flow)
        elif (stream := Pushed.of_type(content_type, self._rules.most_body)) is not None:
            self._stalls.forget(flow)
            self._hold(flow, stream, late)
        elif (size := _length(flow)) is not None and size > self._rules.most_body:
            self._stalls.forget(flow)
            flow.response.stream = True
            self._note("large", flow)
        else:
            self._stalls.watch(flow, self._rules.upstream_s)
            wanted = self._rules.most_body if size is None else size
            flow.metadata[_TAKEN] = await self._room.take(wanted, self._rules.deadline_s)
            if not flow.metadata[_TAKEN]:
                self._stalls.forget(flow)
                self._late(flow, late)
                flow.response.stream = answers.instead_of_the_body(flow) if late == "hold" else True

    async def pushed(self, flow: http.HTTPFlow) -> None:
        """Bytes of an answer that is judged message by message have come; or it has ended."""
        answer = held(flow)
        assert answer is not None
        stream = answer.stream
        messages = stream.close() if answer.data is None else stream.feed(answer.data)
        answer.data = b"".join([await self._judged(flow, stream, message) for message in messages])

    async def response(self, flow: http.HTTPFlow) -> None:
        self._stalls.forget(flow)
        try:
            await self._judge(flow)
        except Exception:  # mitmproxy would log it as well, and let the answer pass
            log.exception("an answer of %s was not judged", flow.request.pretty_host)
            if self._rules.late(_type(flow)) == "hold":
                answers.withhold(flow, "it could not be judged")
        finally:
            self._leave(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        self._stalls.forget(flow)
        self._leave(flow)
        self._note("left" if "disconnected" in str(flow.error) else "unreachable", flow, str(flow.error))

    async def websocket_message(self, flow: http.HTTPFlow) -> None:
        assert flow.websocket is not None
        number = flow.metadata["mindproof-frames"] = flow.metadata.get("mindproof-frames", 0) + 1
        message = flow.websocket.messages[-1]
        flow.websocket.messages.clear()  # mitmproxy would keep every one until the connection ends
        late = self._rules.late("websocket")
        if late is None or flow.request.pretty_host not in self._rules.hosts:
            return
        if len(message.content) > self._rules.most_body:
            self._note("large", flow)
            return
        about = answers.about_frame(flow, message, number)
        verdict = await self._questions.ask(about, message.content, self._rules.deadline_s)
        if verdict is not None:
            answers.apply_to_frame(message, verdict)
        else:
            self._note("late", flow)
            if late == "hold":
                message.drop()

    async def _judge(self, flow: http.HTTPFlow) -> None:
        response = flow.response
        assert response is not None
        late = self._rules.late(_type(flow))
        if late is None or flow.metadata.get(_OURS) or not flow.metadata.get(_TAKEN):
            return
        if response.raw_content is None:  # it went on and on: mitmproxy has streamed it past
            self._note("large", flow)
            return
        try:
            encoding = response.headers.get("content-encoding", "")
            body = bodies.decode(response.raw_content, encoding, self._rules.most_body)
        except bodies.TooLarge:
            self._note("large", flow)
            return
        except bodies.Undecodable as error:
            self._note("undecodable", flow, str(error))
            if late == "hold":
                answers.withhold(flow, "this answer cannot be read, so it cannot be judged")
            return
        verdict = await self._questions.ask(answers.about(flow, "response"), body, self._rules.deadline_s)
        if verdict is None:
            self._late(flow, late)
        else:
            answers.apply_to_response(flow, verdict)

    def _hold(self, flow: http.HTTPFlow, stream: Pushed, late: str) -> None:
        """Have an answer judged message by message, if it can be read."""
        assert flow.response is not None
        if flow.response.headers.get("content-encoding", "identity").strip().lower() == "identity":
            hold(flow, stream)
            return
        self._note("undecodable", flow, "a stream in a coding")
        flow.response.stream = True
        if late == "hold":
            answers.withhold(flow, "this answer cannot be read, so it cannot be judged")
            flow.response.stream = answers.instead_of_the_body(flow)

    async def _judged(self, flow: http.HTTPFlow, stream: Pushed, message: bytes) -> bytes:
        """What goes on of one message that was pushed; nothing of one that is dropped."""
        late = self._rules.late(_type(flow))
        said = stream.content(message)
        if stream.overlong:
            self._note("large", flow)
            return message
        if late is None or not said:
            return message
        stream.number += 1
        verdict = await self._questions.ask(answers.about_pushed(flow, stream.number), said, self._rules.deadline_s)
        if verdict is None:
            self._note("late", flow)
            return b"" if late == "hold" else message
        header, body = verdict
        if header["do"] == "refuse":
            return b""
        return stream.saying(message, body) if header["do"] == "replace" and header["whole"] else message

    def _late(self, flow: http.HTTPFlow, late: str) -> None:
        self._note("late", flow)
        if late == "hold":
            answers.withhold(flow, "its verdict did not come in time")
            flow.metadata[_OURS] = True

    def _leave(self, flow: http.HTTPFlow) -> None:
        if taken := flow.metadata.pop(_TAKEN, 0):
            self._room.give_back(taken)

    def _note(self, what: str, flow: http.HTTPFlow, reason: str = "") -> None:
        self._notes.add(what, flow.request.pretty_host, *_client(flow.client_conn), reason)

    def _configure(self, header: dict[str, Any]) -> None:
        before, self._rules = self._rules, Rules.from_wire(header)
        rules = self._rules
        ctx.options.update(allow_hosts=with_ports(rules.patterns), stream_large_bodies=str(rules.most_body))
        if rules.patterns != before.patterns:  # what is open was opened, or made a tunnel, under other rules
            for handler in list(ctx.master.addons.get("proxyserver").connections.values()):
                if (transport := handler.transports.get(handler.client)) is not None:
                    transport.handler.cancel("the rules have changed")
        self._questions.tell({"type": "configured", "number": header["number"]})

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._notes.flush()
            self._questions.tell({"type": "alive"})


def _client(client: Any) -> tuple[str, int]:
    return f"{client.peername[0]}:{client.peername[1]}", client.sockname[1]


def _type(flow: http.HTTPFlow) -> str:
    return str(flow.response.headers.get("content-type", "")) if flow.response is not None else ""


def _whole(flow: http.HTTPFlow) -> bool:
    """Whether the response carries a whole body: no part of one, and no answer without one."""
    assert flow.response is not None
    status = flow.response.status_code
    return status >= 200 and status not in (204, 206, 304) and flow.request.method not in ("HEAD", "CONNECT")


def _length(flow: http.HTTPFlow) -> int | None:
    assert flow.response is not None
    try:
        return int(flow.response.headers["content-length"])
    except (KeyError, ValueError):
        return None
