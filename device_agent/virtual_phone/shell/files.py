"""The phone's file system: a folder of the host that nothing leaves, with an Android shell user's permissions.

Paths are resolved component by component, as under ``chroot``: ``..`` stops at the root, and a symbolic link is
followed inside the root even when its text is absolute. Errors are `OSError` with Android's numbers and words.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MAX_LINKS = 40
ALIASES = ("/storage/emulated/0", "/storage/self/primary", "/mnt/sdcard", "/mnt/user/0/primary")
"""Other names of ``/sdcard``."""
USER_STORE = "/data/misc/user/0/cacerts-added"
"""The certificate authorities that the user trusts. The shell may write there: nobody taps "Install" on this phone."""
WRITABLE = ("/sdcard", "/data/local/tmp", USER_STORE)


@dataclass(frozen=True, slots=True)
class Location:
    """A place on the phone and where the host keeps it."""

    phone: str
    host: Path


def error(number: int, path: str) -> OSError:
    """The `OSError` of that number (a subclass where Python has one) with its usual words."""
    return OSError(number, os.strerror(number), path)


def within(path: str, folders: tuple[str, ...]) -> bool:
    """Whether `path` is one of `folders` or inside one."""
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


@contextmanager
def told_of(path: str) -> Iterator[None]:
    """Errors of the host's calls inside name the phone's `path`, not the host's."""
    try:
        yield
    except OSError as failure:
        raise error(failure.errno or errno.EIO, path) from failure


class PhoneFiles:
    """File access for the user ``shell``. All paths are the phone's; relative ones start at `cwd`.

    Args:
        root: the host's folder that is the phone's ``/``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def locate(self, path: str, cwd: str = "/", *, follow: bool = True) -> Location:
        """Where `path` is, existing or not.

        Args:
            follow: whether a link in the last component is followed.

        Raises:
            OSError: ELOOP, ENAMETOOLONG, or EINVAL for a path with a null in it.
        """
        if "\0" in path:
            raise error(errno.EINVAL, path)
        if len(path.encode("utf-8", "surrogateescape")) > 1024:
            raise error(errno.ENAMETOOLONG, path)
        waiting = [*cwd.split("/"), *path.split("/")] if not path.startswith("/") else path.split("/")
        waiting.reverse()
        done: list[str] = []
        links = 0
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                done = done[:-1]
                continue
            done = self._unalias([*done, part])
            host = self.root.joinpath(*done)
            if host.is_symlink() and (follow or any(p not in ("", ".") for p in waiting)):
                links += 1
                if links > MAX_LINKS:
                    raise error(errno.ELOOP, path)
                target = os.readlink(host)
                done = [] if target.startswith("/") else done[:-1]
                waiting.extend(reversed(target.split("/")))
        return Location("/" + "/".join(done), self.root.joinpath(*done))

    @staticmethod
    def _unalias(parts: list[str]) -> list[str]:
        return ["sdcard"] if "/" + "/".join(parts) in ALIASES else parts

    def readable(self, path: str, cwd: str = "/", *, follow: bool = True) -> Location:
        """`locate`, and check that the shell user may look there.

        Raises:
            PermissionError: it is in another user's part of ``/data``.
        """
        place = self.locate(path, cwd, follow=follow)
        if within(place.phone, ("/data",)) and not (place.phone == "/data/local" or within(place.phone, WRITABLE)):
            raise error(errno.EACCES, path)
        return place

    def writable(self, path: str, cwd: str = "/", *, follow: bool = True) -> Location:
        """`locate`, and check that the shell user may change it.

        Raises:
            PermissionError: it is in another user's part of ``/data``.
            OSError: EROFS anywhere else outside ``/sdcard`` and ``/data/local/tmp``.
        """
        place = self.readable(path, cwd, follow=follow)
        if within(place.phone, WRITABLE):
            return place
        raise error(errno.EACCES if within(place.phone, ("/data",)) else errno.EROFS, path)

    def lstat(self, path: str, cwd: str = "/") -> os.stat_result:
        """As ``lstat``: a link is itself."""
        place = self.readable(path, cwd, follow=False)
        with told_of(path):
            return place.host.lstat()

    def stat(self, path: str, cwd: str = "/") -> os.stat_result:
        """As ``stat``: a link is what it points to, inside the root."""
        place = self.readable(path, cwd)
        with told_of(path):
            return place.host.stat()

    def open_read(self, path: str, cwd: str = "/") -> IO[bytes]:
        """Open for reading; a directory fails with EISDIR, anything but a file or directory with EACCES."""
        place = self.readable(path, cwd)
        with told_of(path):
            mode = place.host.stat().st_mode
            if stat.S_ISDIR(mode):
                raise error(errno.EISDIR, path)
            if not stat.S_ISREG(mode):
                raise error(errno.EACCES, path)
            return place.host.open("rb")

    def open_write(self, path: str, cwd: str = "/", *, append: bool = False) -> IO[bytes]:
        """Open for writing, making the file if it is not there."""
        place = self.writable(path, cwd)
        with told_of(path):
            if place.host.exists() and not place.host.is_file():
                raise error(errno.EISDIR if place.host.is_dir() else errno.EACCES, path)
            return place.host.open("ab" if append else "wb")

    def entries(self, path: str, cwd: str = "/") -> Iterator[tuple[str, os.stat_result]]:
        """Names in a folder with their `lstat`, in the order of their bytes."""
        place = self.readable(path, cwd)
        with told_of(path):
            names = os.listdir(place.host)
        for name in sorted(names, key=os.fsencode):
            try:
                yield name, (place.host / name).lstat()
            except FileNotFoundError:
                continue  # deleted since it was listed
