"""The backend's end of the pair of sockets to the addon: questions in, verdicts out, several at once.

A few threads take turns at reading: whoever has read a message lets the next one read and judges his own. So a
message changes hands only once, and when all of them are busy nobody reads: the addon sees its questions grow old.
"""

from __future__ import annotations

import logging
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from backend.network.addon import wire
from backend.network.flows import flow_from, note_from, verdict_header
from backend.network.messages import FlowMessage, FlowVerdict, Note, Rules

log = logging.getLogger(__name__)

_READ = 1 << 18
_SEND_S = 5
_NO_VERDICT = {"type": "verdict", "do": "none"}


class Link:
    """Serves one connection, from its construction until either side closes it.

    `on_hello` and `on_configured` follow the addon's start, `on_silence` is called when it said nothing for `silent_s`.
    """

    def __init__(
        self,
        connection: socket.socket,
        on_hello: Callable[[dict[str, Any]], None],
        on_configured: Callable[[], None],
        on_flow: Callable[[FlowMessage], FlowVerdict],
        on_note: Callable[[Note], None],
        on_silence: Callable[[], None],
        silent_s: int = 30,
        workers: int = 4,
    ) -> None:
        self._connection = connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _SEND_S, 0))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", silent_s, 0))
        self._on_hello, self._on_configured = on_hello, on_configured
        self._on_flow, self._on_note, self._on_silence = on_flow, on_note, on_silence
        self._sent, self._in_force = 0, 0
        self._agreed = threading.Condition()
        self._reading, self._sending = threading.Lock(), threading.Lock()
        self._unpacker = wire.Unpacker()
        self._read: deque[tuple[dict[str, Any], bytes]] = deque()
        self._threads = [threading.Thread(target=self._work, name=f"network-{n}", daemon=True) for n in range(workers)]
        for thread in self._threads:
            thread.start()

    def configure(self, rules: Rules, wait_s: float = 0.0) -> None:
        """Send the rules, and wait until they are in force, at most `wait_s` seconds."""
        with self._agreed:
            self._sent = number = self._sent + 1
            self._send(wire.pack({**rules.as_wire(), "number": number}))
            self._agreed.wait_for(lambda: self._in_force >= number, wait_s)

    def close(self, wait_s: float = 5.0) -> None:
        """Close the connection and wait for who is still judging."""
        self._shut()
        deadline = time.monotonic() + wait_s
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        with self._sending:
            self._connection.close()

    def _work(self) -> None:
        try:
            while (message := self._next()) is not None:
                self._serve(*message)
        except wire.WireError as error:
            log.error("the link to mitmproxy broke: %s", error)
            self._shut()

    def _next(self) -> tuple[dict[str, Any], bytes] | None:
        """The next message, notes and greetings apart, which are served in their order by whoever reads."""
        with self._reading:
            while True:
                while not self._read:
                    data = self._receive()
                    if not data:
                        return None
                    self._read.extend(self._unpacker.feed(data))
                header, body = self._read.popleft()
                if header["type"] == "note":
                    self._on_note(note_from(header))
                elif header["type"] == "hello":
                    if header.get("v") != wire.VERSION:
                        raise wire.WireError(f"the addon speaks version {header.get('v')!r}, we speak {wire.VERSION}")
                    self._on_hello(header)
                elif header["type"] == "configured":
                    self._agree(int(header["number"]))
                elif header["type"] != "alive":
                    return header, body

    def _agree(self, number: int) -> None:
        with self._agreed:
            self._in_force = number
            self._agreed.notify_all()
        self._on_configured()

    def _serve(self, header: dict[str, Any], body: bytes) -> None:
        flow = flow_from(header, body)
        if time.monotonic() > flow.due:
            return  # the addon has given up on it: spend the time on those that still wait
        question = header.get("question")
        try:
            verdict = self._on_flow(flow)
            answer = wire.pack(verdict_header(question, verdict), verdict.body or b"")
        except Exception:  # whatever the judge does, the flow's own policy decides
            log.exception("no verdict on a %s of %s", flow.kind, flow.url.partition("?")[0])
            answer = wire.pack({**_NO_VERDICT, "question": question})
        self._send(answer)

    def _receive(self) -> bytes:
        try:
            return self._connection.recv(_READ)
        except BlockingIOError:  # the addon says every second that it is there
            self._on_silence()
            self._shut()
            return b""
        except OSError:
            return b""

    def _send(self, data: bytes) -> None:
        with self._sending:
            try:
                self._connection.sendall(data)
            except OSError as error:  # also when it read nothing for a while; half a message may be on its way
                log.debug("mitmproxy went away before it got its verdict: %s", error)
                self._shut()

    def _shut(self) -> None:
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            log.debug("the link to mitmproxy was closed already")
