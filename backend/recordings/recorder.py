"""Take a recording from a live phone: every new frame, and the touches where the phone tells of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from backend.errors import RecordingError
from backend.phones.source import FrameSource
from backend.recordings.file import RecordingWriter


def record(
    source: FrameSource,
    writer: RecordingWriter,
    ended: threading.Event,
    seconds: float | None = None,
    progress: Callable[[int], None] = lambda frames: None,
) -> int:
    """Store the newest frames until `ended`, or for `seconds`; how many.

    A slow disk skips frames, it never delays the phone. Raises RecordingError when nothing more can be stored.
    """
    until = monotonic() + seconds if seconds is not None else None
    after = frames = 0
    while not ended.is_set() and (until is None or monotonic() < until):
        frame = source.newest(after, 0.2)
        if frame is None:
            continue
        after = frame.number
        writer.add(frame)
        frames += 1
        progress(frames)
    if not frames:
        raise RecordingError(f"the phone showed nothing: {source.state.reason or 'no frame came'}", "mindproof doctor")
    return frames
