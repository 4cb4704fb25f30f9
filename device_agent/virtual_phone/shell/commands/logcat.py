"""logcat (AOSP ``logcat.cpp``): the device's log, dumped or followed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from device_agent.virtual_phone.device import LogLine
from device_agent.virtual_phone.shell.options import UsageError
from device_agent.virtual_phone.shell.registry import Call, command

LEVELS = "VDIWEFS"
POLL_S = 0.02


def _clock(line: LogLine) -> str:
    moment = time.gmtime(line.time_s)
    return f"{time.strftime('%m-%d %H:%M:%S', moment)}.{int(line.time_s % 1 * 1000):03d}"


FORMATS: dict[str, Callable[[LogLine], str]] = {
    "brief": lambda line: f"{line.level}/{line.tag:<8}({line.pid:5d}): {line.message}",
    "process": lambda line: f"{line.level}({line.pid:5d}) {line.message}  ({line.tag})",
    "tag": lambda line: f"{line.level}/{line.tag:<8}: {line.message}",
    "thread": lambda line: f"{line.level}({line.pid:5d}:{line.pid:5d}) {line.message}",
    "raw": lambda line: line.message,
    "time": lambda line: f"{_clock(line)} {line.level}/{line.tag:<8}({line.pid:5d}): {line.message}",
    "threadtime": lambda line: f"{_clock(line)} {line.pid:5d} {line.pid:5d} {line.level} {line.tag:<8}: {line.message}",
    "epoch": lambda line: f"{line.time_s:.3f} {line.pid:5d} {line.pid:5d} {line.level} {line.tag:<8}: {line.message}",
}


@dataclass(slots=True)
class _Request:
    dump: bool = False
    clear: bool = False
    pattern: str = "threadtime"
    last: int | None = None
    pid: int | None = None
    expression: str = ""
    limit: int | None = None
    silent: bool = False
    levels: dict[str, str] = field(default_factory=dict)

    def wants(self, line: LogLine) -> bool:
        if self.pid not in (None, line.pid) or (self.expression and not re.search(self.expression, line.message)):
            return False
        least = self.levels.get(line.tag, self.levels.get("*", "S" if self.silent else "V"))
        return LEVELS.index(line.level) >= LEVELS.index(least)


_VALUED = {
    "-v": "format",
    "--format": "format",
    "-t": "last and dump",
    "-T": "last",
    "--tail": "last",
    "--pid": "pid",
    "-e": "regex",
    "--regex": "regex",
    "-m": "count",
    "--max-count": "count",
    "-b": "ignored",
    "--buffer": "ignored",
}


def _parse(words: Sequence[str]) -> _Request:
    """The request in the arguments.

    Raises:
        UsageError: an unknown option, a missing value, or a filter or format that does not exist.
        ValueError: a number is none.
    """
    request, waiting = _Request(), list(words)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        if name in _VALUED:
            if not equals and not waiting:
                raise UsageError(f"option requires an argument -- {name.lstrip('-')}")
            _set(request, _VALUED[name], value if equals else waiting.pop(0))
        elif word == "-d":
            request.dump = True
        elif word in ("-c", "--clear"):
            request.clear = True
        elif word == "-s":
            request.silent = True
        elif word.startswith("-"):
            raise UsageError(f"unrecognized option '{word}'")
        else:
            _add_filter(request, word)
    return request


def _set(request: _Request, what: str, value: str) -> None:
    if what == "format":
        request.pattern = value.partition(",")[0].strip()
        if request.pattern not in FORMATS:
            raise UsageError(f'Invalid parameter "{value}" to -v')
    elif what.startswith("last"):
        request.last = int(value) if value.isdigit() else None  # otherwise a time, from which everything is shown
        request.dump = request.dump or what == "last and dump"
    elif what == "pid":
        request.pid = int(value)
    elif what == "count":
        request.limit = int(value)
    elif what == "regex":
        request.expression = value


def _add_filter(request: _Request, word: str) -> None:
    """``TAG:LEVEL`` or ``TAG``."""
    tag, _, level = word.partition(":")
    level = (level or "V").upper().replace("*", "V")
    if level not in tuple(LEVELS):
        raise UsageError(f"Invalid filter expression '{word}'")
    request.levels[tag] = level


@command("logcat")
def logcat(io: Call) -> int:
    try:
        request = _parse(io.args)
        re.compile(request.expression)
    except (ValueError, re.error) as error:
        raise UsageError(str(error)) from error
    shared = io.session.shared
    lines, position = io.device.log(shared.log_from)
    if request.clear:
        shared.log_from = position
        return 0
    shown = [line for line in lines if request.wants(line)]
    shown = shown[-request.last :] if request.last else shown
    left = request.limit if request.limit is not None else -1
    io.out.print("--------- beginning of main")
    while True:
        for line in shown:
            if left == 0:
                return 0
            left -= 1
            io.out.print(*(FORMATS[request.pattern](line)).split("\n"))
        if request.dump:
            return 0
        io.out.flush()
        if io.session.stop.wait(POLL_S):
            return 130
        lines, position = io.device.log(position)
        shown = [line for line in lines if request.wants(line)]
