"""Delays and questions: one is open at a time, on top of everything, until the participant answers."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from backend.engine.decision import Decided
from interventions.sdk import Answer, Ask, Delay

DISMISS, LEAVE = "dismiss", "leave"
_QUEUE = 8


@dataclass(frozen=True, slots=True)
class Open:
    """An interstitial on the screen: who asked, what, and since when (seconds, monotonic)."""

    intervention: str
    action: Delay | Ask
    since_s: float

    @property
    def key(self) -> str:
        """Unique among interventions."""
        return f"{self.intervention}:{self.action.key}"

    def choices(self) -> tuple[str, ...]:
        return self.action.answers if isinstance(self.action, Ask) else (DISMISS, LEAVE)

    def wait_s(self, now: float) -> float:
        """Seconds until it may be dismissed. Leaving is always possible."""
        return max(0.0, self.since_s + self.action.seconds - now) if isinstance(self.action, Delay) else 0.0


class Answered(NamedTuple):
    intervention: str
    answer: Answer


class Interstitials:
    """The queue of one phone. Times are seconds on any one monotonic clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: Open | None = None
        self._waiting: deque[Open] = deque(maxlen=_QUEUE)
        self._closed_s: dict[str, float] = {}

    @property
    def current(self) -> Open | None:
        return self._open

    def offer(self, decided: Decided, now: float) -> bool:
        """Open or queue a Delay or an Ask; False when its like is open, waiting, or was closed too recently."""
        action = decided.action
        assert isinstance(action, Delay | Ask)
        asked = Open(decided.intervention, action, now)
        with self._lock:
            shown = [self._open, *self._waiting]
            if any(other is not None and other.key == asked.key for other in shown):
                return False
            closed_s = self._closed_s.get(asked.key)
            if closed_s is not None and action.again_after_s and now - closed_s < action.again_after_s:
                return False
            if self._open is None:
                self._open = asked
            else:
                self._waiting.append(asked)
            return True

    def answer(self, key: str, choice: str, now: float) -> Answered | None:
        """Close the open interstitial. None, and nothing happens, when `key` is not the open one, `choice` is not
        offered, or it may not be dismissed yet.
        """
        with self._lock:
            current = self._open
            if current is None or current.key != key or choice not in current.choices():
                return None
            if choice == DISMISS and current.wait_s(now) > 0:
                return None
            self._close(now)
            return Answered(current.intervention, Answer(current.action.key, choice, now - current.since_s))

    def withdraw(self, intervention: str, now: float) -> None:
        """Take back what an intervention asked; it was switched off or failed."""
        with self._lock:
            kept = [other for other in self._waiting if other.intervention != intervention]
            self._waiting = deque(kept, maxlen=_QUEUE)
            if self._open is not None and self._open.intervention == intervention:
                self._close(now)

    def _close(self, now: float) -> None:
        assert self._open is not None
        self._closed_s[self._open.key] = now
        following = self._waiting.popleft() if self._waiting else None
        self._open = Open(following.intervention, following.action, now) if following else None
