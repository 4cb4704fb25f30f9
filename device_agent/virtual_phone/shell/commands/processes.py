"""ps, pidof, kill (toybox)."""

from __future__ import annotations

from collections.abc import Callable

from device_agent.virtual_phone.device import Process
from device_agent.virtual_phone.shell.options import UsageError, take_flags
from device_agent.virtual_phone.shell.registry import Call, command

_COLUMNS: dict[str, tuple[int, Callable[[Process], str]]] = {
    "USER": (-12, lambda p: p.user),
    "PID": (5, lambda p: str(p.pid)),
    "PPID": (5, lambda p: str(p.ppid)),
    "VSZ": (10, lambda p: str(p.rss_kib * 4)),
    "RSS": (6, lambda p: str(p.rss_kib)),
    "WCHAN": (-10, lambda p: "0"),
    "ADDR": (10, lambda p: "0"),
    "S": (-1, lambda p: "S"),
    "NAME": (-27, lambda p: p.name),
    "CMD": (-27, lambda p: p.name.rpartition("/")[2]),
    "ARGS": (-27, lambda p: p.name),
    "CMDLINE": (-27, lambda p: p.name),
    "COMM": (-15, lambda p: p.name[:15]),
    "UID": (5, lambda p: p.user),
    "TID": (5, lambda p: str(p.pid)),
}
_DEFAULT = ("USER", "PID", "PPID", "VSZ", "RSS", "WCHAN", "ADDR", "S", "NAME")
_SHELL_PID = 2000


@command("ps")
def processes(io: Call) -> int:
    """All processes with ``-A`` or ``-e``; otherwise, as on Android, the shell's own."""
    options, operands = take_flags(io, "AefTlwMZ", "opu")
    shown = [Process(1, 0, "root", "init"), *io.device.processes()]
    own = Process(_SHELL_PID, 1, "shell", "ps")
    rows = [*{process.pid: process for process in shown}.values(), own]
    if "p" in options:
        wanted = set(options["p"].split(","))
        rows = [process for process in rows if str(process.pid) in wanted]
    elif "u" in options:
        rows = [process for process in rows if process.user == options["u"]]
    elif not {"A", "e"} & options.keys() and not operands:
        rows = [own]
    columns = options["o"].upper().split(",") if "o" in options else list(_DEFAULT)
    names = [column.partition(":")[0].partition("=")[0] for column in columns]
    unknown = next((name for name in names if name not in _COLUMNS), None)
    if unknown is not None:
        raise UsageError(f"bad -o {unknown.lower()}")
    io.out.print(_row(names, names))
    for process in rows:
        io.out.print(_row(names, [_COLUMNS[name][1](process) for name in names]))
    return 0


def _row(names: list[str], values: list[str]) -> str:
    cells = []
    for name, value in zip(names, values, strict=True):
        width = _COLUMNS[name][0]
        cells.append(value.rjust(width) if width > 0 else value.ljust(-width))
    return " ".join(cells)


@command("pidof")
def pid_of(io: Call) -> int:
    options, names = take_flags(io, "s", "o")
    found = [str(p.pid) for p in io.device.processes() if p.name in names or p.name.rpartition("/")[2] in names]
    if not found:
        return 1
    io.out.print(found[0] if "s" in options else " ".join(found))
    return 0


@command("kill", "killall", "pkill")
def kill(io: Call) -> int:
    """Refused: a shell user may signal no app's process."""
    operands = [word for word in io.args if not word.startswith("-")]
    for operand in operands:
        io.fail(f"{operand}: Operation not permitted" if operand.isdigit() else f"{operand}: No such process")
    return 1
