"""Write what a replay shows as a video: one pane a run, side by side."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import cv2
import numpy as np

from backend.errors import RecordingError
from interventions.sdk import Pixels

_CLOCK = 1000


class VideoWriter:
    """H.264 in the container that the file's ending names (``.mp4``, ``.mkv``); panes are `height` pixels high."""

    def __init__(self, path: Path, height: int = 960) -> None:
        self._path, self._height = path, height
        self._stream: Any = None
        try:
            self._container: Any = av.open(str(path), "w")
        except (OSError, ValueError, av.FFmpegError) as error:
            raise RecordingError(f"{path} cannot be written: {error}", "use a name that ends in .mp4") from error
        self._last = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._stream is not None:
            for packet in self._stream.encode():
                self._container.mux(packet)
        self._container.close()

    def add(self, panes: list[Pixels], time_s: float) -> None:
        """One moment: the same frame as each run shows it."""
        picture = np.hstack([self._fit(pane) for pane in panes])
        if self._stream is None:
            self._stream = self._container.add_stream("libx264", rate=30, options={"crf": "23", "preset": "veryfast"})
            self._stream.width, self._stream.height = picture.shape[1], picture.shape[0]
            self._stream.pix_fmt = "yuv420p"
            self._stream.time_base = self._stream.codec_context.time_base = Fraction(1, _CLOCK)
            self._shape = picture.shape
        if picture.shape != self._shape:  # the phone was turned: keep the video's size
            picture = np.asarray(cv2.resize(picture, (self._shape[1], self._shape[0])), np.uint8)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        self._last = max(self._last + 1, round(time_s * _CLOCK))
        frame.pts, frame.time_base = self._last, Fraction(1, _CLOCK)
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def _fit(self, pane: Pixels) -> Pixels:
        width = round(pane.shape[1] * self._height / pane.shape[0] / 2) * 2
        return cv2.resize(pane, (width, self._height), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
