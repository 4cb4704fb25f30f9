"""Take a recording from a live phone: every new frame, and the touches where the phone tells of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic

from backend.errors import RecordingError
from backend.phones.source import FrameSource
from backend.phones.touches import Touch, TouchListener
from backend.recordings.file import RecordingWriter

_PAUSE_S = 0.2
"""How long touches wait at most, to be committed together."""


def record(
    source: FrameSource,
    writer: RecordingWriter,
    ended: threading.Event,
    seconds: float | None = None,
    progress: Callable[[int], None] = lambda frames: None,
) -> int:
    """Store the newest frames and all touches until `ended`, or for `seconds`; how many frames.

    A slow disk skips frames, it never delays the phone. Raises RecordingError when nothing more can be stored.
    """
    until = monotonic() + seconds if seconds is not None else None
    after = frames = 0
    touches: deque[Touch] = deque()
    with TouchListener(source.phone, touches.extend):
        while not ended.is_set() and (until is None or monotonic() < until):
            frame = source.newest(after, _PAUSE_S)
            if frame is not None:
                after = frame.number
                writer.add(frame)
                frames += 1
                progress(frames)
            _store(touches, writer)
    _store(touches, writer)
    if not frames:
        raise RecordingError(f"the phone showed nothing: {source.state.reason or 'no frame came'}", "mindproof doctor")
    return frames


def _store(touches: deque[Touch], writer: RecordingWriter) -> None:
    """Everything that has come; what comes meanwhile may wait."""
    if ready := [touches.popleft() for _ in range(len(touches))]:
        writer.touch(*ready)
