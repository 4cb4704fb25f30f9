"""One process's models: each loaded once, on first use, and shared by everyone who asks for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

from backend.errors import ModelError
from backend.serving.cache import VerdictCache
from backend.serving.handles import DetectorHandle, Handle, ImageHandle, TextHandle
from backend.serving.registry import Estimator, installed, open_model
from backend.serving.stats import ModelStats

log = logging.getLogger(__name__)


class ModelHost:
    """Loads models by name and answers from the verdict cache whenever it can.

    `cache_entries` is how many verdicts are kept, over all models. `load` is what ``Intervention.bind``
    takes.
    """

    def __init__(self, cache_entries: int = 20_000) -> None:
        self._cache = VerdictCache(cache_entries)
        self._handles: dict[str, Handle] = {}
        self._loading: dict[str, Lock] = {}
        self._lock = Lock()

    def load(self, name: str) -> Handle:
        """The model called `name`, or saved in the folder `name`. Loading one does not hold up the others.

        Raises:
            ModelError: when there is none, or its files are missing or broken; a later call tries again.
        """
        with self._lock:
            if name in self._handles:
                return self._handles[name]
            loading = self._loading.setdefault(name, Lock())
        with loading:
            if name not in self._handles:
                started = time.perf_counter()
                handle = _handle(name, open_model(name), self._cache)
                handle.stats.load_seconds = time.perf_counter() - started
                log.info("loaded model %s %s in %.2f s", name, handle.version, handle.stats.load_seconds)
                with self._lock:
                    self._handles[name] = handle
            return self._handles[name]

    def names(self) -> tuple[str, ...]:
        """The models that can be loaded by name."""
        return tuple(installed())

    def stats(self) -> tuple[ModelStats, ...]:
        """A copy of each loaded model's counters, by name."""
        with self._lock:
            handles = sorted(self._handles.values(), key=lambda handle: handle.name)
        return tuple(replace(handle.stats) for handle in handles)


def _handle(name: str, estimator: Estimator, cache: VerdictCache) -> Handle:
    model: Any = estimator
    match estimator.card.input, estimator.card.task:
        case "text", "classifier":
            return TextHandle(name, estimator, _rows(model.predict_proba), cache)
        case "image", "classifier":
            return ImageHandle(name, estimator, _rows(model.predict_proba), cache)
        case "image", "detector":
            return DetectorHandle(name, estimator, model.detect, cache)
        case other:
            raise ModelError(f"model {name} is a {' '.join(other)}, which this version cannot host")


def _rows(predict_proba: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Sequence[tuple[float, ...]]]:
    """Probabilities as plain tuples: small, immutable, fit for a cache shared by threads."""
    return lambda items: [tuple(map(float, row)) for row in predict_proba(items)]
