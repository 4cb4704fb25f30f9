"""What belongs to the shell itself."""

from __future__ import annotations

import errno
import stat

from device_agent.virtual_phone.shell import registry
from device_agent.virtual_phone.shell.files import error
from device_agent.virtual_phone.shell.interpreter import Ends, Exit, call, run_text
from device_agent.virtual_phone.shell.registry import Call, command
from device_agent.virtual_phone.shell.streams import read_all


@command("true", ":")
def true(io: Call) -> int:
    return 0


@command("false")
def false(io: Call) -> int:
    return 1


@command("exit")
def leave(io: Call) -> int:
    if not io.args:
        raise Exit(io.session.status)
    if not io.args[0].lstrip("-").isdigit():
        return io.fail(f"exit: {io.args[0]}: bad number")
    raise Exit(int(io.args[0]) & 0xFF)


@command("cd")
def change_directory(io: Call) -> int:
    path = io.args[0] if io.args else io.session.variables.get("HOME", "/")
    try:
        if not stat.S_ISDIR(io.files.stat(path, io.cwd).st_mode):
            raise error(errno.ENOTDIR, path)
    except OSError as failure:
        io.err.print(f"/system/bin/sh: cd: {path}: {failure.strerror}")
        return 2
    io.session.cwd = io.files.locate(path, io.cwd).phone
    return 0


@command("pwd")
def print_directory(io: Call) -> int:
    io.out.print(io.cwd)
    return 0


@command("export", "set", "readonly", "typeset", "local")
def export(io: Call) -> int:
    """Every variable is exported already, since commands live in the shell: ``export`` only assigns."""
    for word in io.args:
        name, equals, value = word.partition("=")
        if equals:
            io.session.variables[name] = value
    return 0


@command("unset")
def unset(io: Call) -> int:
    for name in io.args:
        io.session.variables.pop(name, None)
    return 0


@command("env", "printenv")
def environment(io: Call) -> int:
    if io.args:
        value = io.session.variables.get(io.args[0])
        if value is None:
            return 1
        io.out.print(value)
        return 0
    io.out.print(*(f"{name}={value}" for name, value in sorted(io.session.variables.items())))
    return 0


def _ends(io: Call) -> Ends:
    return Ends(io.stdin, io.out, io.err)


@command("exec", "nohup")
def execute(io: Call) -> int:
    """``exec`` ends the shell with the command's status; ``nohup`` only runs it."""
    if not io.args:
        return 0
    status = call(io.args, io.session, _ends(io))
    if io.name == "exec":
        raise Exit(status)
    return status


@command("eval")
def evaluate(io: Call) -> int:
    return run_text(" ".join(io.args), io.session, _ends(io))


@command("sh", "mksh")
def shell(io: Call) -> int:
    inner = io.session.copy()
    if io.args[:1] == ["-c"]:
        return run_text(io.args[1] if len(io.args) > 1 else "", inner, _ends(io))
    if io.args:
        with io.files.open_read(io.args[0], io.cwd) as script:
            text = script.read()
    else:
        text = read_all(io.stdin)
    return run_text(text.decode("utf-8", "surrogateescape"), inner, _ends(io))


@command("command", "which", "type", "whence")
def locate(io: Call) -> int:
    if io.name == "command" and io.args[:1] != ["-v"]:
        return call(io.args, io.session, _ends(io)) if io.args else 0
    missing = 0
    for name in (word for word in io.args if word != "-v"):
        if registry.find(name) is None:
            missing = 1
        else:
            io.out.print(name if name.startswith("/") else f"/system/bin/{name}")
    return missing


@command("test", "[")
def test(io: Call) -> int:
    """The usual primaries with ``!``; and/or of several are left to the shell's ``&&`` and ``||``."""
    words = list(io.args)
    if io.name == "[" and (not words or words.pop() != "]"):
        return io.fail("missing ]", 2)
    negated = words[:1] == ["!"]
    return int(_holds(io, words[negated:]) == negated)


def _holds(io: Call, words: list[str]) -> bool:
    if len(words) < 2:
        return bool(words and words[0])
    if len(words) == 2:
        operator, operand = words
        if operator in ("-z", "-n"):
            return bool(operand) == (operator == "-n")
        try:
            status = io.files.stat(operand, io.cwd)
        except OSError:
            return False  # that is what the question is
        kinds = {
            "-d": stat.S_ISDIR(status.st_mode),
            "-f": stat.S_ISREG(status.st_mode),
            "-s": status.st_size > 0,
        }
        return kinds.get(operator, True)
    left, operator, right = words[0], words[1], words[2]
    if operator in ("=", "==", "!="):
        return (left == right) == (operator != "!=")
    try:
        a, b = int(left), int(right)
    except ValueError:
        return False
    return {"-eq": a == b, "-ne": a != b, "-lt": a < b, "-le": a <= b, "-gt": a > b, "-ge": a >= b}.get(operator, False)
