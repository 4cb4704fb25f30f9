"""What commands read from and write to: byte pipes, buffered outputs, and what sits at their ends."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Protocol

Buffer = bytes | bytearray | memoryview


class PipeClosed(ConnectionError):
    """Nobody reads what is being written: a command that gets this ends, as by SIGPIPE."""


class Interrupted(Exception):
    """Somebody pressed Ctrl-C while a command waited for input."""


class Sink(Protocol):
    """Where bytes go. Raises a `ConnectionError` when nobody takes them any more."""

    def write(self, data: Buffer) -> None: ...


class Source(Protocol):
    """Where bytes come from."""

    def read(self, size: int = -1) -> bytes:
        """At least one byte and at most `size` (any number with -1), waiting for it; nothing at the end."""
        ...


class Nothing:
    """``/dev/null``."""

    def write(self, data: Buffer) -> None:
        return

    def read(self, size: int = -1) -> bytes:
        return b""


class Pipe:
    """A bounded pipe between two threads."""

    def __init__(self, capacity: int = 1 << 20) -> None:
        self._capacity = capacity
        self._parts: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._reader_left = False
        self._interrupted = False
        self._changed = threading.Condition()

    def write(self, data: Buffer) -> None:
        """Waits while the pipe is full.

        Raises:
            PipeClosed: the reader left.
        """
        if not len(data):
            return
        with self._changed:
            self._changed.wait_for(lambda: self._size < self._capacity or self._reader_left)
            if self._reader_left:
                raise PipeClosed("nobody reads this pipe")
            self._parts.append(bytes(data))
            self._size += len(data)
            self._changed.notify_all()

    def read(self, size: int = -1) -> bytes:
        """As a `Source`.

        Raises:
            Interrupted: `interrupt` was called before there was anything to read.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._parts or self._ended or self._reader_left or self._interrupted)
            if self._interrupted:
                self._interrupted = False
                raise Interrupted
            if not self._parts:
                return b""
            part = self._parts.popleft()
            if 0 <= size < len(part):
                self._parts.appendleft(part[size:])
                part = part[:size]
            self._size -= len(part)
            self._changed.notify_all()
            return part

    def interrupt(self) -> None:
        """Make the reader's next `read`, or the one it waits in, raise `Interrupted`; what was typed ahead is lost."""
        with self._changed:
            self._interrupted = True
            self._parts.clear()
            self._size = 0
            self._changed.notify_all()

    def forget_interrupt(self) -> None:
        """An interrupt that nobody has read has done its work already."""
        with self._changed:
            self._interrupted = False

    def end(self) -> None:
        """The writer has nothing more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def leave(self) -> None:
        """The reader wants nothing more."""
        with self._changed:
            self._reader_left = True
            self._parts.clear()
            self._size = 0
            self._changed.notify_all()


class Output:
    """A buffered output. Text and small writes are gathered, since each write to a host costs a round trip."""

    LIMIT = 64 * 1024

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = bytearray()

    def write(self, data: Buffer) -> None:
        if len(data) >= self.LIMIT:
            self.flush()
            self._sink.write(data)
            return
        self._buffer += data
        if len(self._buffer) >= self.LIMIT:
            self.flush()

    def print(self, *lines: str) -> None:
        """Write each as a line."""
        for line in lines:
            self.write(line.encode("utf-8", "surrogateescape") + b"\n")

    def flush(self) -> None:
        if self._buffer:
            data, self._buffer = bytes(self._buffer), bytearray()
            self._sink.write(data)


def read_all(source: Source) -> bytes:
    """Everything until the end."""
    return b"".join(iter(source.read, b""))


def lines_of(source: Source) -> Iterator[bytes]:
    """Lines as they come, each with its line end (the last one perhaps without)."""
    rest = b""
    for part in iter(source.read, b""):
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            yield line + b"\n"
    if rest:
        yield rest
