"""Hot reload: a saved file in an intervention's folder takes effect at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from watchfiles import watch

from backend.engine.catalog import MANIFEST

log = logging.getLogger(__name__)


class Watcher:
    """Watches folders of interventions and calls `changed(name)` for each that was saved into."""

    def __init__(self, folders: list[Path], changed: Callable[[str], None]) -> None:
        self._folders = [folder.resolve() for folder in folders if folder.is_dir()]
        self._changed = changed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch interventions", daemon=True)

    def start(self) -> None:
        if self._folders:
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        for batch in watch(*self._folders, stop_event=self._stop, debounce=200, step=50, raise_interrupt=False):
            for name in sorted({name for _, path in batch if (name := self._owner(Path(path)))}):
                log.info("%s was saved", name)
                self._changed(name)

    def _owner(self, path: Path) -> str | None:
        """The intervention that `path` belongs to; None for caches and for what belongs to none."""
        if "__pycache__" in path.parts:
            return None
        for folder in self._folders:
            if path.is_relative_to(folder):
                name = path.relative_to(folder).parts[0]
                return name if (folder / name / MANIFEST).is_file() else None
        return None
