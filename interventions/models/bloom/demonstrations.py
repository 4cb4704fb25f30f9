"""Which labelled items a prompt shows, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from interventions.models.bloom.encoding import readable

Choice = Literal["balanced", "nearest", "random"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
LONGEST = 400
"""Characters of a demonstration's text; every item's prompt carries it."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A text, on one line, and its class."""

    text: str
    label: str


def on_one_line(text: str) -> str:
    """`text` with every run of white space as one blank: prompts are laid out in lines, and an item with lines of its
    own could continue the prompt in its own favour."""
    return " ".join(readable(text).split())


def shown(text: str) -> str:
    """`text` as a demonstration: on one line, and cut at a word when it is long."""
    text = on_one_line(text)
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + "…"


def balanced(labels: Sequence[str], shots: int, seed: int) -> list[int]:
    """Numbers of `shots` items, the classes in turn as long as they last, in random order; fewer when there are no more
    items."""
    random = np.random.default_rng(seed)
    of_class = {name: [int(i) for i in random.permutation([j for j, one in enumerate(labels) if one == name])]
                for name in sorted(set(labels))}  # fmt: skip
    chosen: list[int] = []
    while len(chosen) < min(shots, len(labels)):
        for numbers in of_class.values():
            if numbers and len(chosen) < shots:
                chosen.append(numbers.pop())
    return [chosen[i] for i in random.permutation(len(chosen))]


def random(labels: Sequence[str], shots: int, seed: int) -> list[int]:
    """Numbers of `shots` items drawn without regard to their class."""
    return [int(i) for i in np.random.default_rng(seed).permutation(len(labels))[:shots]]


def nearest(items: NDArray[np.float32], pool: NDArray[np.float32], shots: int) -> NDArray[np.intp]:
    """For each of n `items` the numbers ``(n, shots)`` of the most similar of `pool`, the most similar last, where it
    is next to the question (Liu et al., arXiv 2101.06804). Both are embeddings of unit length, ``(count, width)``."""
    similarity = items @ pool.T
    return np.argsort(similarity, axis=1, kind="stable")[:, -shots:]
