"""What an app's virtual machine leaves behind when it dies of itself: a report, and a word in the phone's log.

Android's counterpart are the files that ``debuggerd`` writes to ``/data/tombstones``. An exception that nobody caught
is no such death: the app tells of that one while it ends.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

FOLDER = "data/tombstones"
NAME = "tombstone_{}"
HEADER_LINES = 24


class Tombstones:
    """The reports in one folder of the host. `logger` takes pid, level, tag and message for the phone's log."""

    def __init__(self, folder: Path, logger: Callable[[int, str, str, str], None]) -> None:
        self._folder = folder
        self._logger = logger

    @property
    def jvm_flags(self) -> tuple[str, ...]:
        """Has a virtual machine (HotSpot) write its report here, and nothing where the phone was started."""
        return ("-XX:-CreateCoredumpOnCrash", f"-XX:ErrorFile={self._folder / NAME.format('%p')}")

    def tell(self, pid: int, package: str) -> None:
        """The process has ended: log how it died, if it left a report."""
        path = self._folder / NAME.format(pid)
        try:
            with path.open(errors="replace") as report:
                first = [line for _, line in zip(range(HEADER_LINES), report, strict=False)]
        except FileNotFoundError:
            return
        header = (line.lstrip("#").strip() for line in first if line.startswith("#"))
        self._logger(pid, "F", "DEBUG", f"pid: {pid}, tid: {pid}, name: main  >>> {package} <<<")
        self._logger(pid, "F", "DEBUG", "\n".join(line for line in header if line))
        self._logger(pid, "E", "tombstoned", f"Tombstone written to: /{FOLDER}/{path.name}")
