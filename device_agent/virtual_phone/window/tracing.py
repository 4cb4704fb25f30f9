"""Whether an app's process lets others trace it.

Under Yama's scope 1 (Ubuntu's default) only a process's parents may trace it, unless it names others itself. The
apps of this phone are there to be traced, so each names everybody, which for Yama still means the same user. It must
say so itself, before it becomes Java: a small program does, and then turns into the app under the same process id. The
exception holds for the process and outlives its exec (Linux, security/yama/yama_lsm.c)."""

from __future__ import annotations

import sys
from pathlib import Path

SCOPE = Path("/proc/sys/kernel/yama/ptrace_scope")
RESTRICTED = "1"
ALLOW = """
import ctypes, os, sys
PR_SET_PTRACER, PR_SET_PTRACER_ANY = 0x59616D61, ctypes.c_ulong(-1)
ctypes.CDLL(None).prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def traceable(command: list[str], scope: Path = SCOPE) -> list[str]:
    """The command that runs `command` so that any process of this user may trace it; itself where that is so anyway."""
    try:
        restricted = scope.read_text().strip() == RESTRICTED
    except OSError:  # no Yama in this kernel
        restricted = False
    return [sys.executable, "-I", "-S", "-c", ALLOW, *command] if restricted else command
