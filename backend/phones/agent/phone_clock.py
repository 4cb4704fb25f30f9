"""From a phone's uptime to our own clock.

An agent dates what it says by ``SystemClock.uptimeMillis``; we only know when it arrived. Arrival minus uptime is the
offset of the clocks plus what the message took on its way, so the smallest seen is the best estimate: off by the way
of the fastest message, a millisecond or two. Clocks drift, and a sleeping phone's uptime stands still: a minimum
counts for one to two windows, then a newer one takes its place.
"""

from __future__ import annotations

_WINDOW_S = 60.0


class PhoneClock:
    """The offset between one process's uptime and ``time.monotonic``."""

    def __init__(self) -> None:
        self._begun_s = float("-inf")
        self._before_s = float("inf")
        self._least_s = float("inf")

    def ours(self, uptime_ms: float, arrived_s: float) -> float:
        """When on our clock it was `uptime_ms` there, by a message that arrived at `arrived_s`, and not later."""
        offset_s = arrived_s - uptime_ms / 1000
        if arrived_s - self._begun_s > _WINDOW_S:
            self._before_s, self._least_s = self._least_s, offset_s
            self._begun_s = arrived_s
        self._least_s = min(self._least_s, offset_s)
        return uptime_ms / 1000 + min(self._least_s, self._before_s)
