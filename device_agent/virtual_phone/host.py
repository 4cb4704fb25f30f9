"""The phone's apps as processes of this machine, for whoever reaches the phone over ADB and may be beside it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal

PROPERTY = "ro.mindproof.host"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = "/proc/self/ns/pid"


def mark() -> str:
    """Names this boot of this machine and this table of process ids; empty where the system does not tell them.

    Two programs with the same mark mean the same process by the same process id. It tells nothing else of the machine.
    """
    try:
        seen = f"{_BOOT_ID.read_text().strip()} {os.readlink(_PID_NAMESPACE)}"
    except OSError:
        return ""
    return hashlib.sha256(f"mindproof {seen}".encode()).hexdigest()[:32]


_LINK_THREAD = "window-link"
Stage = Literal["gone", "starting", "up"]


def stage(pid: int, package: str) -> Stage:
    """Whether the process `pid` of this machine is the app `package`, and whether its virtual machine runs yet.

    "gone" is a process that is not there, or another's. The thread that talks to the window server is the framework's
    first.
    """
    process = Path(f"/proc/{pid}")
    try:
        if package.encode() not in (process / "cmdline").read_bytes().split(b"\0"):
            return "gone"
        names = {(thread / "comm").read_text().strip() for thread in (process / "task").iterdir()}
    except OSError:  # it, or one of its threads, ended meanwhile
        return "starting" if process.exists() else "gone"
    return "up" if _LINK_THREAD in names else "starting"
