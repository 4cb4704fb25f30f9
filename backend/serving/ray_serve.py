"""Models on Ray Serve: every version an application of its own, with copies that come and go with the load.

Interventions notice nothing: the handles, the verdict cache and the deadlines stay here; what is asked of a model goes
to one of its copies, which has the same queue as a model in this process (see `ray_replica`).
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from itertools import count
from math import inf
from threading import Lock
from types import ModuleType
from typing import Any

from backend.errors import ModelError, Shed
from backend.serving.batching import Limits
from backend.serving.ray_replica import Replica, Reply
from backend.serving.registry import Estimator, find
from backend.serving.served import About, Served
from backend.serving.stats import ModelStats, Tally

log = logging.getLogger(__name__)

_CPUS = 0.25
"""What a copy reserves: models mostly wait, and there must be room for an old and a new version of each."""
_CALLS_A_COPY = 4
"""More calls at once than this on each copy bring another copy."""
_CALLS_AT_ONCE = 64
_TRIES = 4
"""A verdict is a pure function, so what a dying copy took along is asked of another."""
_OPEN_S = 300.0
_CLOSED = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # despite its name: everything binds to 127.0.0.1 and nothing else
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "token",
}
_COUNTERS = ("judged", "batches", "failures", "seconds")
_GAUGES = ("fixed_s", "each_s", "largest")


class OnRay:
    """Where models run when ``serving = "ray"``.

    Args:
        address: of a cluster, ``host:port`` or ``auto``; empty: one is started on this machine, which only this machine
            can reach, without dashboard and usage statistics, and ends with `close` or with this process.
        replicas: the most copies of a model.
        store_mb: memory for what is on its way between processes; for the cluster that is started here.
    """

    def __init__(
        self,
        address: str = "",
        replicas: int = 2,
        limits: Limits = Limits(),  # noqa: B008 - immutable
        store_mb: int = 200,
    ) -> None:
        self._own = not address
        self._replicas, self._limits = replicas, limits
        self._numbers = count(1)
        self._open: set[str] = set()
        self._lock = Lock()
        self._ray, self._serve = _connected(address, store_mb)

    def open(self, name: str, source: str | Estimator, tally: Tally) -> Served:
        if not isinstance(source, str):
            raise ModelError(
                f"model {name} cannot be served on Ray from an object", "save it, and give its name or folder"
            )
        found = find(source)
        where = str(found.folder.resolve()) if found.folder is not None else found.name
        application = f"mindproof-{os.getpid()}-{next(self._numbers)}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)[-60:]}"
        handle = self._deploy(application, name, where)
        try:
            said = handle.about.remote().result(timeout_s=_OPEN_S)
            if fault := said.get("fault"):
                raise ModelError(*fault)
        except BaseException:
            self._delete(application)
            raise
        about = About(**{**said, "classes": tuple(said["classes"]), "harmful": tuple(said["harmful"])})
        copies = Copies(name, about.version, handle, self._limits.largest, tally, self._ray)
        return Served(about, copies.ask, lambda: self._delete(application))

    def close(self) -> None:
        """End the applications, and the cluster if it is ours. No process stays."""
        if not self._ray.is_initialized():
            return
        if self._own:
            self._serve.context._set_global_client(None)
        else:
            for application in list(self._open):
                self._delete(application)
        self._ray.shutdown()

    def _deploy(self, application: str, name: str, source: str) -> Any:
        deployment = self._serve.deployment(
            Replica,
            name=re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[-60:],
            max_ongoing_requests=_CALLS_AT_ONCE,
            max_constructor_retry_count=1,
            health_check_period_s=1.0,
            graceful_shutdown_wait_loop_s=0.1,
            ray_actor_options={"num_cpus": _CPUS},
            autoscaling_config={
                "min_replicas": 1,
                "max_replicas": self._replicas,
                "target_ongoing_requests": _CALLS_A_COPY,
                "upscale_delay_s": 2.0,
                "downscale_delay_s": 60.0,
            },
        )
        bound = deployment.bind(name, source, asdict(self._limits), self._own)
        with self._lock:
            self._open.add(application)
        try:
            return self._serve.run(bound, name=application, route_prefix=None)
        except (RuntimeError, self._ray.exceptions.RayError) as error:
            self._delete(application)
            raise ModelError(f"model {name} does not start on Ray: {error}", "look into Ray's logs") from error

    def _delete(self, application: str) -> None:
        with self._lock:
            self._open.discard(application)
        self._serve.delete(application)


class Copies:
    """The copies of one version, as something to ask."""

    def __init__(self, name: str, version: str, handle: Any, largest: int, tally: Tally, ray: ModuleType) -> None:
        self._name, self._version, self._handle, self._largest = name, version, handle, largest
        self._tally, self._ray = tally, ray
        self._reported: dict[str, ModelStats] = {}

    def ask(self, items: Sequence[Any], until_s: float) -> list[Any]:
        """As `Batcher`: verdicts in order. A large call goes out in parts, which copies share."""
        parts = [(at, items[at : at + self._largest]) for at in range(0, len(items), self._largest)]
        with self._tally as stats:
            stats.queued += len(items)
        try:
            asked = [(at, part, self._send(part, until_s)) for at, part in parts]
            return self._gather(asked, len(items), until_s)
        finally:
            with self._tally as stats:
                stats.queued -= len(items)

    def _gather(self, asked: list[tuple[int, Sequence[Any], Any]], size: int, until_s: float) -> list[Any]:
        reached: dict[int, Any] = {}
        dropped = ""
        for at, part, response in asked:
            why, verdicts = self._result(part, response, until_s)
            dropped = dropped or why
            reached |= {at + position: verdict for position, verdict in verdicts.items()}
        if dropped:
            raise Shed(self._name, "full" if dropped == "full" else "late", size - len(reached), reached)
        return [reached[position] for position in range(size)]

    def _send(self, items: Sequence[Any], until_s: float) -> Any:
        until = None if until_s == inf else time.time() + until_s - time.monotonic()
        return self._handle.ask.remote(list(items), until)

    def _result(self, items: Sequence[Any], response: Any, until_s: float) -> tuple[str, dict[int, Any]]:
        """Why some were dropped ("" if none was), and the verdicts by position."""
        for attempt in range(1, _TRIES + 1):
            left = None if until_s == inf else until_s - time.monotonic()
            if left is not None and left <= 0:
                break
            try:
                return self._read(response.result(timeout_s=left))
            except TimeoutError:
                response.cancel()
                break
            except self._ray.exceptions.RayActorError as error:
                if attempt == _TRIES:
                    raise ModelError(
                        f"model {self._name}: its copies on Ray die under {len(items)} items: {error}",
                        "look into Ray's logs; memory is what they die of most",
                    ) from error
                log.warning("model %s: a copy died; another is asked", self._name)
                response = self._send(items, until_s)
        return "late", {}

    def _read(self, reply: Reply) -> tuple[str, dict[int, Any]]:
        self._note(reply)
        if fault := reply.get("fault"):
            raise ModelError(*fault)
        if reply["version"] != self._version:
            raise ModelError(
                f"model {self._name} changed on disk: {reply['version']} answers for {self._version}", "reload it"
            )
        if dropped := reply.get("shed"):
            return dropped
        return "", dict(enumerate(reply["verdicts"]))

    def _note(self, reply: Reply) -> None:
        """Add what a copy counted since its last reply; replies may overtake each other."""
        fresh = reply["stats"]
        with self._tally as stats:
            known = self._reported.get(reply["copy"], ModelStats(self._name))
            if fresh.batches + fresh.failures <= known.batches + known.failures:
                return
            self._reported[reply["copy"]] = fresh
            for name in _COUNTERS:
                setattr(stats, name, getattr(stats, name) + getattr(fresh, name) - getattr(known, name))
            for name in ("sizes", "durations"):
                pairs = zip(getattr(stats, name), getattr(fresh, name), getattr(known, name), strict=True)
                setattr(stats, name, [total + now - before for total, now, before in pairs])
            for name in _GAUGES:
                setattr(stats, name, getattr(fresh, name))


def _connected(address: str, store_mb: int) -> tuple[ModuleType, ModuleType]:
    """Ray and Ray Serve, connected."""
    if not address:
        _close_ports()
    try:
        import ray
        from ray import serve
    except ModuleNotFoundError as error:
        raise ModelError(
            f'serving = "ray" needs {error.name}, which is not installed',
            "install the extra `ray`: .venv/bin/pip install --no-deps -r requirements/ray.txt; or set serving to local",
        ) from error
    if ray.is_initialized():
        raise ModelError("this process is connected to a Ray cluster already", "close the other model host first")
    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    own = {"address": "local", "include_dashboard": False, "object_store_memory": store_mb * 1024 * 1024}
    try:
        ray.init(
            **(own if not address else {"address": address}),
            namespace="mindproof",
            log_to_driver=False,
            logging_level=logging.WARNING,
        )
        serve.start(proxy_location="Disabled", logging_config={"log_level": "WARNING", "enable_access_log": False})
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        ray.shutdown()
        raise ModelError(
            f"Ray at {address or 'this machine'} cannot be used: {error}", "check ray_address, or leave it empty"
        ) from error
    return ray, serve


def _close_ports() -> None:
    """Have Ray's processes listen to this machine alone, and to those alone who know a secret of this run.

    Raises:
        ModelError: Ray has read its settings already.
    """
    if "ray" in sys.modules and any(os.environ.get(name) != value for name, value in _CLOSED.items()):
        raise ModelError(
            "Ray was imported before, and would listen to the network", "let Mindproof start it, or give ray_address"
        )
    os.environ.update(_CLOSED)
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
