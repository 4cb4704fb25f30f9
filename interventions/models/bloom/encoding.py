"""From texts to tokens: what is the item's, what is a label's, and what is cut when a text is too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from interventions.models.bloom.language_model import Query
from interventions.models.errors import WrongInput

GAP = "…"
"""Stands where the middle of an item was left out."""

Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A query's tokens. Text with label j is ``context + tails[j]``, exactly the tokens of the whole text; no tail is
    empty."""

    context: Tokens
    tails: tuple[Tokens, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class _Whole:
    """One text's tokens, with the characters each stands for."""

    tokens: Tokens
    offsets: Sequence[tuple[int, int]]


class Encoder:
    """Tokenises queries with their labels.

    Text is text: a special token's name inside an item (``</s>``, ``<|im_end|>``) is spelt out, so that no item can end
    its own prompt. What the tokenizer puts in front of every text (a beginning-of-sequence token, with some models) is
    put there; what it would put behind is not, since a label is not the end. A label with nothing at all in front is
    judged after the token that begins (or ends) a text.
    """

    def __init__(self, tokenizer: Any, context: int) -> None:
        self._tokenizer = tokenizer
        self._context = context
        self._front = _front(tokenizer)
        start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        self._start: Tokens = (0 if start is None else start,)

    def prefix(self, text: str) -> Tokens:
        """The tokens of `text` alone, as far as they can be part of a longer text's."""
        return self._front + self._tokenised([text])[0].tokens

    def encode(self, prefix: str, queries: Sequence[Query], labels: Sequence[str]) -> list[Encoded]:
        """Every query with every label, items shortened where they must be.

        Raises:
            WrongInput: no label, an empty one, or a text that does not fit even without its item.
        """
        if not labels or not all(labels):
            raise WrongInput("a language model needs at least one label, and none may be empty")
        prefix, labels = readable(prefix), [readable(label) for label in labels]
        queries = [Query(readable(q.before), readable(q.item), readable(q.after)) for q in queries]
        wholes = self._tokenised([prefix + q.before + q.item + q.after + label for q in queries for label in labels])
        encoded = []
        for number, query in enumerate(queries):
            mine = wholes[number * len(labels) : (number + 1) * len(labels)]
            excess = max(len(whole.tokens) for whole in mine) + len(self._front) - self._context
            if excess > 0:
                query, mine = self._shortened(prefix, query, labels, mine, excess)
            boundary = len(prefix + query.before + query.item + query.after)
            context, tails = split(mine, boundary)
            encoded.append(Encoded(self._front + context or self._start, tails, excess > 0))
        return encoded

    def _shortened(
        self, prefix: str, query: Query, labels: Sequence[str], wholes: list[_Whole], excess: int
    ) -> tuple[Query, list[_Whole]]:
        """The query with the middle of its item left out, so that it fits with its longest label.

        Tokens at the edges of the gap differ from those that were there, so it may take a second, larger cut.
        """
        start = len(prefix + query.before)
        stop = start + len(query.item)
        longest = max(wholes, key=lambda whole: len(whole.tokens))
        inside = [i for i, (left, right) in enumerate(longest.offsets) if start <= left and right <= stop]
        for cut in range(excess + 2, len(inside) + excess + 8, 4):
            behind = max(0, len(inside) - cut) // 2
            ahead = max(0, len(inside) - cut) - behind
            left = longest.offsets[inside[ahead - 1]][1] - start if ahead else 0
            right = longest.offsets[inside[-behind]][0] - start if behind else len(query.item)
            shorter = Query(query.before, query.item[:left] + GAP + query.item[right:], query.after)
            text = prefix + shorter.before + shorter.item + shorter.after
            mine = self._tokenised([text + label for label in labels])
            if max(len(whole.tokens) for whole in mine) + len(self._front) <= self._context:
                return shorter, mine
        raise WrongInput(
            f"the instruction and the demonstrations alone are longer than the {self._context} tokens of the context",
            "use fewer or shorter demonstrations",
        )

    def _tokenised(self, texts: Sequence[str]) -> list[_Whole]:
        if not texts:
            return []
        done = self._tokenizer(
            list(texts), add_special_tokens=False, split_special_tokens=True, return_offsets_mapping=True,
            return_attention_mask=False, return_token_type_ids=False, truncation=False, verbose=False,
        )  # fmt: skip
        return [_Whole(tuple(t), o) for t, o in zip(done["input_ids"], done["offset_mapping"], strict=True)]


def split(wholes: Sequence[_Whole], boundary: int) -> tuple[Tokens, tuple[Tokens, ...]]:
    """The tokens that all texts begin with and that end before the character `boundary`, and what each has after them.

    The label's tokens so begin at the same place for all labels of a query. Where a token reaches over the boundary for
    one label and not for another, they begin before it for all.
    """
    shared = common(*(whole.tokens for whole in wholes))
    for whole in wholes:
        inside = next((i for i, (_, right) in enumerate(whole.offsets) if right > boundary), len(whole.tokens) - 1)
        shared = min(shared, inside)
    return wholes[0].tokens[:shared], tuple(whole.tokens[shared:] for whole in wholes)


def common(*sequences: Tokens) -> int:
    """How many tokens all sequences begin with."""
    shortest = min(len(sequence) for sequence in sequences)
    first = sequences[0]
    for other in sequences[1:]:
        if first[:shortest] != other[:shortest]:
            shortest = next(i for i in range(shortest) if first[i] != other[i])
    return shortest


def _front(tokenizer: Any) -> Tokens:
    """What the tokenizer puts in front of every text."""
    bare = tokenizer("a", add_special_tokens=False)["input_ids"]
    full = tokenizer("a", add_special_tokens=True)["input_ids"]
    return tuple(full[: full.index(bare[0])]) if bare and bare[0] in full else ()


def readable(text: str) -> str:
    """`text` without lone surrogates, which no tokenizer takes (phones send them when they cut an emoji in two)."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
