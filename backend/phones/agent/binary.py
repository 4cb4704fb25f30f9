"""The file of a frida-server that somebody supplies: whether it can run on a phone, by its ELF header (``elf(5)``)."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

from backend.errors import InputError

_MAGIC, _XZ = b"\x7fELF", b"\xfd7zXZ\0"
_MACHINES = {3: "x86", 40: "armeabi-v7a", 62: "x86_64", 183: "arm64-v8a"}
_RELEASES = {"x86": "x86", "armeabi-v7a": "arm", "x86_64": "x86_64", "arm64-v8a": "arm64"}
"""How Frida's releases name what Android calls an ABI."""
_HEADER_32, _HEADER_64 = struct.Struct("<16sHHIIII"), struct.Struct("<16sHHIQQQ")
_PT_INTERP = 3
_HEAD = 1 << 16
"""The program headers and the interpreter's name lie at the beginning of the file."""


def release_name(abi: str, version: str = "") -> str:
    """The file of Frida's release for a phone's `abi`: ``frida-server-17.26.2-android-arm64.xz``."""
    return f"frida-server-{version or 'VERSION'}-android-{_RELEASES.get(abi, abi)}.xz"


@dataclass(frozen=True, slots=True)
class ServerBinary:
    """A frida-server for Android on this machine's disk. `abi` in Android's words."""

    path: Path
    abi: str
    size: int
    sha256: str

    @property
    def remote_name(self) -> str:
        """What the file is called on the phone; another file has another name."""
        return f"mindproof-frida-server-{self.sha256[:12]}"


def read_binary(path: Path) -> ServerBinary:
    """What the file at `path` is.

    Raises:
        InputError: it cannot be read, is compressed, or is no program for Android.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path}, which was to be pushed as frida-server, cannot be read: {error}", "check it"
        ) from error
    if content.startswith(_XZ):
        raise InputError(f"{path} is still compressed", f"unpack it: unxz {path}")
    try:
        abi, interpreter = _read_header(content[:_HEAD])
    except (struct.error, ValueError) as error:
        raise InputError(f"{path} is no program that a phone can run: {error}", _WHERE) from error
    if not interpreter.startswith("/system/bin/linker"):
        what = f"is made for {interpreter}" if interpreter else "is a library"
        raise InputError(f"{path} {what}, not a program for Android", _WHERE)
    return ServerBinary(path, abi, len(content), hashlib.sha256(content).hexdigest())


_WHERE = f"take {release_name('arm64-v8a')} (or your phone's ABI) from Frida's releases, and unpack it"


def _read_header(head: bytes) -> tuple[str, str]:
    """ABI and interpreter ("" if none). Raises ValueError, struct.error."""
    if not head.startswith(_MAGIC) or len(head) < 64:
        raise ValueError("it does not begin as an ELF file")
    if head[5] != 1:
        raise ValueError("it is big-endian")
    wide = head[4] == 2
    _, _, machine, _, _, table, _ = (_HEADER_64 if wide else _HEADER_32).unpack_from(head)
    if machine not in _MACHINES:
        raise ValueError(f"its machine type {machine} is none of Android's")
    entry_size, count = struct.unpack_from("<HH", head, 54 if wide else 42)
    for number in range(count):
        at = table + number * entry_size
        if struct.unpack_from("<I", head, at)[0] == _PT_INTERP:
            offset = struct.unpack_from("<Q", head, at + 8)[0] if wide else struct.unpack_from("<I", head, at + 4)[0]
            return _MACHINES[machine], head[offset : head.index(b"\0", offset)].decode("ascii", "replace")
    return _MACHINES[machine], ""
