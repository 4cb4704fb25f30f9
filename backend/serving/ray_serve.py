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
from dataclasses import asdict
from itertools import count
from threading import Event, Lock
from types import ModuleType
from typing import Any

from backend.errors import ModelError
from backend.extras import how_to_install
from backend.serving.batching import Limits
from backend.serving.ray_copies import Copies
from backend.serving.ray_replica import Replica
from backend.serving.registry import Estimator, find
from backend.serving.served import About, Served
from backend.serving.stats import Tally

log = logging.getLogger(__name__)

_CPUS = 0.25
"""What a copy reserves: models mostly wait, and there must be room for an old and a new version of each."""
_CALLS_A_COPY = 4
"""More calls at once than this on each copy bring another copy."""
_CALLS_AT_ONCE = 64
_OPEN_S = 300.0
_CLOSED = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # despite its name: everything binds to 127.0.0.1 and nothing else
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "token",
}
_NO_OTHER = {"RAY_ENABLE_AUTO_CONNECT": "0"}
"""Ray would start a cluster of its own, with its own ideas, under whatever is asked once ours has ended."""


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
        self._handles: dict[str, Any] = {}
        self._lock, self._closing = Lock(), Event()
        self._ray, self._serve = _connected(address, store_mb)

    def open(self, name: str, source: str | Estimator, tally: Tally) -> Served:
        if not isinstance(source, str):
            raise ModelError(
                f"model {name} cannot be served on Ray from an object", "save it, and give its name or folder"
            )
        found = find(source)
        where = str(found.folder.resolve()) if found.folder is not None else found.name
        application = f"mindproof-{os.getpid()}-{next(self._numbers)}-{_plain(name)}"
        handle = self._deploy(application, name, where)
        try:
            said = handle.about.remote().result(timeout_s=_OPEN_S)
            if fault := said.get("fault"):
                raise ModelError(*fault)
        except BaseException:
            self._delete(application)
            raise
        about = About(**{**said, "classes": tuple(said["classes"]), "harmful": tuple(said["harmful"])})
        copies = Copies(name, about.version, handle, self._limits.largest, tally, self._ray, self._closing)
        return Served(about, copies.ask, lambda: self._delete(application))

    def close(self) -> None:
        """End the applications, and the cluster if it is ours. No process stays."""
        if self._closing.is_set():
            return
        self._closing.set()
        for application in list(self._handles):
            if self._own:
                self._let_go(application)  # the cluster takes the application along
            else:
                self._delete(application)
        if self._own:
            self._serve.context._set_global_client(None)
        self._ray.shutdown()

    def _deploy(self, application: str, name: str, source: str) -> Any:
        deployment = self._serve.deployment(
            Replica,
            name=_plain(name),
            max_ongoing_requests=_CALLS_AT_ONCE,
            max_constructor_retry_count=1,
            health_check_period_s=1.0,
            graceful_shutdown_wait_loop_s=0.1,
            ray_actor_options={"num_cpus": _CPUS},
            autoscaling_config={
                "min_replicas": 1,
                "max_replicas": self._replicas,
                "target_ongoing_requests": _CALLS_A_COPY,
                "metrics_interval_s": 1.0,
                "look_back_period_s": 3.0,
                "upscale_delay_s": 2.0,
                "downscale_delay_s": 60.0,
            },
        )
        bound = deployment.bind(name, source, asdict(self._limits), self._own)
        try:
            handle = self._serve.run(bound, name=application, route_prefix=None)
        except (RuntimeError, self._ray.exceptions.RayError) as error:
            self._serve.delete(application)
            raise ModelError(f"model {name} does not start on Ray: {error}", "look into Ray's logs") from error
        with self._lock:
            self._handles[application] = handle
        return handle

    def _delete(self, application: str) -> None:
        self._serve.delete(application)
        self._let_go(application)

    def _let_go(self, application: str) -> None:
        """End what a handle does in the background."""
        with self._lock:
            handle = self._handles.pop(application, None)
        if handle is not None:
            handle.shutdown()


def _plain(name: str) -> str:
    """`name` (or the end of it, for a folder) as Ray takes names."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[-60:]


def _connected(address: str, store_mb: int) -> tuple[ModuleType, ModuleType]:
    """Ray and Ray Serve, connected."""
    os.environ.update(_NO_OTHER)
    if not address:
        _close_ports()
    try:
        import ray
        from ray import serve
    except ModuleNotFoundError as error:
        raise ModelError(
            f'serving = "ray" needs {error.name}, which is not installed',
            f"{how_to_install('ray')}; or set serving to local",
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
