"""Runs the syntax tree: pipelines in threads, redirections to the phone's files, exit statuses as in ``sh``."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import IO

from device_agent.virtual_phone.errors import VirtualPhoneError
from device_agent.virtual_phone.shell import registry
from device_agent.virtual_phone.shell.expansion import expand_text, expand_word
from device_agent.virtual_phone.shell.options import UsageError
from device_agent.virtual_phone.shell.parser import parse
from device_agent.virtual_phone.shell.registry import Call, Session
from device_agent.virtual_phone.shell.streams import (
    Interrupted,
    Nothing,
    Output,
    Pipe,
    PipeClosed,
    Sink,
    Source,
)
from device_agent.virtual_phone.shell.syntax import (
    Group,
    Pipeline,
    Redirect,
    Script,
    ShellSyntaxError,
    Simple,
    Word,
)

log = logging.getLogger(__name__)

SHELL = "/system/bin/sh"
NOT_FOUND = 127
SIGPIPE_STATUS = 141
SIGINT_STATUS = 130


class Exit(Exception):
    """Leave the shell with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _CannotRedirect(Exception):
    """The message is what the shell prints after its own name."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Descriptors 0, 1 and 2 of a command."""

    stdin: Source
    stdout: Sink
    stderr: Sink


class _FileSink:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._file.write(data)
        self._file.flush()


class _FileSource:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        return self._file.read(65536 if size < 0 else size)


class Collector:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.data += data


def run_text(text: str, session: Session, ends: Ends) -> int:
    """Run a whole script as ``sh -c`` does; its exit status."""
    try:
        script = parse(text)
        return run_script(script, session, ends)
    except ShellSyntaxError as error:
        _print(ends.stderr, f"{SHELL}: {error}")
        return 1
    except Exit as leaving:
        return leaving.status


def run_script(script: Script, session: Session, ends: Ends) -> int:
    """Run the steps of a script in this shell; the status of the last that ran.

    Raises:
        Exit: ``exit`` was called.
        StreamClosed: the host left.
    """
    for joint, pipeline in script.steps:
        if session.stop.is_set():
            session.status = SIGINT_STATUS
            break
        if (joint == "&&" and session.status) or (joint == "||" and not session.status):
            continue
        status = _run_pipeline(pipeline, session, ends)
        session.status = int(not status) if pipeline.negated else status
    return session.status


def _run_pipeline(pipeline: Pipeline, session: Session, ends: Ends) -> int:
    if len(pipeline.commands) == 1:
        return _run_command(pipeline.commands[0], session, ends)
    before: Pipe | None = None
    threads = []
    for stage in pipeline.commands[:-1]:
        after = Pipe()
        thread = threading.Thread(
            target=_run_stage,
            args=(stage, session.copy(), ends, before, after),
            name="shell pipeline",
            daemon=True,
        )
        thread.start()
        threads.append(thread)
        before = after
    status = _run_stage(pipeline.commands[-1], session.copy(), ends, before, None)
    for thread in threads:
        thread.join()
    return status


def _run_stage(stage: Simple | Group, session: Session, ends: Ends, before: Pipe | None, after: Pipe | None) -> int:
    """One command of a pipeline, in a shell of its own, between the pipes `before` and `after` it, which it closes."""
    inner = Ends(before or ends.stdin, after or ends.stdout, ends.stderr)
    try:
        return _run_command(stage, session, inner)
    except Exit as leaving:
        return leaving.status
    except ShellSyntaxError as error:
        _print(ends.stderr, f"{SHELL}: {error}")
        return 1
    except ConnectionError:
        return SIGPIPE_STATUS
    finally:
        if after is not None:
            after.end()
        if before is not None:
            before.leave()


def _run_command(node: Simple | Group, session: Session, ends: Ends) -> int:
    with ExitStack() as files:
        try:
            ends = _redirect(node.redirects, session, ends, files)
        except _CannotRedirect as error:
            _print(ends.stderr, f"{SHELL}: {error}")
            return 1
        if isinstance(node, Group):
            return _run_group(node, session, ends)
        return _run_simple(node, session, ends)


def _run_group(group: Group, session: Session, ends: Ends) -> int:
    if not group.subshell:
        return run_script(group.script, session, ends)
    try:
        return run_script(group.script, session.copy(), ends)
    except Exit as leaving:
        return leaving.status


