"""What an intervention holds: a loaded model in the terms of ``interventions.sdk.models``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from threading import Lock
from typing import Any

from backend.errors import ModelError
from backend.serving.batching import Batcher
from backend.serving.cache import VerdictCache
from backend.serving.registry import Estimator
from backend.serving.stats import ModelStats
from interventions.models import Detection, ModelFault
from interventions.sdk import Box, Finding, Line, Region


def text_key(text: str) -> tuple[str, bytes]:
    """`text` with its white space collapsed, and the digest of that.

    The collapsed text is also what the model reads: a verdict must follow from its key alone.
    """
    collapsed = " ".join(text.split())
    return collapsed, blake2b(collapsed.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def region_key(region: Region) -> bytes:
    """A picture's digest; its pixels are hashed where perception named none."""
    if region.digest:
        return blake2b(region.digest.encode(), digest_size=16).digest()
    shape = str(region.pixels.shape).encode()
    return blake2b(region.pixels.tobytes(), digest_size=16, person=shape[:16]).digest()


class Handle:
    """A loaded model behind the verdict cache. Safe to share between threads."""

    def __init__(
        self, name: str, estimator: Estimator, judge: Callable[[list[Any]], Sequence[Any]], cache: VerdictCache
    ) -> None:
        self.name = name
        self.version = estimator.version
        self.classes: tuple[str, ...] = tuple(estimator.classes_)
        self.stats = ModelStats(name, self.version)
        self._judge = judge
        self._cache = cache
        self._batcher = Batcher(self._timed)
        self._counting = Lock()

    def _verdicts(self, items: Sequence[Any], digests: Sequence[bytes]) -> list[Any]:
        keys = [(self.name, self.version, digest) for digest in digests]
        answer = self._cache.answer(keys, lambda positions: self._batcher([items[i] for i in positions]))
        with self._counting:
            self.stats.calls += 1
            self.stats.items += len(items)
            self.stats.hits += answer.hits
            self.stats.shared += answer.shared
        return answer.verdicts

    def _timed(self, items: list[Any]) -> Sequence[Any]:
        """One batch through the model, counted; whatever it raises becomes a ModelError that names the model."""
        started = time.perf_counter()
        try:
            verdicts = self._judge(items)
        except Exception as error:
            with self._counting:
                self.stats.failures += 1
            remedy = error.remedy if isinstance(error, ModelFault) else ""
            raise ModelError(f"model {self.name} failed on {len(items)} items: {error}", remedy) from error
        with self._counting:
            self.stats.batches += 1
            self.stats.judged += len(items)
            self.stats.seconds += time.perf_counter() - started
        return verdicts

    def _columns(self, classes: Sequence[str]) -> list[int]:
        """The columns of `classes`, each once.

        Raises:
            ModelError: when none is named, or one is not among the model's.
        """
        unknown = [name for name in classes if name not in self.classes]
        if unknown or not classes:
            wrong = (
                f"model {self.name} has no class {unknown[0]!r}"
                if unknown
                else f"model {self.name} was asked for no class"
            )
            raise ModelError(wrong, "name one or more of: " + ", ".join(self.classes))
        return [self.classes.index(name) for name in dict.fromkeys(classes)]


class TextHandle(Handle):
    """A `TextJudge`."""

    def score(self, lines: Iterable[Line], *classes: str) -> Iterator[tuple[Line, float]]:
        columns = self._columns(classes)
        lines = tuple(lines)
        for line, row in zip(lines, self.probabilities([line.text for line in lines]), strict=True):
            yield line, min(1.0, sum(row[column] for column in columns))

    def probabilities(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        keyed = [text_key(text) for text in texts]
        return self._verdicts([text for text, _ in keyed], [digest for _, digest in keyed])


class ImageHandle(Handle):
    """An `ImageJudge`."""

    def score(self, regions: Iterable[Region], *classes: str) -> Iterator[tuple[Region, float]]:
        columns = self._columns(classes)
        regions = tuple(regions)
        rows = self._verdicts([region.pixels for region in regions], [region_key(region) for region in regions])
        for region, row in zip(regions, rows, strict=True):
            yield region, min(1.0, sum(row[column] for column in columns))


class DetectorHandle(Handle):
    """A `Detector`."""

    def find(self, regions: Iterable[Region], *classes: str) -> Iterator[tuple[Region, tuple[Finding, ...]]]:
        wanted = {self.classes[column] for column in self._columns(classes or self.classes)}
        regions = tuple(regions)
        seen = self._verdicts([region.pixels for region in regions], [region_key(region) for region in regions])
        for region, detections in zip(regions, seen, strict=True):
            yield (
                region,
                tuple(
                    Finding(on_screen(detection, region.box), detection.label, detection.score)
                    for detection in detections
                    if detection.label in wanted
                ),
            )


def on_screen(detection: Detection, picture: Box) -> Box:
    """Where a detection in a picture shown at `picture` lies on the screen; whole pixels, rounded outwards."""
    left, top, right, bottom = detection.box
    return Box(
        picture.left + int(left * picture.width),
        picture.top + int(top * picture.height),
        picture.left - int(-right * picture.width // 1),
        picture.top - int(-bottom * picture.height // 1),
    ).intersect(picture)
