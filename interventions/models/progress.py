"""How a fit reports where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Step `step` of at most `steps` is done.

    `loss` is the training loss, lower is better, and `score` what early stopping watches, higher is better; either is
    None where the family has none. `note` is one line for people.
    """

    step: int
    steps: int
    loss: float | None = None
    score: float | None = None
    note: str = ""


Watch = Callable[[Progress], None]
