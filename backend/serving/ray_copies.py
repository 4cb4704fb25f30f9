"""The copies of one version of a model on Ray Serve, as something to ask."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from math import inf
from threading import Event
from types import ModuleType
from typing import Any

from backend.errors import ModelError, Shed
from backend.serving.ray_replica import Reply
from backend.serving.stats import ModelStats, Tally

log = logging.getLogger(__name__)

_TRIES = 4
"""A verdict is a pure function, so what a dying copy took along is asked of another."""
_LOOK_S = 1.0
"""How often one that waits looks whether there is still a cluster to wait for."""
_COUNTERS = ("judged", "batches", "failures", "seconds")
_GAUGES = ("fixed_s", "each_s", "largest")


class Copies:
    """The copies of one version, as something to ask."""

    def __init__(
        self, name: str, version: str, handle: Any, largest: int, tally: Tally, ray: ModuleType, closing: Event
    ) -> None:
        self._name, self._version, self._handle, self._largest = name, version, handle, largest
        self._tally, self._ray, self._closing = tally, ray, closing
        self._reported: dict[str, ModelStats] = {}

    def ask(self, items: Sequence[Any], until_s: float) -> list[Any]:
        """As `Batcher`: verdicts in order. A large call goes out in parts, which copies share."""
        self._check_open()
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
            try:
                return self._read(self._wait(response, until_s))
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

    def _wait(self, response: Any, until_s: float) -> Reply:
        """Raises TimeoutError at `until_s`, and ModelError when the host is closed meanwhile."""
        while True:
            self._check_open()
            left = until_s - time.monotonic()
            if left <= 0:
                raise TimeoutError
            try:
                reply: Reply = response.result(timeout_s=min(left, _LOOK_S))
            except TimeoutError:
                continue
            except (self._ray.exceptions.RayError, SystemExit):  # Ray ends threads that wait for it when it ends
                self._check_open()
                raise
            return reply

    def _check_open(self) -> None:
        if self._closing.is_set():
            raise ModelError(f"model {self._name} is asked while its host is closed", "open another model host")

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
