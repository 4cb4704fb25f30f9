"""One version of a model while it is being served, and where such versions come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition
from time import monotonic
from typing import Any, Protocol

from backend.serving.registry import Estimator
from backend.serving.stats import Tally

Ask = Callable[[Sequence[Any], float], list[Any]]
"""Verdicts on items, wanted until a time (``time.monotonic``). Raises Shed, or ModelError."""


@dataclass(frozen=True, slots=True)
class About:
    """What a version says of itself: enough to offer the right handle, and to key verdicts by."""

    version: str
    classes: tuple[str, ...]
    harmful: tuple[str, ...]
    input: str
    task: str

    @property
    def kind(self) -> tuple[str, str, tuple[str, ...]]:
        """What versions of the same thing have in common."""
        return self.input, self.task, self.classes

    @classmethod
    def of(cls, estimator: Estimator) -> About:
        card = estimator.card
        return cls(estimator.version, tuple(estimator.classes_), tuple(card.harmful), card.input, card.task)


class Served:
    """A version, the way to ask it, and how many calls are in it. `close` gives back what it holds."""

    def __init__(self, about: About, ask: Ask, close: Callable[[], None] = lambda: None) -> None:
        self.about, self.ask, self.close = about, ask, close
        self._calls = 0
        self._changed = Condition()

    def enter(self) -> None:
        """A call begins, which `drained` waits for until it has left."""
        with self._changed:
            self._calls += 1

    def leave(self) -> None:
        with self._changed:
            self._calls -= 1
            self._changed.notify_all()

    def drained(self, timeout_s: float) -> bool:
        """Wait until nobody is in it; whether that came about in time."""
        until = monotonic() + timeout_s
        with self._changed:
            return self._changed.wait_for(lambda: self._calls == 0, until - monotonic())


class Backend(Protocol):
    """Where models run: in this process, or on a cluster."""

    def open(self, name: str, source: str | Estimator, tally: Tally) -> Served:
        """The model called `source` (a name or a folder, as `registry.open_model` takes), to be served as `name`.

        Raises:
            ModelError: there is none, or it is broken.
        """
        ...

    def close(self) -> None: ...
