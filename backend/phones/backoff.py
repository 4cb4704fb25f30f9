"""How long to wait before the next attempt."""

from __future__ import annotations

import random


class Backoff:
    """Doubles from `first_s` to `limit_s`, each shortened at random by up to half: many phones do not queue up."""

    def __init__(self, first_s: float = 0.25, limit_s: float = 10.0, seed: int | None = None) -> None:
        self._first_s, self._limit_s = first_s, limit_s
        self._random = random.Random(seed)  # noqa: S311  (no secret)
        self._next_s = first_s

    def delay_s(self) -> float:
        """The next wait in seconds."""
        full, self._next_s = self._next_s, min(self._limit_s, self._next_s * 2)
        return full * self._random.uniform(0.5, 1.0)

    def reset(self) -> None:
        self._next_s = self._first_s
