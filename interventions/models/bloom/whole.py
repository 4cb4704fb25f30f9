"""Scoring every (query, label) text from its first token to its last: the plain way.

It asks nothing of a model but a causal forward pass, so it checks the packed way when a model is opened, does the work
for models that the packed way does not suit, and is what benchmarks compare with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from interventions.models.bloom.encoding import Encoded, Tokens
from interventions.models.bloom.packing import buckets


def score_whole(
    model: Any, encoded: Sequence[Encoded], most_rows: int = 32, most_tokens: int = 8192
) -> NDArray[np.float64]:
    """The log-probability ``(n, k)`` of every label, texts of about the same length running together, padded left."""
    pairs = [(one.context, tail) for one in encoded for tail in one.tails]
    found = np.zeros(len(pairs))
    for numbers in buckets([len(context) + len(tail) for context, tail in pairs], most_rows, most_tokens):
        found[numbers] = _score_rows(model, [pairs[number] for number in numbers])
    return found.reshape(len(encoded), -1)


@torch.inference_mode()
def _score_rows(model: Any, pairs: Sequence[tuple[Tokens, Tokens]]) -> NDArray[np.float64]:
    rows = [(*context, *tail)[:-1] for context, tail in pairs]
    width = max(map(len, rows))
    tokens = torch.tensor([[0] * (width - len(row)) + list(row) for row in rows], device=model.device)
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=model.device)
    longest = max(len(tail) for _, tail in pairs)
    logits = model(
        input_ids=tokens, attention_mask=mask, position_ids=(mask.cumsum(-1) - 1).clamp(min=0), use_cache=False,
        logits_to_keep=longest,
    ).logits  # fmt: skip
    found = np.zeros(len(pairs))
    for row, (_, tail) in enumerate(pairs):
        at = logits[row, longest - len(tail) :]
        found[row] = float(log_probabilities(at, torch.tensor(tail, device=at.device)).sum())
    return found


def log_probabilities(logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """``log softmax(logits)[token]`` in float32 for each row of ``(..., vocabulary)``, without making the softmax."""
    chosen = logits.gather(-1, tokens[..., None]).squeeze(-1)
    return chosen.float() - logits.float().logsumexp(-1)
