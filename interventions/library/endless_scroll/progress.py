"""How far and how long somebody has scrolled, beyond what they were granted."""

from __future__ import annotations

from dataclasses import dataclass

_PAUSE_S = 10.0
"""Reading between two movements of the finger is scrolling; a longer rest is not."""


@dataclass(slots=True)
class Progress:
    """What was scrolled since the app came to the front: `screens` travelled, `seconds` spent; and what was granted
    of each.
    """

    screens: float = 0.0
    seconds: float = 0.0
    granted_screens: float = 0.0
    granted_seconds: float = 0.0
    _last_s: float | None = None

    def moved(self, screens: float, now: float) -> None:
        """Take note that the content stands at `screens` and has just moved."""
        self.screens = screens
        if self._last_s is not None and now - self._last_s <= _PAUSE_S:
            self.seconds += max(0.0, now - self._last_s)
        self._last_s = now

    def grant(self, screens: float, seconds: float) -> None:
        """Allow so much from here on."""
        self.granted_screens = self.screens + screens
        self.granted_seconds = self.seconds + seconds

    def steps_over(self, screens_a_step: float, seconds_a_step: float) -> int:
        """Steps beyond what was granted, by distance or by time, whichever is more; a begun step counts."""
        by_distance = _begun(self.screens - self.granted_screens, screens_a_step)
        by_time = _begun(self.seconds - self.granted_seconds, seconds_a_step) if seconds_a_step else 0
        return max(by_distance, by_time)


def _begun(over: float, step: float) -> int:
    return int(over // step) + 1 if over > 0 else 0