def _run_simple(node: Simple, session: Session, ends: Ends) -> int:
    def substitute(script: Script) -> str:
        return _output_of(script, session, ends)

    words = [field for word in node.words for field in expand_word(word, session, substitute)]
    assigned = {name: expand_text(word, session, substitute) for name, word in node.assignments}
    if not words:
        session.variables.update(assigned)
        return session.status if _substitutes(node) else 0
    before = {name: session.variables.get(name) for name in assigned}
    session.variables.update(assigned)
    try:
        return call(words, session, ends)
    finally:
        for name, value in before.items():
            if value is None:
                session.variables.pop(name, None)
            else:
                session.variables[name] = value


def call(words: list[str], session: Session, ends: Ends) -> int:
    """Run one command by its words; its exit status. A command that fails in an unforeseen way fails alone."""
    function = registry.find(words[0])
    if function is None:
        _print(ends.stderr, f"{SHELL}: {words[0]}: inaccessible or not found")
        return NOT_FOUND
    name = words[0].rpartition("/")[2]
    out = Output(ends.stdout)
    err = out if ends.stderr is ends.stdout else Output(ends.stderr)
    running = Call(name, words[1:], session, ends.stdin, out, err)
    try:
        status = function(running)
    except PipeClosed:
        err.flush()
        return SIGPIPE_STATUS
    except Interrupted:
        status = SIGINT_STATUS
    except (Exit, ShellSyntaxError):
        out.flush()
        err.flush()
        raise
    except ConnectionError:
        raise
    except OSError as error:
        status = running.fail(f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror))
    except VirtualPhoneError as error:
        status = running.fail(str(error))
    except UsageError as error:
        status = running.fail(str(error), error.status)
    except Exception:
        log.exception("shell: %r failed; only this command ends", name)
        status = running.fail("failed inside the virtual phone; its log says more")
    out.flush()
    err.flush()
    return status & 0xFF


def _output_of(script: Script, session: Session, ends: Ends) -> str:
    collector = Collector()
    inner = session.copy()
    try:
        session.status = run_script(script, inner, replace(ends, stdout=collector))
    except Exit as leaving:
        session.status = leaving.status
    return collector.data.decode("utf-8", "surrogateescape")


def _substitutes(node: Simple) -> bool:
    return any(hasattr(part, "script") for _, word in node.assignments for part in word)


def _redirect(redirects: tuple[Redirect, ...], session: Session, ends: Ends, files: ExitStack) -> Ends:
    sinks: dict[int, Sink] = {1: ends.stdout, 2: ends.stderr}
    stdin = ends.stdin
    for redirect in redirects:
        target = _target(redirect.target, session, ends)
        if redirect.operator == ">&":
            sinks[redirect.descriptor] = sinks.get(int(target) if target.isdigit() else -1, Nothing())
        elif redirect.operator == "<":
            stdin = _open_source(target, session, files, ends)
        else:
            sinks[redirect.descriptor] = _open_sink(target, session, files, ends, append=redirect.operator == ">>")
    return Ends(stdin, sinks[1], sinks[2])


def _target(word: Word, session: Session, ends: Ends) -> str:
    return expand_text(word, session, lambda script: _output_of(script, session, ends))


def _open_source(path: str, session: Session, files: ExitStack, ends: Ends) -> Source:
    if path == "/dev/null":
        return Nothing()
    if path in ("/dev/tty", "/dev/stdin"):
        return ends.stdin
    try:
        return _FileSource(files.enter_context(session.files.open_read(path, session.cwd)))
    except OSError as error:
        raise _CannotRedirect(f"can't open {path}: {error.strerror}") from error


def _open_sink(path: str, session: Session, files: ExitStack, ends: Ends, *, append: bool) -> Sink:
    if path == "/dev/null":
        return Nothing()
    if path in ("/dev/tty", "/dev/stdout"):
        return ends.stdout
    if path == "/dev/stderr":
        return ends.stderr
    try:
        return _FileSink(files.enter_context(session.files.open_write(path, session.cwd, append=append)))
    except OSError as error:
        raise _CannotRedirect(f"can't create {path}: {error.strerror}") from error


def _print(sink: Sink, line: str) -> None:
    sink.write(line.encode("utf-8", "surrogateescape") + b"\n")
