"""Commands as root on a phone: whoever roots phones brings a ``su``, and they differ in their words.

- Magisk, KernelSU, APatch, SuperSU: ``su -c 'COMMAND'``. They ask on the phone's screen; refused, Magisk says
  ``Permission denied`` and exits with 13.
- AOSP's, in ``userdebug`` builds and emulators without Play: ``su 0 COMMAND``; it says ``su: invalid uid/gid '-c'`` to
  the other form (``system/extras/su/su.cpp``).
- After ``adb root`` the shell itself is root.
- No root: ``su: inaccessible or not found`` (Android 10 on) or ``su: not found``, exit code 127.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Literal

from backend.errors import PhoneError, PhoneGone, PhoneUnauthorised
from backend.phones.phone import Phone
from backend.phones.shell_protocol import ShellResult

ASK_S = 15.0
"""Magisk asks for ten seconds, and takes silence for a no."""
Way = Literal["adb root", "su -c", "su 0"]


@dataclass(frozen=True, slots=True)
class Root:
    """A way to be root."""

    way: Way

    def command(self, line: str) -> str:
        """`line`, a command line, as root."""
        match self.way:
            case "adb root":
                return line
            case "su -c":
                return f"su -c {shlex.quote(line)}"
            case "su 0":
                return f"su 0 sh -c {shlex.quote(line)}"


@dataclass(frozen=True, slots=True)
class NoRoot:
    """Why not. `asked`: there is a ``su``, and it said no."""

    why: str
    asked: bool = False


def find_root(phone: Phone) -> Root | NoRoot:
    """How to be root on `phone`. Raises PhoneGone, PhoneUnauthorised."""
    if "uid=0" in phone.shell("id").out:
        return Root("adb root")
    try:
        answer = phone.shell(Root("su -c").command("id"), ASK_S)
    except (PhoneGone, PhoneUnauthorised):
        raise
    except PhoneError:
        return NoRoot("su did not answer: is it asking on the phone's screen?", asked=True)
    if "uid=0" in answer.out:
        return Root("su -c")
    said = _last(answer)
    if "invalid uid" in said:
        return Root("su 0") if "uid=0" in phone.shell("su 0 id", ASK_S).out else NoRoot(said)
    if answer.code == 127 or "not found" in said:
        return NoRoot("there is no su")
    return NoRoot(f"su refused: {said}", asked=True)


def _last(answer: ShellResult) -> str:
    lines = (answer.err or answer.out).strip().splitlines()
    return lines[-1] if lines else f"exit code {answer.code}"
