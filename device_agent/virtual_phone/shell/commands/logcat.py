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
POLL_S = 0.2


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


def _parse(words: Sequence[str]) -> _Request:
    request, waiting = _Request(), list(words)

    def value(option: str) -> str:
        if not waiting:
            raise UsageError(f"option requires an argument -- {option}")
        return waiting.pop(0)

    while waiting:
        word = waiting.pop(0)
        name, equals, given = word.partition("=")
        if word == "-d":
            request.dump = True
        elif word in ("-c", "--clear"):
            request.clear = True
        elif word == "-s":
            request.silent = True
        elif name in ("-v", "--format"):
            request.pattern = (given if equals else value("v")).split()[0].split(",")[0]
        elif name in ("-t", "-T", "--tail"):
            given = given if equals else value("t")
            request.last = int(given) if given.isdigit() else None
            request.dump = request.dump or name == "-t"
        elif name in ("-b", "--buffer", "-G", "--buffer-size", "-r", "-n", "-f"):
            if not equals:
                value(name)
        elif name == "--pid":
            given = given if equals else value("pid")
            request.pid = int(given) if given.isdigit() else -1
        elif name in ("-e", "--regex"):
            request.expression = given if equals else value("e")
        elif name in ("-m", "--max-count"):
            request.limit = int(given if equals else value("m"))
        elif word.startswith("-"):
            raise UsageError(f"unrecognized option '{word}'")
        else:
            tag, _, level = word.partition(":")
            level = (level or "V").upper().replace("*", "V")
            if level not in LEVELS:
                raise UsageError(f"Invalid filter expression '{word}'")
            request.levels[tag] = level
    if request.pattern not in FORMATS:
        raise UsageError(f'Invalid parameter "{request.pattern}" to -v')
    return request


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
