"""Cuts a byte stream of H.264 (ITU-T H.264, annex B) into access units: all the bytes of one picture.

A decoder that is fed bytes waits for the next picture's first byte before it shows this one, and a screen that has
come to rest sends no next picture: the last one, which counts most, would never be seen. Fed whole units, it shows each
at once.
"""

from __future__ import annotations

_START = b"\0\0\1"
_SLICE_TYPES = frozenset({1, 2, 5})
_PICTURE_TYPES = frozenset(range(1, 6))
_OPENING_TYPES = frozenset({6, 7, 8, 9, *range(14, 19)})


class CutUnit(Exception):
    """A unit was flushed before all of it had come."""


class AccessUnits:
    """Collects bytes; gives back units as they are complete (section 7.4.1.2.3 tells where one begins)."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scan = 0
        self._has_picture = False
        self._fresh = True

    def feed(self, data: bytes) -> list[bytes]:
        """The units that `data` completes: those after which another one begins.

        Raises:
            CutUnit: when `data` goes on with a unit that was flushed.
        """
        self._buffer += data
        if self._fresh and len(self._buffer) >= 4:
            if self._buffer[:3] != _START and self._buffer[:4] != b"\0" + _START:
                raise CutUnit
            self._fresh = False
        units: list[bytes] = []
        while True:
            at = self._buffer.find(_START, self._scan)
            if at < 0:
                self._scan = max(self._scan, len(self._buffer) - len(_START) + 1)
                return units
            if at + 4 >= len(self._buffer):  # the two bytes that tell are yet to come
                self._scan = at
                return units
            kind, first_in_picture = self._buffer[at + 3] & 31, bool(self._buffer[at + 4] & 0x80)
            if self._has_picture and (kind in _OPENING_TYPES or (kind in _SLICE_TYPES and first_in_picture)):
                begin = at - 1 if at and self._buffer[at - 1] == 0 else at
                units.append(bytes(self._buffer[:begin]))
                del self._buffer[:begin]
                at -= begin
                self._has_picture = False
            self._has_picture |= kind in _PICTURE_TYPES
            self._scan = at + len(_START)

    def flush(self) -> bytes | None:
        """What has come of the unit under way, when it holds a picture: the stream has fallen silent after it."""
        if not self._has_picture:
            return None
        unit = bytes(self._buffer)
        self._buffer.clear()
        self._scan, self._has_picture, self._fresh = 0, False, True
        return unit
