"""One row a query: its own tokens, then the labels side by side, each blind to the others.

A label of m tokens needs m predictions: the first is made at the context's last token, the others at the label's tokens
but the last. Those tokens form a tree (labels that begin alike share their beginning), whose nodes stand in the row
behind the context; a mask lets each see the prefix, the context and its own ancestors, and its position is that of the
text it stands for. So an item is read once for all of its labels, and a label of one token costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interventions.models.bloom.encoding import Encoded, Tokens


@dataclass(frozen=True, slots=True)
class Tree:
    """The label tokens of one query that the model must read.

    `tokens[i]` is node i's token and `parents[i]` the node before it (-1: the context); parents come first. Label j
    is predicted at the places ``steps[j]``: node numbers, -1 for the context's last token.
    """

    tokens: Tokens
    parents: tuple[int, ...]
    steps: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that run together behind a shared prefix of p tokens.

    `tokens` and `positions` are ``(n, width)`` int64, `sees` is ``(n, width, p + width)`` bool. Contexts end in the
    same column, and the `kept` last columns are those that predictions are made at: the context's last token, then
    the trees' nodes.
    """

    tokens: NDArray[np.int64]
    positions: NDArray[np.int64]
    sees: NDArray[np.bool_]
    kept: int


def tree(tails: Sequence[Tokens]) -> Tree:
    """The tree of what `tails` begin with, their last tokens left out."""
    nodes: dict[Tokens, int] = {(): -1}
    tokens: list[int] = []
    parents: list[int] = []
    steps: list[tuple[int, ...]] = []
    for tail in tails:
        path = [-1]
        for length in range(1, len(tail)):
            if tail[:length] not in nodes:
                nodes[tail[:length]] = len(tokens)
                tokens.append(tail[length - 1])
                parents.append(path[-1])
            path.append(nodes[tail[:length]])
        steps.append(tuple(path))
    return Tree(tuple(tokens), tuple(parents), tuple(steps))


def pack(encoded: Sequence[Encoded], trees: Sequence[Tree], prefix: int) -> Batch:
    """The rows of `encoded`, whose contexts begin with the same `prefix` tokens (and have at least one more)."""
    own = max(len(one.context) - prefix for one in encoded)
    most = max(len(one.tokens) for one in trees)
    width = own + most
    tokens = np.zeros((len(encoded), width), dtype=np.int64)
    positions = np.zeros_like(tokens)
    sees = np.zeros((len(encoded), width, prefix + width), dtype=np.bool_)
    for row, (one, labels) in enumerate(zip(encoded, trees, strict=True)):
        context = one.context[prefix:]
        start = own - len(context)
        tokens[row, start:own] = context
        positions[row, start:own] = prefix + np.arange(len(context))
        sees[row, :, :prefix] = True
        sees[row, start:own, prefix + start : prefix + own] = np.tri(len(context), dtype=np.bool_)
        for node, (token, parent) in enumerate(zip(labels.tokens, labels.parents, strict=True)):
            before = own - 1 if parent < 0 else own + parent
            tokens[row, own + node] = token
            positions[row, own + node] = positions[row, before] + 1
            sees[row, own + node] = sees[row, before]
            sees[row, own + node, prefix + own + node] = True
        _see_themselves(sees[row], start, own + len(labels.tokens), prefix)
    return Batch(tokens, positions, sees, most + 1)


def _see_themselves(sees: NDArray[np.bool_], start: int, stop: int, prefix: int) -> None:
    """Let the padding outside of ``start:stop`` see itself: a row of scores that may see nothing has no softmax."""
    width = sees.shape[0]
    padding = [*range(start), *range(stop, width)]
    sees[padding, [prefix + column for column in padding]] = True


def buckets(lengths: Sequence[int], most_rows: int, most_tokens: int) -> list[list[int]]:
    """Numbers of rows that run together: rows of about the same length, at most so many rows and so many tokens with
    their padding (one row may be longer)."""
    batches: list[list[int]] = []
    for number in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        first = lengths[batches[-1][0]] if batches else 0
        if not batches or len(batches[-1]) >= most_rows or first * (len(batches[-1]) + 1) > most_tokens:
            batches.append([])
        batches[-1].append(number)
    return batches
