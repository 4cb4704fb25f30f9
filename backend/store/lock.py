"""One backend to one SQLite file: a lock beside it that says who holds it.

The kernel's own lock (`flock`) decides, so a backend that crashed leaves no lock behind, whatever its file still says.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path

from backend.errors import StoreError


class DatabaseLock:
    """Held from `take` to `release`, or to the end of the process."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raises StoreError, naming the holder, when another backend has it."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(
                f"journal {self.database}: cannot write {self.path.name} beside it: {error.strerror}",
                "choose a folder that you may write to",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(descriptor)
            os.close(descriptor)
            raise StoreError(
                f"journal {self.database} is in use by {holder}",
                "stop that backend, or give this one another database",
            ) from error
        self._descriptor = descriptor
        self._write({"pid": os.getpid(), "since_s": time.time()})

    def announce(self, url: str) -> None:
        """Adds where this backend can be reached, for whoever comes second."""
        self._write({"pid": os.getpid(), "since_s": time.time(), "url": url})

    def release(self) -> None:
        if self._descriptor is None:
            return
        # The file stays: removing it would let two processes lock two files of one name.
        descriptor, self._descriptor = self._descriptor, None
        os.close(descriptor)

    def _write(self, holder: dict[str, str | int | float]) -> None:
        if self._descriptor is None:
            return
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, json.dumps(holder).encode(), 0)
        except OSError:
            # A full disk: the lock holds all the same, only its holder's name is missing.
            return


def _holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        where = f" at {holder['url']}" if "url" in holder else ""
        return f"process {holder['pid']}{where}"
    except (ValueError, KeyError, TypeError, OSError):
        return "another process"
