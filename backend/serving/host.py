"""One process's models: each loaded once, on first use, and shared by everyone who asks for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Self

from backend.errors import ModelError
from backend.serving.cache import VerdictCache
from backend.serving.cascade import Cascades
from backend.serving.handles import (
    DetectorHandle,
    FieldHandle,
    Handle,
    ImageHandle,
    ModelHandle,
    TabularHandle,
    TextHandle,
)
from backend.serving.local import Local
from backend.serving.registry import Estimator, names
from backend.serving.served import Backend
from backend.serving.stats import ModelStats, Tally
from backend.settings import Settings

log = logging.getLogger(__name__)

Resolver = Callable[[str, "ModelHost"], Handle | None]
"""From a name to a handle made of others, or None for a name that means nothing to it."""

_HANDLES: dict[tuple[str, str], type[ModelHandle]] = {
    ("text", "classifier"): TextHandle,
    ("image", "classifier"): ImageHandle,
    ("image", "detector"): DetectorHandle,
    ("tabular", "classifier"): TabularHandle,
    ("field", "classifier"): FieldHandle,
}


class ModelHost:
    """Loads models by name and answers from the verdict cache whenever it can. `load` is what ``Intervention.bind``
    takes.

    Args:
        cache_entries: how many verdicts are kept, over all models.
        backend: where models run; in this process by default.
        resolvers: asked for a handle, in order, before a name is looked up among the models. This is how a handle
            made of other handles (a cascade, say) gets a name: its resolver knows the name, takes the parts with
            ``host.load``, and returns a `Handle`, which the host keeps from then on. Names must not go round in a
            circle. By default cascades that wait for their second judge (see `cascade`).
    """

    def __init__(
        self,
        cache_entries: int = 20_000,
        backend: Backend | None = None,
        resolvers: Sequence[Resolver] | None = None,
    ) -> None:
        self._cache = VerdictCache(cache_entries)
        self._backend = backend if backend is not None else Local()
        self._resolvers = (Cascades(),) if resolvers is None else tuple(resolvers)
        self._handles: dict[str, Handle] = {}
        self._loading: dict[str, Lock] = {}
        self._lock = Lock()

    def load(self, name: str) -> Handle:
        """The model called `name`, or saved in the folder `name`. Loading one does not hold up the others.

        Raises:
            ModelError: when there is none, or its files are missing or broken; a later call tries again.
        """
        if (handle := self._handles.get(name)) is not None:
            return handle
        with self._loading_of(name):
            if name not in self._handles:
                handle = self._resolved(name) or self._opened(name, name)
                with self._lock:
                    self._handles[name] = handle
            return self._handles[name]

    def swap(self, name: str, to: str | Estimator, drain_s: float = 30.0) -> Handle:
        """Serve another version as `name`, without a pause and without dropping a call.

        The new version is opened while the old one serves. From then on every call goes to the new one; calls that
        are in the old one finish there, and this waits for them. The handle stays the same object, so whoever holds
        it need not know.

        Args:
            to: the new version: a name, an artifact's folder, or (in this process) an estimator.
            drain_s: how long to wait for calls in the old version before it is closed over them.

        Raises:
            ModelError: the new version cannot be opened, or is no version of the same thing: it takes other input or
                has other classes. The old one serves on.
        """
        with self._loading_of(name):
            handle = self._handles.get(name)
            if handle is None:
                handle = self._opened(name, to)
                with self._lock:
                    self._handles[name] = handle
                return handle
            if not isinstance(handle, ModelHandle):
                raise ModelError(f"{name} is made of other models and has no version of its own", "swap its parts")
            was = handle.version
            handle.swap(lambda tally: self._backend.open(name, to, tally), drain_s)
            log.info("model %s: version %s replaced %s", name, handle.version, was)
            return handle

    def reload(self, name: str) -> Handle:
        """Take up what is saved under `name` now; see `swap`."""
        return self.swap(name, name)

    def names(self) -> tuple[str, ...]:
        """The models that can be loaded by name."""
        return names()

    def stats(self) -> tuple[ModelStats, ...]:
        """A copy of each loaded model's counters, by name. Handles made of others have none: their parts count."""
        models = [handle for handle in self._loaded().values() if isinstance(handle, ModelHandle)]
        return tuple(handle.stats for handle in sorted(models, key=lambda handle: handle.name))

    def versions(self) -> dict[str, str]:
        """The version of everything that is loaded, by the name it was loaded by."""
        return {name: handle.version for name, handle in self._loaded().items()}

    def close(self) -> None:
        """Give back what models hold outside this process. Nothing is to be asked after that."""
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- inside ----------------------------------------------------------------------------------------

    def _loaded(self) -> dict[str, Handle]:
        with self._lock:
            return dict(self._handles)

    def _loading_of(self, name: str) -> Lock:
        with self._lock:
            return self._loading.setdefault(name, Lock())

    def _resolved(self, name: str) -> Handle | None:
        found = (resolve(name, self) for resolve in self._resolvers)
        return next((handle for handle in found if handle is not None), None)

    def _opened(self, name: str, source: str | Estimator) -> Handle:
        started = time.perf_counter()
        tally = Tally(name)
        served = self._backend.open(name, source, tally)
        kind = _HANDLES.get((served.about.input, served.about.task))
        if kind is None:
            served.close()
            what = f"{served.about.input} {served.about.task}"
            raise ModelError(f"model {name} is a {what}, which this version cannot host")
        handle = kind(name, served, self._cache, tally)
        with tally as stats:
            stats.load_seconds = time.perf_counter() - started
        log.info("loaded model %s %s in %.2f s", name, handle.version, time.perf_counter() - started)
        return handle


def open_host(settings: Settings, resolvers: Sequence[Resolver] | None = None) -> ModelHost:
    """The host that `settings.serving` asks for; `resolvers` as with `ModelHost`.

    Raises:
        ModelError: Ray is asked for and is not installed, or its cluster cannot be reached.
    """
    if settings.serving == "local":
        return ModelHost(resolvers=resolvers)
    from backend.serving.ray_serve import OnRay  # an extra, and seconds to import

    return ModelHost(backend=OnRay(settings.ray_address, settings.ray_replicas), resolvers=resolvers)
