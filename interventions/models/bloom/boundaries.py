"""Where a label begins among the tokens of a server that cuts texts itself, and how an item is made to fit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from interventions.models.bloom.completions import ContextExceeded, Echo, ServerUnusable
from interventions.models.bloom.encoding import GAP
from interventions.models.errors import WrongInput

_BYTE_LEVEL = str.maketrans({"Ġ": " ", "▁": " ", "Ċ": "\n"})


def label_scores(
    echoes: Sequence[Echo], texts: Sequence[str], boundary: int
) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """The log-probability of each label, and how many tokens it has.

    Args:
        echoes: of one query with each of its labels, as the server read `texts`.
        boundary: the character at which the labels begin.

    The label's tokens are all from the first on that the texts do not share, or that holds a character of a label
    (see `language_model`).

    Raises:
        ServerUnusable: when the server's tokens do not make up the text.
        WrongInput: when there is nothing in front of a label.
    """
    starts = [_starts(echo, text) for echo, text in zip(echoes, texts, strict=True)]
    first = _shared(echoes)
    for echo, begins, text in zip(echoes, starts, texts, strict=True):
        ends = (*begins[1:], len(text))
        first = min(first, next((at for at, end in enumerate(ends) if end > boundary), len(ends) - 1))
        _check(echo, first, text[boundary:])
    if first == 0:
        raise WrongInput("a label with nothing in front of it cannot be judged by a server", "write an instruction")
    sums = tuple(math.fsum(one or 0.0 for one in echo.logprobs[first:]) for echo in echoes)
    return sums, tuple(len(echo.tokens) - first for echo in echoes)


def without_middle(item: str, kept: int) -> str:
    """`item` with `kept` of its characters, the middle left out."""
    ahead = kept - kept // 2
    return item[:ahead] + GAP + (item[-(kept // 2) :] if kept // 2 else "")


def excess(refusals: Sequence[ContextExceeded], characters: int, kept: int) -> int:
    """How many characters of the item to leave out next; half of those it still has, where the server tells no numbers.

    By rule of three, so it may take a second and a third cut; to be asked is cheap where the answer is that it is too
    long.
    """
    known = [(one.asked - one.limit, one.asked) for one in refusals if one.limit and one.asked > one.limit]
    if not known:
        return max(1, kept // 2)
    over, asked = max(known)
    return math.ceil((over + 1) * characters / asked) + len(GAP)


def _starts(echo: Echo, text: str) -> tuple[int, ...]:
    """Where each token begins in `text`, right from the boundary on.

    Servers count the characters of tokens, so a token in front that is not in the text (``<s>``), or one that is a
    part of a character, shifts all that come after it. Counted back from the end of the text, the label's are right.
    """
    last = _spelt(echo.tokens[-1])
    shift = echo.starts[-1] + len(last) - len(text) if last and text.endswith(last) else 0
    return tuple(start - shift for start in echo.starts)


def _shared(echoes: Sequence[Echo]) -> int:
    """How many tokens all begin with."""
    for at, tokens in enumerate(zip(*(echo.tokens for echo in echoes), strict=False)):
        if len(set(tokens)) > 1:
            return at
    return min(len(echo.tokens) for echo in echoes)


def _check(echo: Echo, first: int, label: str) -> None:
    """See that the tokens from `first` on hold the label, where the server spells its tokens out."""
    tokens = echo.tokens[first:]
    if any(token.startswith(("token_id:", "bytes:")) or "�" in token for token in tokens):
        return
    if not _spelt("".join(tokens)).endswith(label):
        raise ServerUnusable(
            "the server's tokens do not make up the label that it was asked about",
            "give `tokenizer`, the path of the model's own tokenizer, to have texts cut into tokens here",
        )


def _spelt(token: str) -> str:
    """A token's text; some servers tell a blank and a new line as a vocabulary has them."""
    return token.translate(_BYTE_LEVEL)
