"""A lock that processes of one machine share. Its holder's end, however it comes, opens it."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def alone(path: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Hold the lock file `path`, which is made if need be. `on_wait` is called when somebody else holds it.

    Gives the descriptor of the lock: a child process that inherits it goes on holding it when its parent is killed.

    Raises:
        OSError: the file cannot be made.
    """
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()
