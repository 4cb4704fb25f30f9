"""One copy of a model in a process of Ray's: the same estimator behind the same queue as without Ray.

What goes in and out are plain values. Faults travel as values too, because an exception loses its remedy on the way.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from math import inf
from typing import Any, TypedDict

from backend.errors import ModelError, Shed
from backend.serving.batching import Limits
from backend.serving.local import batched
from backend.serving.registry import open_model
from backend.serving.served import About
from backend.serving.stats import ModelStats, Tally


class Reply(TypedDict, total=False):
    """`verdicts`, or `shed` (why, and what was reached), or `fault` (message, remedy).

    `version` is the model's; `stats` are the counters of the copy called `copy` so far.
    """

    verdicts: list[Any]
    shed: tuple[str, dict[int, Any]]
    fault: tuple[str, str]
    version: str
    copy: str
    stats: ModelStats


class Replica:
    """Opens the model by its name or folder, itself: no estimator is ever sent."""

    def __init__(self, name: str, source: str, limits: dict[str, Any], loopback: bool) -> None:
        if loopback:
            keep_to_loopback()
        self._copy = f"{os.getpid()} {time.time()}"
        self._name, self._tally = name, Tally(name)
        self._fault: tuple[str, str] | None = None
        try:
            estimator = open_model(source)
            self._about = About.of(estimator)
            self._ask = batched(name, estimator, self._tally, Limits(**limits))
        except ModelError as error:
            self._fault = error.message, error.remedy  # told when asked: Ray would only say that it did not start

    def about(self) -> dict[str, Any]:
        """What the version says of itself, or its `fault`."""
        return {"fault": self._fault} if self._fault else asdict(self._about)

    def ask(self, items: Sequence[Any], until: float | None) -> Reply:
        """Verdicts on `items`, wanted until `until` by the wall clock, which machines share. Called in many threads."""
        reply = self._answer(items, inf if until is None else time.monotonic() + until - time.time())
        return reply | Reply(version=self._about.version, copy=self._copy, stats=self._tally.read())

    def _answer(self, items: Sequence[Any], until_s: float) -> Reply:
        try:
            return Reply(verdicts=self._ask(items, until_s))
        except Shed as shed:
            return Reply(shed=(shed.why, shed.reached))
        except ModelError as error:
            return Reply(fault=(error.message, error.remedy))


def keep_to_loopback() -> None:
    """Bind the port that Ray Serve opens in each replica to this machine alone.

    Ray 2.60 binds it to all interfaces (`ReplicaBase._on_initialized`), and no setting changes that; everything else
    follows the node's address. tests/serving/test_ray.py finds out if another version opens it another way.
    """
    from ray.serve._private import replica

    bind = replica.add_port_to_grpc_server
    replica.add_port_to_grpc_server = lambda server, address: bind(server, address.replace("[::]", "127.0.0.1"))
