"""Whether this machine's kernel lets us trace the virtual phone's apps.

Yama, a security module of Linux, may forbid it (``Documentation/admin-guide/LSM/Yama.rst``).
"""

from __future__ import annotations

from pathlib import Path

SCOPE = Path("/proc/sys/kernel/yama/ptrace_scope")
_SCOPES = {
    0: "any process of the same user may be traced",
    1: "only a process that allows it, or a child, may be traced",
    2: "only root may trace",
    3: "nobody may trace until the next boot",
}

_OR = "or act on the mirror: --on mirror"


def scope() -> int | None:
    """Yama's ``ptrace_scope``; None where there is no Yama."""
    try:
        return int(SCOPE.read_text())
    except (OSError, ValueError):
        return None


def describe() -> str:
    """What the kernel allows, for the doctor."""
    found = scope()
    return "no limits of Yama's" if found is None else f"ptrace_scope {found}: {_SCOPES.get(found, 'unknown')}"


def remedy() -> str:
    """What to do when the kernel refused. Scope 1 alone is no reason: the virtual phone's apps allow their tracer."""
    match scope():
        case 3:
            return f"this kernel lets nobody trace until it boots with another ptrace_scope; {_OR}"
        case 1 | 2 as limited:
            return f"sudo sysctl kernel.yama.ptrace_scope={limited - 1} allows it until the next boot; {_OR}"
        case _:
            return "run the phone and the backend as the same user; a container needs the capability SYS_PTRACE"
