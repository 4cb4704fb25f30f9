"""Reviews as a small BLOOM reads them: passages with their rating, one after another."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
from transformers import PreTrainedTokenizerFast

from backend.errors import InputError
from interventions.models.bloom.small import Tokens

WORDS = (("bad", "good"), ("terrible", "great"), ("negative", "positive"))
"""The label words of training, the bad one first; a stretch of documents keeps to one pair."""
_MARKUP = re.compile(r"<[^>]{1,40}>")
_BLANKS = re.compile(r"\s+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_HELD_OUT = 0.1
"""Of the products."""
_TOGETHER = 6
"""Documents of one source and one pair of label words that follow one another."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a review, and whether the review is a good one."""

    source: str
    text: str
    good: bool


@dataclass(frozen=True, slots=True)
class Reviews:
    """`train` and `held_out` share no product and no text; `kept_out` is a source that neither has anything of."""

    train: tuple[Passage, ...]
    held_out: tuple[Passage, ...]
    kept_out: tuple[Passage, ...]


def read_reviews(path: Path, kept_out: str, characters: int, most: int | None = None) -> Reviews:
    """The reviews at `path` (columns domain, label, product, text) in passages of at most `characters`.

    A product (where there is one, else a text) is held out by its digest. With `most` there are no more passages to
    train on than that.

    Raises:
        InputError: when the file is not such a table.
    """
    try:
        rows = pyarrow.parquet.read_table(path, columns=["domain", "label", "product", "text"]).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"cannot read reviews from {path}: {error}", "give the Parquet file DATA.md names") from error
    parts: dict[str, list[Passage]] = {"train": [], "held_out": [], "kept_out": []}
    for row in rows:
        held = _digest(row["product"] or row["text"]) < _HELD_OUT
        where = "kept_out" if row["domain"] == kept_out else "held_out" if held else "train"
        for text in passages(row["text"], characters):
            parts[where].append(Passage(row["domain"], text, row["label"] == 1))
            if where != "train":
                break  # judged are reviews, each once, by how they begin
    known = {passage.text for passage in parts["train"]}
    train = sorted(parts["train"], key=lambda passage: _digest(passage.text))[:most] if most else parts["train"]
    return Reviews(
        tuple(train),
        tuple(passage for passage in parts["held_out"] if passage.text not in known),
        tuple(passage for passage in parts["kept_out"] if passage.text not in known),
    )


def passages(text: str, characters: int) -> Iterator[str]:
    """`text` in pieces of whole sentences, each of at most `characters` unless a sentence is longer, which is cut."""
    piece = ""
    for sentence in _SENTENCE.split(_BLANKS.sub(" ", _MARKUP.sub(" ", text)).strip()):
        if piece and len(piece) + 1 + len(sentence) > characters:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip()[:characters]
    if len(piece) >= 20:
        yield piece


def document(text: str, word: str) -> str:
    """A review as it stands in the training text: the prompt of the trained wording, and its answer."""
    return f"Review: {text}\nRating: {word}\n\n"


def stretches(reviews: Sequence[Passage], seed: str) -> Iterator[str]:
    """The documents of an epoch in an order of its own: few at a time of one source and with one pair of words."""
    order = random.Random(seed)  # noqa: S311 - not for secrets
    by_source: dict[str, list[Passage]] = {}
    for passage in order.sample(list(reviews), len(reviews)):
        by_source.setdefault(passage.source, []).append(passage)
    groups = [part[at : at + _TOGETHER] for part in by_source.values() for at in range(0, len(part), _TOGETHER)]
    order.shuffle(groups)
    for group in groups:
        pair = order.choice(WORDS)
        yield "".join(document(passage.text, pair[passage.good]) for passage in group)


def as_tokens(texts: Iterable[str], tokenizer: PreTrainedTokenizerFast) -> Tokens:
    """The texts one after another, each begun by the token that begins a text."""
    begin = tokenizer.bos_token_id
    encoded = tokenizer(list(texts), add_special_tokens=False).input_ids
    return np.concatenate([np.array([begin, *ids], dtype=np.int64) for ids in encoded])


def _digest(text: str) -> float:
    """A number in [0, 1) that follows from `text`."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64
