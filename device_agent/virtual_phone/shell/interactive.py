"""A shell that reads its commands from its input: at a prompt, or from a pipe of the host's."""

from __future__ import annotations

from collections.abc import Callable

from device_agent.virtual_phone.shell.interpreter import SHELL, Ends, Exit, run_script
from device_agent.virtual_phone.shell.parser import parse
from device_agent.virtual_phone.shell.registry import Session
from device_agent.virtual_phone.shell.streams import Interrupted, Pipe, Source
from device_agent.virtual_phone.shell.syntax import Script, ShellSyntaxError

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
    """Commands from a pipe, without a prompt (``echo ls | adb shell``); the status of the last."""
    lines = LineSource(ends.stdin)
    ends = Ends(lines, ends.stdout, ends.stderr)
    try:
        while (script := _read_script(lines, ends, session, prompt=lambda continued: None)) is not None:
            _run(script, session, ends)
    except Exit as leaving:
        return leaving.status
    return session.status


def run_interactive(session: Session, ends: Ends, keyboard: Pipe) -> int:
    """A prompt on a terminal, until Ctrl-D or ``exit``; Ctrl-C ends a command, or empties the line."""
    lines = LineSource(keyboard)
    ends = Ends(lines, ends.stdout, ends.stderr)

    def prompt(continued: bool) -> None:
        ends.stdout.write(("> " if continued else _prompt(session)).encode())

    while not session.left.is_set():
        try:
            script = _read_script(lines, ends, session, prompt)
            if script is None:
                break
            _run(script, session, ends)
        except Interrupted:
            session.stop.clear()
        except Exit as leaving:
            return leaving.status
        if session.stop.is_set():
            session.stop.clear()
            keyboard.forget_interrupt()
    return session.status


def _read_script(lines: LineSource, ends: Ends, session: Session, prompt: Callable[[bool], None]) -> Script | None:
    """As many lines as make a script; None at the end. Lines that cannot become one are told, and skipped."""
    text = ""
    while True:
        prompt(bool(text))
        line = lines.line()
        text += line.decode("utf-8", "surrogateescape")
        try:
            script = parse(text)
        except ShellSyntaxError as error:
            if line and any(word in str(error) for word in _INCOMPLETE):
                continue
            _complain(ends, error)
            session.status, text = 1, ""
            if not line:
                return None
            continue
        return script if line else None


def _run(script: Script, session: Session, ends: Ends) -> None:
    try:
        run_script(script, session, ends)
    except ShellSyntaxError as error:
        _complain(ends, error)
        session.status = 1


def _complain(ends: Ends, error: ShellSyntaxError) -> None:
    ends.stderr.write(f"{SHELL}: {error}\n".encode())


def _prompt(session: Session) -> str:
    status = f"{session.status}|" if session.status else ""
    device = session.device.properties.get("ro.product.device", "virtual")
    return f"{status}{device}:{session.cwd} $ "
