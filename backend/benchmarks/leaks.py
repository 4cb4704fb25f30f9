"""How many of the frames that a screen showed had one of certain texts on them, found by reading the pixels.

While a run lasts, every distinct frame is kept in memory, compressed; afterwards each is read by OCR. Nothing is
stored.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby

import cv2
import numpy as np

from backend.benchmarks.screen_rows import ScreenRows
from backend.perception.reader import shared_reader
from backend.phones.frame import Frame
from backend.phones.source import FrameSource
from interventions.sdk import Line, Pixels

MOST_BYTES = 1 << 30
MOST_READ = 1200
"""Frames that are read of one run: a minute at the usual rate. To read them takes several."""
_WIDTH = 540
"""Half of a common screen: text is read as well there as at its full size."""
_QUALITY = 88
_THREADS = 2
_LEAST = 12
"""Letters below which a piece of a line could stand anywhere."""
_ALIKE = 0.84
"""Similarity from which a row that OCR read counts as a piece of a line, spelling mistakes and all."""
_LETTERS = re.compile(r"[^a-z]+")


@dataclass(frozen=True, slots=True)
class Kept:
    """One frame, compressed."""

    time_s: float
    package: str
    jpeg: bytes = field(repr=False)


class FrameKeeper:
    """Keeps every frame of `source` whose pixels differ from the one before, from `start` to `stop`."""

    def __init__(self, source: FrameSource) -> None:
        self.kept: list[Kept] = []
        self.skipped = 0
        """Frames that there was no room for."""
        self._source, self._bytes = source, 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="frame keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10.0)

    def _run(self) -> None:
        number, before = 0, None
        while not self._stop.is_set():
            frame = self._source.newest(number, 0.2)
            if frame is None:
                continue
            number = frame.number
            if frame.pixels is not before:
                before = frame.pixels
                self._keep(frame)

    def _keep(self, frame: Frame) -> None:
        jpeg = compressed(frame.pixels)
        if self._bytes + len(jpeg) > MOST_BYTES:
            self.skipped += 1
            return
        self._bytes += len(jpeg)
        self.kept.append(Kept(frame.time_s, frame.app.package, jpeg))


@dataclass(frozen=True, slots=True)
class Leaks:
    """Of `frames`, how many showed a text, and how often each; `skipped` were not looked at."""

    frames: int
    leaked: int
    lines: Counter[str]
    skipped: int = 0


def count_leaks(
    frames: Sequence[Kept], texts: Sequence[str], progress: Callable[[], None] = lambda: None, most: int = MOST_READ
) -> Leaks:
    """Look at every frame, or at `most` that are evenly spread; the rest is skipped.

    A frame leaks when any of `texts`, or a row of one, can be read on it. Raises ModelError where nothing can be read.
    """
    finder, rows, lines = Finder(texts), ScreenRows(shared_reader(_THREADS)), Counter[str]()
    total = leaked = 0
    looked_at = evenly(frames, most)
    for pixels in _pictures(looked_at):
        total += 1
        found = finder.found(rows.read(pixels))
        lines.update(found)
        leaked += bool(found)
        progress()
    return Leaks(total, leaked, lines, len(frames) - len(looked_at))


def evenly(frames: Sequence[Kept], most: int) -> Sequence[Kept]:
    """`most` of `frames`, evenly spread, the first among them; all where there are no more."""
    if len(frames) <= most:
        return frames
    return [frames[at * len(frames) // most] for at in range(most)]


class Finder:
    """Recognises pieces of known texts among rows that OCR read."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = {text: letters(text) for text in texts}
        self._known: dict[str, tuple[str, ...]] = {}

    def found(self, rows: Iterable[Line]) -> set[str]:
        """The texts of which a row, or all rows of a paragraph, are a piece."""
        found: set[str] = set()
        for _, together in groupby(rows, key=lambda row: row.paragraph):
            texts = [row.text for row in together]
            for text in [*texts, " ".join(texts)]:
                found.update(self._of(letters(text)))
        return found

    def _of(self, row: str) -> tuple[str, ...]:
        if len(row) < _LEAST:
            return ()
        if row not in self._known:
            self._known[row] = tuple(text for text, all_ in self._texts.items() if _is_piece(row, all_))
        return self._known[row]


def letters(text: str) -> str:
    """Only the letters of `text`, small."""
    return _LETTERS.sub("", text.casefold())


def _is_piece(row: str, text: str) -> bool:
    """Whether `row` is, nearly, a stretch of `text`, or holds it."""
    if row in text or text in row:
        return True
    short, long = sorted((row, text), key=len)
    best = SequenceMatcher(None, long, short, autojunk=False).find_longest_match()
    if best.size < _LEAST // 2:
        return False
    start = max(0, best.a - best.b)
    stretch = long[start : start + len(short)]
    return SequenceMatcher(None, stretch, short, autojunk=False).ratio() >= _ALIKE


def _pictures(kept: Iterable[Kept]) -> Iterator[Pixels]:
    for one in kept:
        bgr = cv2.imdecode(np.frombuffer(one.jpeg, np.uint8), cv2.IMREAD_COLOR)
        if bgr is not None:
            yield cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def compressed(pixels: Pixels) -> bytes:
    height, width = pixels.shape[:2]
    scale = min(1.0, _WIDTH / width)
    size = (round(width * scale), round(height * scale))
    small = pixels if scale == 1.0 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()
