"""What an intervention can ask of a hosted model. The model host implements these; a test may pass a stand-in.

A verdict is a pure function of the model's version and the content, so the host answers from its cache whenever it
can: hand over every line or region of the scene, every time, and let the host see to it that nothing is judged twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from interventions.sdk.scene import Finding, Line, Region


@runtime_checkable
class Judge(Protocol):
    """A loaded model."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def classes(self) -> Sequence[str]: ...

    @property
    def harmful(self) -> Sequence[str]:
        """The classes that count as harm, as the model's card says; empty where it does not say."""
        ...


class TextJudge(Judge, Protocol):
    """A classifier of texts."""

    def score(self, lines: Iterable[Line], *classes: str) -> Iterator[tuple[Line, float]]:
        """Each line with the probability, 0 to 1, that it belongs to any of `classes`."""
        ...

    def probabilities(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One row of class probabilities a text, in the order of `classes`."""
        ...


class ImageJudge(Judge, Protocol):
    """A classifier of pictures."""

    def score(self, regions: Iterable[Region], *classes: str) -> Iterator[tuple[Region, float]]:
        """Each region with the probability, 0 to 1, that it belongs to any of `classes`."""
        ...


class Detector(Judge, Protocol):
    """Finds things inside pictures."""

    def find(self, regions: Iterable[Region], *classes: str) -> Iterator[tuple[Region, tuple[Finding, ...]]]:
        """Each region with what was found in it (boxes in screen pixels), of `classes` only when any are named."""
        ...
