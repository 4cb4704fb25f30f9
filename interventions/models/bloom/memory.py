"""What a BLOOM takes, from its published shape: memory of weights and cache, and the arithmetic of a verdict.

``python -m interventions.models.bloom.memory`` prints the table of ``docs/large-models.md``. Nothing here is measured:
it is arithmetic, and says what must fit, not how fast it runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Precision = Literal["bf16", "int8"]
GB = 10**9
_SCALE_BYTES = 4


@dataclass(frozen=True, slots=True)
class BloomShape:
    """A BLOOM as its ``config.json`` has it. `vocabulary` with its padding: 250,680 entries, in a table of 250,880."""

    layers: int
    width: int
    heads: int
    vocabulary: int = 250_880

    @property
    def matrices(self) -> int:
        """Numbers in the layers' four matrices: QKV (h x 3h), its output (h x h), and the two of the MLP (h x 4h)."""
        return 12 * self.layers * self.width**2

    @property
    def parameters(self) -> int:
        """All numbers. The head is the embedding, transposed, and counts once."""
        embedding = self.vocabulary * self.width
        biases_and_norms = 13 * self.layers * self.width  # biases 3h + h + 4h + h, two layer norms 4h
        outer_norms = 4 * self.width  # of the embedding, and the last
        return embedding + self.matrices + biases_and_norms + outer_norms

    def weight_bytes(self, precision: Precision) -> int:
        """In int8 the layers' matrices take a byte a number, and a scale an output channel; all else stays bf16."""
        if precision == "bf16":
            return 2 * self.parameters
        scales = 9 * self.layers * self.width * _SCALE_BYTES
        return self.matrices + scales + 2 * (self.parameters - self.matrices)

    @property
    def cache_bytes(self) -> int:
        """Of keys and values of one token, in bf16."""
        return 2 * self.layers * self.width * 2

    @property
    def flops(self) -> float:
        """Operations to read one token: a multiplication and an addition a parameter that is multiplied with.

        The head is left out, as it is needed for a label's tokens only; attention over a few hundred tokens adds less
        than a hundredth.
        """
        return 2.0 * self.matrices


PUBLISHED: Mapping[str, BloomShape] = {
    "bloom-560m": BloomShape(24, 1024, 16),
    "bloom-1b1": BloomShape(24, 1536, 16),
    "bloom-1b7": BloomShape(24, 2048, 16),
    "bloom-3b": BloomShape(30, 2560, 32),
    "bloom-7b1": BloomShape(30, 4096, 32),
    "bloom (176b)": BloomShape(70, 14336, 112),
}
"""The shapes that BigScience published (arXiv 2211.05100, table 3)."""


def cards(shape: BloomShape, precision: Precision, card_gb: float = 80.0, used: float = 0.9, sequences: int = 8) -> int:
    """How many cards of `card_gb` hold the weights, and the cache of `sequences` full contexts of 2048 tokens.

    The number is one that the heads can be divided by, as tensor parallelism needs it.

    Args:
        used: the share of a card's memory that the server takes.
    """
    need = shape.weight_bytes(precision) + sequences * 2048 * shape.cache_bytes
    least = math.ceil(need / (card_gb * GB * used))
    return next(count for count in range(least, shape.heads + 1) if shape.heads % count == 0)


def seconds_a_verdict(
    shape: BloomShape, tokens: int, labels: int, cards: int, flops_a_card: float, used: float
) -> float:
    """Of the whole machine's time: a prompt of `tokens` is read once for each label, since a server that tells the
    prompt's log-probabilities takes nothing from its prefix cache.

    Args:
        flops_a_card: its peak, dense, in bf16.
        used: the share of it that is reached in reading prompts.
    """
    return shape.flops * tokens * labels / (cards * flops_a_card * used)


def table() -> str:
    """The table in Markdown."""
    lines = [
        "| model | parameters | weights bf16 | weights int8 | cache a token | of 2048 | 80 GB cards bf16 | int8 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, shape in PUBLISHED.items():
        cells = (
            name,
            f"{shape.parameters:,}",
            f"{shape.weight_bytes('bf16') / GB:.1f} GB",
            f"{shape.weight_bytes('int8') / GB:.1f} GB",
            f"{shape.cache_bytes / 1e6:.2f} MB",
            f"{2048 * shape.cache_bytes / GB:.2f} GB",
            str(cards(shape, "bf16")),
            str(cards(shape, "int8")),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
