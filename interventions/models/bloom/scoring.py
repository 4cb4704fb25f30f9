"""From log-probabilities of answers to probabilities of classes: four ways, always all of them.

- ``raw``: the probability of the answer's text.
- ``token``, ``byte``: its geometric mean a token, or a byte of UTF-8, so that long answers are not at a disadvantage.
- ``pmi``: how much more likely the answer is after this item than after one that says nothing (pointwise mutual
  information; Holtzman et al., arXiv 2104.08315), so that answers which the model likes anyway are not at an advantage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from interventions.models.bloom.language_model import Scores

Scoring = Literal["raw", "token", "byte", "pmi"]
SCORINGS: tuple[Scoring, ...] = get_args(Scoring)


def log_scores(
    scores: Scores, content_free: NDArray[np.float64], answers: Sequence[str]
) -> Mapping[Scoring, NDArray[np.float64]]:
    """The score ``(n, k)`` of every answer, by each way.

    Args:
        content_free: ``(n, k)``, the log-probability of the answers after an item that says nothing.
    """
    length = np.array([len(answer.encode()) for answer in answers], dtype=np.float64)
    return {
        "raw": scores.logprob,
        "token": scores.logprob / scores.tokens,
        "byte": scores.logprob / length,
        "pmi": scores.logprob - content_free,
    }


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows ``(n, k)`` of finite scores as probabilities that sum to 1."""
    if not scores.size:
        return scores.copy()
    raised: NDArray[np.float64] = np.exp(scores - scores.max(axis=1, keepdims=True))
    raised /= raised.sum(axis=1, keepdims=True)
    return raised
