"""A shell that reads its commands from its input: at a prompt, or from a pipe of the host's."""

from __future__ import annotations

from device_agent.virtual_phone.shell.interpreter import SHELL, Ends, Exit, run_script
from device_agent.virtual_phone.shell.parser import parse
from device_agent.virtual_phone.shell.registry import Session
from device_agent.virtual_phone.shell.streams import Interrupted, Sink, Source
from device_agent.virtual_phone.shell.syntax import ShellSyntaxError

_INCOMPLETE = ("no closing", "unexpected end of file", "unmatched")


class LineSource:
    """Lines of a source, of which a command may read what follows its own line."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rest = b""

    def line(self) -> bytes:
        """The next line with its end; nothing when there is none."""
        while b"\n" not in self._rest:
            part = self._source.read()
            if not part:
                line, self._rest = self._rest, b""
                return line
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return line + b"\n"

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            return self._source.read(size)
        cut = len(self._rest) if size < 0 else size
        part, self._rest = self._rest[:cut], self._rest[cut:]
        return part


def run_lines(session: Session, ends: Ends) -> int:
    """Commands from a pipe, without a prompt (``echo ls | adb shell``)."""
    return _loop(session, ends, None)


def run_interactive(session: Session, ends: Ends, terminal: Sink) -> int:
    """A prompt on a terminal."""
    return _loop(session, ends, terminal)


def _loop(session: Session, ends: Ends, terminal: Sink | None) -> int:
    lines = LineSource(ends.stdin)
    ends = Ends(lines, ends.stdout, ends.stderr)
    pending = ""
    while True:
        if terminal is not None:
            terminal.write((_prompt(session) if not pending else "> ").encode())
        try:
            line = lines.line()
        except Interrupted:
            session.stop.clear()
            pending = ""
            continue
        if not line or session.left.is_set():
            return session.status
        pending += line.decode("utf-8", "surrogateescape")
        try:
            script = parse(pending)
        except ShellSyntaxError as error:
            if any(word in str(error) for word in _INCOMPLETE):
                continue
            _complain(ends, error)
            session.status, pending = 1, ""
            continue
        pending = ""
        try:
            run_script(script, session, ends)
        except ShellSyntaxError as error:
            _complain(ends, error)
            session.status = 1
        except Exit as leaving:
            return leaving.status
        if terminal is not None:
            session.stop.clear()


def _complain(ends: Ends, error: ShellSyntaxError) -> None:
    ends.stderr.write(f"{SHELL}: {error}\n".encode())


def _prompt(session: Session) -> str:
    status = f"{session.status}|" if session.status else ""
    device = session.device.properties.get("ro.product.device", "virtual")
    return f"{status}{device}:{session.cwd} $ "
