"""What a classifier by prompt asks of a language model, wherever the model runs.

A label is judged by the log-probability of its tokens after the text that leads to it. The scored text is

    prefix + before + item + after + label

and is tokenised as one text. `prefix` is the same for all queries of a call (instruction and fixed demonstrations), so
that its work is done once; `before` is what a query has of its own ahead of the item (demonstrations chosen for it).

Which tokens are the label's: all from the first on that the texts of the query's labels do not share, or that holds a
character of a label, whichever comes first. So a token that reaches over the boundary (the blank that belongs to the
word behind it, a merge of the last character of `after` with the first of the label) counts in full, and the labels of
one query are all judged after the very same tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Query:
    """One item to be judged, with what stands around it. Only `item` may be shortened to fit the context."""

    before: str
    item: str
    after: str


@dataclass(frozen=True, slots=True)
class Scores:
    """What a model says of n queries and k labels.

    `logprob` is ``(n, k)`` float64, the natural logarithm of the probability of a label's tokens, summed; always
    finite. `tokens` is ``(n, k)`` int64, how many tokens that were, at least 1. `truncated` is ``(n,)`` bool: the
    item was too long for the context, and its middle was left out.
    """

    logprob: NDArray[np.float64]
    tokens: NDArray[np.int64]
    truncated: NDArray[np.bool_]


@runtime_checkable
class LanguageModel(Protocol):
    """A causal language model that can score labels."""

    @property
    def name(self) -> str:
        """What to call it in messages and cards: a path or an address, and the model's own name."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same question may be answered differently."""
        ...

    def score(self, prefix: str, queries: Sequence[Query], labels: Sequence[str]) -> Scores:
        """The log-probability of every label after every query; `labels` are taken as they are, blanks included.

        Raises:
            WrongInput: no label, an empty label, or a text whose instruction alone does not fit the context.
            ModelFault: the model answered with something that is not a number, or did not answer.
        """
        ...
