"""A version that is saved under the name of a model in use goes live at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from watchfiles import watch

log = logging.getLogger(__name__)


class ModelWatcher:
    """Watches what the names of the researcher's own models stand for, and calls `changed(name)` for each that changes.

    `names` is the folder of the records (see ``backend.modelling.store``), which is made if it is not there yet.
    """

    def __init__(self, names: Path, changed: Callable[[str], None]) -> None:
        self._names, self._changed = names, changed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch models", daemon=True)

    def start(self) -> None:
        try:
            self._names.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            log.warning("%s is not watched: %s", self._names, error)
            return
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        for batch in watch(self._names, stop_event=self._stop, debounce=200, step=50, raise_interrupt=False):
            for name in sorted({Path(path).stem for _, path in batch if _is_record(Path(path))}):
                self._changed(name)


def _is_record(path: Path) -> bool:
    return path.suffix == ".json" and not path.name.startswith(".")
