"""``shell:``, ``shell,v2:`` and ``exec:``: a stream's bytes to a shell and back (AOSP ``daemon/shell_service.cpp``).

Without the v2 protocol a stream carries the output, with the error output in it, and the input. With it, packets tell
input, output, error output, exit status, the end of input and the window's size apart.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from device_agent.virtual_phone.adb import shell_protocol as v2
from device_agent.virtual_phone.adb.stream import Stream
from device_agent.virtual_phone.errors import ProtocolError
from device_agent.virtual_phone.shell.interactive import run_interactive, run_lines
from device_agent.virtual_phone.shell.interpreter import Ends, run_text
from device_agent.virtual_phone.shell.registry import Session
from device_agent.virtual_phone.shell.streams import Buffer, Pipe, Sink
from device_agent.virtual_phone.shell.terminal import Terminal

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShellRequest:
    """What a service name such as ``shell,v2,TERM=xterm,raw:ls`` asks for."""

    command: str
    protocol: bool
    pty: bool
    term: str = "dumb"


def parse_request(arguments: str, command: str) -> ShellRequest:
    """The request in ``shell,ARGUMENTS:COMMAND``. Unknown arguments are ignored, as on Android."""
    words = arguments.split(",") if arguments else []
    pty = not command
    term = "dumb"
    for word in words:
        if word in ("raw", "pty"):
            pty = word == "pty"
        elif word.startswith("TERM="):
            term = word[5:]
    return ShellRequest(command, protocol="v2" in words, pty=pty, term=term)


class _Packets:
    """A sink that wraps what is written into packets of one kind, each within one ADB payload."""

    def __init__(self, stream: Stream, kind: int) -> None:
        self._stream = stream
        self._kind = kind
        self._limit = stream.max_payload - v2.HEADER.size

    def write(self, data: Buffer) -> None:
        view = memoryview(data).cast("B")
        for start in range(0, len(view), self._limit):
            self._stream.write(v2.encode(self._kind, view[start : start + self._limit]))


def serve_shell(stream: Stream, request: ShellRequest, session: Session) -> None:
    """Run the shell that `request` describes until it ends or the host leaves.

    Raises:
        StreamClosed: the host left first.
    """
    stdin = Pipe()
    stream.on_close(session.left.set)
    stream.on_close(session.stop.set)
    stream.on_close(stdin.end)
    session.variables["TERM"] = request.term
    stdout: Sink = _Packets(stream, v2.STDOUT) if request.protocol else stream
    stderr: Sink = _Packets(stream, v2.STDERR) if request.protocol else stdout
    terminal = Terminal(stdout, stdin, session.stop) if request.pty else None
    pump = threading.Thread(
        target=_pump_input,
        args=(stream, request, session, stdin, terminal),
        name="adb shell input",
        daemon=True,
    )
    pump.start()
    sink: Sink = terminal or stdout
    ends = Ends(stdin, sink, sink if terminal else stderr)
    try:
        if request.command:
            status = run_text(request.command, session, ends)
        elif terminal:
            status = run_interactive(session, ends, stdin)
        else:
            status = run_lines(session, ends)
        if request.protocol:
            stream.write(v2.encode(v2.EXIT, bytes([status & 0xFF])))
    finally:
        stdin.leave()
        stream.close()
        pump.join()


def _pump_input(
    stream: Stream, request: ShellRequest, session: Session, stdin: Pipe, terminal: Terminal | None
) -> None:
    """From the stream to the shell's input until either ends."""
    feed = terminal.feed if terminal else stdin.write
    decoder = v2.Decoder()
    try:
        for data in iter(stream.read, b""):
            if not request.protocol:
                feed(data)
                continue
            for kind, packet in decoder.feed(data):
                if kind == v2.STDIN:
                    feed(packet)
                elif kind == v2.CLOSE_STDIN:
                    stdin.end()
                elif kind == v2.WINDOW_SIZE:
                    _resize(session, packet)
    except ProtocolError as error:
        log.warning("shell: %s; the stream is closed", error)
        stream.close()
    except ConnectionError as error:
        log.debug("shell input: %s", error)
        _drain(stream)


def _drain(stream: Stream) -> None:
    """Nobody reads the input any more: keep acknowledging it, so that the host does not wait with it."""
    try:
        for _ in iter(stream.read, b""):
            continue
    except ConnectionError as error:
        log.debug("shell input: %s", error)


def _resize(session: Session, packet: bytes) -> None:
    """``rowsxcols,widthxheight`` as text."""
    rows_columns = packet.rstrip(b"\0").split(b",")[0].split(b"x")
    if len(rows_columns) == 2 and rows_columns[1].isdigit():
        session.columns = int(rows_columns[1])
        session.variables["COLUMNS"] = str(session.columns)
