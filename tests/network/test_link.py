"""The backend's end of the link, with a test in the addon's place."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.network.addon import wire
from backend.network.link import Link
from backend.network.messages import PASS, FlowMessage, FlowVerdict, Note, Rules

HELLO = {"type": "hello", "v": wire.VERSION, "port": 1}


class Addon:
    """The other end."""

    def __init__(self) -> None:
        ours, self.socket = socket.socketpair()
        self.socket.settimeout(10)
        self.judge: Callable[[FlowMessage], FlowVerdict] = lambda flow: PASS
        self.notes: list[Note] = []
        self.hellos: list[dict[str, Any]] = []
        self.silent = threading.Event()
        self._unpacker = wire.Unpacker()
        self._messages: Iterator[tuple[dict[str, Any], bytes]] = iter(())
        self.link = Link(
            ours,
            self.hellos.append,
            lambda: None,
            lambda flow: self.judge(flow),
            self.notes.append,
            self.silent.set,
            silent_s=1,
        )

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        self.socket.sendall(wire.pack(header, body))

    def ask(self, question: int, body: bytes = b"", for_s: float = 10.0) -> None:
        about = {"flow": "f", "client": "127.0.0.1:1", "listener": 2, "method": "GET", "url": "https://a.test/"}
        due = time.monotonic() + for_s
        more = {"request_headers": [["accept", "*/*"]], "headers": [["Content-Type", "text/html; charset=x"]]}
        self.send({"type": "response", "question": question, "due": due, "status": 200, **about, **more}, body)

    def hear(self) -> tuple[dict[str, Any], bytes] | None:
        """The next message; None at the end."""
        while True:
            for message in self._messages:
                return message
            try:
                data = self.socket.recv(1 << 16)
            except ConnectionError:
                return None
            if not data:
                return None
            self._messages = iter(list(self._unpacker.feed(data)))


@pytest.fixture
def addon() -> Iterator[Addon]:
    addon = Addon()
    yield addon
    addon.socket.close()
    addon.link.close()


def test_questions_are_answered_under_their_numbers_several_at_once(addon: Addon) -> None:
    all_there = threading.Barrier(3)

    def judge(flow: FlowMessage) -> FlowVerdict:
        all_there.wait(10)  # nobody is answered before all three are being judged
        return FlowVerdict("replace", body=flow.body.upper(), headers=(("x-a", "b"),))

    addon.judge = judge
    for number in (1, 2, 3):
        addon.ask(number, f"body {number}".encode())
    answers = [message for _ in range(3) if (message := addon.hear()) is not None]
    assert {header["question"]: body for header, body in answers} == {n: f"BODY {n}".encode() for n in (1, 2, 3)}
    assert answers[0][0]["headers"] == [["x-a", "b"]]


def test_a_message_is_what_was_sent(addon: Addon) -> None:
    seen: list[FlowMessage] = []
    addon.judge = lambda flow: seen.append(flow) or PASS  # type: ignore[func-returns-value]
    addon.ask(1, b"<p>")
    assert addon.hear() is not None
    assert (seen[0].kind, seen[0].status, seen[0].body, seen[0].content_type) == ("response", 200, b"<p>", "text/html")


def test_what_nobody_waits_for_any_more_is_not_judged(addon: Addon) -> None:
    judged: list[bytes] = []
    addon.judge = lambda flow: judged.append(flow.body) or PASS  # type: ignore[func-returns-value]
    addon.ask(1, b"old", for_s=-1.0)
    addon.ask(2, b"new")
    answer = addon.hear()
    assert answer is not None
    assert answer[0]["question"] == 2
    assert judged == [b"new"]


def test_a_judge_that_fails_is_said_to_have_no_verdict(addon: Addon) -> None:
    def broken(flow: FlowMessage) -> FlowVerdict:
        raise RuntimeError("a mistake")

    addon.judge = broken
    addon.ask(7)
    answer = addon.hear()
    assert answer is not None
    assert (answer[0]["do"], answer[0]["question"]) == ("none", 7)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        wire.pack({"type": "hello", "v": wire.VERSION + 1}),
        wire.pack({"type": "response"}),
        wire.pack({"type": "surprise"}),
        wire.pack({"type": "note", "what": "grpc"}),
    ],
)
def test_who_does_not_speak_the_protocol_is_cut_off(addon: Addon, sent: bytes) -> None:
    addon.socket.sendall(sent)
    assert addon.hear() is None
    assert addon.hellos == []


def test_rules_are_waited_for_until_they_are_in_force(addon: Addon) -> None:
    done = threading.Event()

    def configure() -> None:
        addon.link.configure(Rules(hosts=("a.test",)), wait_s=10)
        done.set()

    thread = threading.Thread(target=configure)
    thread.start()
    message = addon.hear()
    assert message is not None
    assert message[0]["hosts"] == ["a.test"]
    assert not done.is_set()
    addon.send({"type": "configured", "number": message[0]["number"]})
    thread.join(10)
    assert done.is_set()


def test_notes_and_greetings_arrive_and_silence_is_noticed(addon: Addon) -> None:
    addon.send(HELLO)
    addon.send({"type": "note", "what": "grpc", "count": 3, "host": "a.test"})
    assert addon.silent.wait(10)
    assert addon.hellos == [HELLO]
    assert addon.notes == [Note("grpc", 3, "a.test")]
    assert addon.hear() is None
