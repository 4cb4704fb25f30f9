"""N-grams of words, of characters and of concepts as numbered features, in numpy alone.

A feature is the hash of its n-gram, cut to `bits` bits: there is no vocabulary to keep, and words of any language have
features. Each of the three kinds is normalised for itself, so that neither a long text nor the many n-grams of
characters drown the few of concepts. What a text repeats counts each time.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from interventions.models.ngrams.lexicon import Lexicon

Hashes = NDArray[np.uint64]

_TOKEN = re.compile(r"\w+(?:'\w+)*|[^\w\s]")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_REACH = 7
"""How many items apart the concepts of one n-gram may be."""
_ITEMS = 96
"""Concepts of one text that count; of longer texts the first ones."""


@dataclass(frozen=True, slots=True)
class Spaces:
    """Which n-grams count, into how many features they go (``2 ** bits``), and how much each kind weighs."""

    bits: int = 18
    words: int = 3
    characters: tuple[int, int] = (2, 5)
    lexicon: Lexicon | None = None
    weights: tuple[float, float, float] = (1.0, 1.0, 2.0)


def features(text: str, spaces: Spaces) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The features of a normalised `text` and their values, both ``(m,)``; a feature may stand there more than once."""
    tokens = tokens_of(text)
    kinds = [_word_grams(tokens, spaces.words), _character_grams(text, *spaces.characters)]
    if spaces.lexicon is not None:
        kinds.append(_concept_grams(*spaces.lexicon.concepts(tokens)))
    numbers = [_cut(hashes, spaces.bits) for hashes in kinds]
    values = [_even(len(found), weight) for found, weight in zip(numbers, spaces.weights, strict=False)]
    return np.concatenate(numbers), np.concatenate(values)


def tokens_of(text: str) -> list[str]:
    """Words, and signs one by one."""
    return _TOKEN.findall(text)


def _even(count: int, weight: float) -> NDArray[np.float32]:
    return np.full(count, weight / np.sqrt(count) if count else 0.0, dtype=np.float32)


def _cut(hashes: Hashes, bits: int) -> NDArray[np.int64]:
    mixed = (hashes ^ (hashes >> _HALF)) * _MIX
    mixed = (mixed ^ (mixed >> _HALF)) & np.uint64((1 << bits) - 1)
    return mixed.astype(np.int64)


def _word_grams(tokens: Iterable[str], longest: int) -> Hashes:
    """Runs of 1 to `longest` tokens, the text's ends included, and pairs with one token between them."""
    hashes = [zlib.crc32(token.encode()) + 3 for token in tokens]
    if not hashes:
        return np.empty(0, np.uint64)
    edged = np.array([1, *hashes, 2], dtype=np.uint64)
    grams = [edged[1:-1] * _MULTIPLIER]
    grams += [_runs(edged, length) + np.uint64(length) for length in range(2, longest + 1)]
    grams.append((edged[:-2] * _MULTIPLIER + np.uint64(77)) * _MULTIPLIER + edged[2:])
    return np.concatenate(grams)


def _character_grams(text: str, shortest: int, longest: int) -> Hashes:
    """Runs of characters of the text between two blanks."""
    if not text:
        return np.empty(0, np.uint64)
    codes = np.frombuffer(f" {text} ".encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    return np.concatenate([_runs(codes, n) + np.uint64(1000 + n) for n in range(shortest, longest + 1)])


def _runs(codes: Hashes, length: int) -> Hashes:
    """A hash of every run of `length` codes, ``(len(codes) - length + 1,)``; empty where there are fewer."""
    count = len(codes) - length + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    total = np.zeros(count, np.uint64)
    for offset in range(length):
        total = total * _MULTIPLIER + codes[offset : offset + count] + np.uint64(1)
    return total


def _concept_grams(concepts: list[int], positions: list[int]) -> Hashes:
    """Single concepts, and all ordered pairs and triples of those that stand near each other."""
    if not concepts:
        return np.empty(0, np.uint64)
    named = np.array(concepts[:_ITEMS], dtype=np.uint64) + np.uint64(1)
    at = np.array(positions[:_ITEMS])
    first, second, third = _near(len(named))
    apart = (at[first] < at[second]) & ((third < 0) | (at[second] < at[third]))
    first, second, third = first[apart], second[apart], third[apart]
    pairs = named[first] * _MULTIPLIER + named[second]
    joined = third >= 0
    beside = pairs[~joined & (at[second] - at[first] == 1)]
    last = np.where(joined, named[third], np.uint64(0))
    return np.concatenate(
        [named * _MULTIPLIER + np.uint64(5001), pairs * _MULTIPLIER + last + np.uint64(5100), beside + np.uint64(5201)]
    )


@cache
def _near(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """The pairs (third is -1) and triples of `count` items of which first and last are at most `_REACH` apart."""
    pairs = [(i, j, -1) for i in range(count) for j in range(i + 1, min(count, i + _REACH + 1))]
    triples = [(i, j, k) for i, j, _ in pairs for k in range(j + 1, min(count, i + _REACH + 1))]
    first, second, third = np.array([*pairs, *triples], dtype=np.intp).reshape(-1, 3).T
    return first, second, third
