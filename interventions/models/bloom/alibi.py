"""ALiBi for packed rows: how far back a key lies is told by its place in the text, not by its column in the row.

BLOOM adds ``slope * position of the key`` to every attention score (Press, Smith and Lewis, arXiv 2108.12409). The
position of the query would only add a constant to all scores of one softmax, so it is left out, and so a bias for each
key is enough even where labels stand side by side at the same positions.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from transformers.models.bloom.modeling_bloom import BloomModel, build_alibi_tensor

if TYPE_CHECKING:
    from collections.abc import Iterator


def slopes(heads: int) -> list[float]:
    """The slope of each head, steepest first.

    For n heads, n a power of two, they are the geometric sequence ``2**(-8/n), 2**(-16/n) .. 2**-8``. For any other
    number, those of the next lower power of two, followed by every other one of twice that power.
    """
    lower = 2 ** math.floor(math.log2(heads))
    first = [2 ** (-8 * step / lower) for step in range(1, lower + 1)]
    return first + [2 ** (-4 * step / lower) for step in range(1, 2 * (heads - lower) + 1, 2)]


class PackedAlibi:
    """Stands in for the method of transformers' BLOOM that makes the biases, which knows rows of one text only."""

    def __init__(self, bloom: BloomModel) -> None:
        self._positions: torch.Tensor | None = None
        bloom.build_alibi_tensor = self

    def __call__(self, attention_mask: torch.Tensor, num_heads: int, dtype: torch.dtype) -> torch.Tensor:
        """Biases ``(batch * heads, 1, keys)``."""
        if self._positions is None:
            usual: torch.Tensor = build_alibi_tensor(attention_mask, num_heads, dtype)
            return usual
        positions = self._positions.to(attention_mask.device)
        per_head = torch.tensor(slopes(num_heads), dtype=torch.float32, device=positions.device)
        biases = per_head[None, :, None] * positions[:, None, :]
        return biases.reshape(-1, 1, positions.shape[1]).to(dtype)

    @contextmanager
    def at(self, positions: torch.Tensor) -> Iterator[None]:
        """While this lasts, keys are at `positions`, ``(batch, keys)``."""
        self._positions = positions
        try:
            yield
        finally:
            self._positions = None
