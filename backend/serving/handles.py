"""What an intervention holds: a loaded model in the terms of ``interventions.sdk.models``."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.errors import ModelError, Shed
from backend.serving.cache import VerdictCache
from backend.serving.deadline import until_s
from backend.serving.rows import Row
from backend.serving.served import Served
from backend.serving.stats import ModelStats, Tally
from interventions.models import Detection
from interventions.sdk import Box, Finding, Line, Region

log = logging.getLogger(__name__)

Rows = NDArray[np.float64]


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


def row_keys(rows: ArrayLike) -> tuple[Rows, list[bytes]]:
    """Rows of numbers, shape (n, d), as the model reads them, and the digest of each.

    Equal numbers have equal digests whatever their type: all become float64, -0.0 becomes 0.0, and every NaN the same.

    Raises:
        ValueError: they are no table of numbers.
    """
    table = np.ascontiguousarray(rows, dtype=np.float64) + 0.0
    if table.ndim != 2:
        raise ValueError(f"(n, d) numbers are wanted, not shape {table.shape}")
    table[np.isnan(table)] = np.nan
    return table, [blake2b(row.tobytes(), digest_size=16, person=b"row").digest() for row in table]


class Handle(ABC):
    """What the host hands out under a name. Implements ``interventions.sdk.Judge``; safe to share between threads.

    A handle made of others derives from this (or from nothing, with the same attributes) and offers the methods of
    one of the protocols of ``interventions.sdk.models``; see `ModelHost` for how it gets its name. Deadlines reach
    its parts by themselves.
    """

    name: str

    @property
    @abstractmethod
    def version(self) -> str:
        """Equal versions give equal verdicts. One made of others names all of theirs."""

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...]: ...

    @property
    @abstractmethod
    def harmful(self) -> tuple[str, ...]: ...

    @property
    @abstractmethod
    def stats(self) -> ModelStats:
        """A copy of its counters."""

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


class JudgesTexts(Handle):
    """A `TextJudge`: what follows from the probabilities of texts."""

    @abstractmethod
    def probabilities(self, texts: Sequence[str]) -> list[Row]:
        """One row of class probabilities a text, in the order of `classes`. Raises Shed, or ModelError."""

    def score(self, lines: Iterable[Line], *classes: str) -> Iterator[tuple[Line, float]]:
        columns = self._columns(classes)
        lines = tuple(lines)
        for line, row in zip(lines, self.probabilities([line.text for line in lines]), strict=True):
            yield line, min(1.0, sum(row[column] for column in columns))


class ModelHandle(Handle):
    """One model behind the verdict cache."""

    def __init__(self, name: str, served: Served, cache: VerdictCache, tally: Tally) -> None:
        self.name = name
        self._served = served
        self._cache = cache
        self._tally = tally
        self._changing = Lock()
        with tally as stats:
            stats.version = served.about.version

    @property
    def version(self) -> str:
        return self._served.about.version

    @property
    def classes(self) -> tuple[str, ...]:
        return self._served.about.classes

    @property
    def harmful(self) -> tuple[str, ...]:
        return self._served.about.harmful

    @property
    def stats(self) -> ModelStats:
        return self._tally.read()

    def swap(self, open_: Callable[[Tally], Served], drain_s: float) -> None:
        """Go over to the version that `open_` gives, unless it is the same; see `ModelHost.swap`.

        Raises:
            ModelError: it takes other input or has other classes.
        """
        fresh, old = open_(self._tally), self._served
        if fresh.about.kind != old.about.kind:
            fresh.close()
            raise ModelError(
                f"what should replace model {self.name} is no version of it: a {fresh.about.input} {fresh.about.task} "
                f"with the classes {', '.join(fresh.about.classes)}",
                "give it a name of its own",
            )
        if fresh.about == old.about:
            fresh.close()
            return
        with self._changing:
            self._served = fresh
        with self._tally as stats:
            stats.version = fresh.about.version
            stats.swaps += 1
        if not old.drained(drain_s):
            log.warning("model %s: version %s is closed over calls that last", self.name, old.about.version)
        old.close()

    def _verdicts(self, items: Sequence[Any], digests: Sequence[bytes]) -> list[Any]:
        """All by one version, whatever happens meanwhile.

        Raises:
            Shed: not all were reached by the deadline of this thread's work (see `deadline`).
            ModelError: the model failed.
        """
        until = until_s()
        with self._changing:  # nobody enters a version that a swap has begun to drain
            served = self._served
            served.enter()
        try:
            keys = [(self.name, served.about.version, digest) for digest in digests]
            answer = self._cache.answer(keys, lambda at: served.ask([items[i] for i in at], until), until)
        except Shed as shed:
            with self._tally as stats:
                stats.calls += 1
                stats.items += len(items)
                if shed.why == "late":
                    stats.late += shed.items
                else:
                    stats.shed += shed.items
            raise
        finally:
            served.leave()
        with self._tally as stats:
            stats.calls += 1
            stats.items += len(items)
            stats.hits += answer.hits
            stats.shared += answer.shared
        return answer.verdicts


class TextHandle(ModelHandle, JudgesTexts):
    """A model of texts."""

    def probabilities(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        keyed = [text_key(text) for text in texts]
        return self._verdicts([text for text, _ in keyed], [digest for _, digest in keyed])


class ImageHandle(ModelHandle):
    """An `ImageJudge`."""

    def score(self, regions: Iterable[Region], *classes: str) -> Iterator[tuple[Region, float]]:
        columns = self._columns(classes)
        regions = tuple(regions)
        rows = self._verdicts([region.pixels for region in regions], [region_key(region) for region in regions])
        for region, row in zip(regions, rows, strict=True):
            yield region, min(1.0, sum(row[column] for column in columns))


class TabularHandle(ModelHandle):
    """A classifier of rows of numbers, shape (n, d)."""

    def score(self, rows: ArrayLike, *classes: str) -> Iterator[tuple[Rows, float]]:
        """Each row with the probability, 0 to 1, that it belongs to any of `classes`."""
        columns = self._columns(classes)
        table, digests = self._keyed(rows)
        for row, verdict in zip(table, self._verdicts(table, digests), strict=True):
            yield row, min(1.0, sum(verdict[column] for column in columns))

    def probabilities(self, rows: ArrayLike) -> list[tuple[float, ...]]:
        """A row of class probabilities for each of `rows`, in the order of `classes`."""
        return self._verdicts(*self._keyed(rows))

    def _keyed(self, rows: ArrayLike) -> tuple[list[Rows], list[bytes]]:
        try:
            table, digests = row_keys(rows)
            return list(table), digests
        except (TypeError, ValueError) as error:
            raise ModelError(f"model {self.name} was not given rows of numbers: {error}") from error


class FieldHandle(TabularHandle):
    """A classifier of the points of a field, by their coordinates, shape (n, d)."""


class DetectorHandle(ModelHandle):
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
