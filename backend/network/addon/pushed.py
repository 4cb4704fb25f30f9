"""Answers that go on: a server pushes one message after the other, as server-sent events or as lines of JSON.

Server-sent events (WHATWG HTML, section 9.2) end with an empty line, lines of JSON with their own. Messages are taken
from the stream and put back; of an event only the data can change, its other fields and its line ends stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_EVENT_END = re.compile(rb"(?:\r\n|\r(?!\n)|\n)(?:\r\n|\r|\n)")
_LINE_END = re.compile(rb"\n")
_LINE = re.compile(rb"[^\r\n]+(?:\r\n|\r|\n)?|\r\n|\r|\n")
EVENT_TYPES = ("text/event-stream",)
LINE_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")


class Pushed:
    """The stream of one answer: bytes go in, messages come out.

    Args:
        events: whether it is of events; of lines otherwise.
        most: bytes that a message may have. A longer one, and all that follows it, is not taken apart: `overlong`.
    """

    def __init__(self, *, events: bool, most: int) -> None:
        self._events, self._most = events, most
        self._rest = bytearray()
        self._seen = 0
        self.overlong = False
        self.number = 0

    @classmethod
    def of_type(cls, content_type: str, most: int) -> Pushed | None:
        """The stream of an answer of this type; None for a type that is not pushed."""
        kind = content_type.partition(";")[0].strip().lower()
        return cls(events=kind in EVENT_TYPES, most=most) if kind in (*EVENT_TYPES, *LINE_TYPES) else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are complete with `data`, each with its end. Of an overlong one, the bytes as they come."""
        self._rest += data
        end = _EVENT_END if self._events else _LINE_END
        start = 0
        # An end is at most four bytes long: what was searched before is not searched again.
        while not self.overlong and (found := end.search(self._rest, max(start, self._seen - 3))):
            yield bytes(self._rest[start : found.end()])
            start = found.end()
        del self._rest[:start]
        self._seen = len(self._rest)
        if self.overlong or len(self._rest) > self._most:
            self.overlong = True
            yield from self.close()

    def close(self) -> Iterator[bytes]:
        """What is left when the answer ends: a message without an end."""
        if self._rest:
            yield bytes(self._rest)
            self._rest.clear()
            self._seen = 0

    def content(self, message: bytes) -> bytes:
        """What a message says: the data of an event, its lines joined; a line without its end. Empty: nothing."""
        if not self._events:
            return message.strip()
        return b"\n".join(_value(line) for line in _LINE.findall(message) if _name(line) == b"data")

    def saying(self, message: bytes, said: bytes) -> bytes:
        """`message` with another content."""
        if not self._events:
            return message.replace(message.strip(), b" ".join(said.splitlines()), 1)
        lines = _LINE.findall(message)
        first = next(at for at, line in enumerate(lines) if _name(line) == b"data")
        end = lines[first][len(lines[first].rstrip(b"\r\n")) :] or b"\n"
        data = [b"data: " + line + end for line in said.split(b"\n")]
        others = [line for line in lines[first:] if _name(line) != b"data"]
        return b"".join([*lines[:first], *data, *others])


def _name(line: bytes) -> bytes:
    return line.rstrip(b"\r\n").partition(b":")[0].removeprefix(b"\xef\xbb\xbf")


def _value(line: bytes) -> bytes:
    return line.rstrip(b"\r\n").partition(b":")[2].removeprefix(b" ")
