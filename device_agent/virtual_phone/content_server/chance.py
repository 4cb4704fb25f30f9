"""Java's `SplittableRandom` (SplitMix64), so that a text comes out the same whether an app or the server composes it.

Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014; bounded numbers as in JDK 17.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_64, _32 = (1 << 64) - 1, (1 << 32) - 1
_GOLDEN_GAMMA = 0x9E3779B97F4A7C15


class Chance:
    """A stream of random numbers from a seed of 64 bits (taken modulo 2**64)."""

    def __init__(self, seed: int) -> None:
        self._seed = seed & _64

    def _next(self) -> int:
        self._seed = (self._seed + _GOLDEN_GAMMA) & _64
        return self._seed

    def _int(self) -> int:
        """32 random bits."""
        z = self._next()
        z = ((z ^ (z >> 33)) * 0x62A9D9ED799705F5) & _64
        return (((z ^ (z >> 28)) * 0xCB24D0A5C88C35B3) & _64) >> 32

    def below(self, bound: int) -> int:
        """``nextInt(bound)``: 0 to `bound` - 1."""
        bits, mask = self._int(), bound - 1
        if bound & mask == 0:
            return bits & mask
        half = bits >> 1
        while half + mask - half % bound > _32 >> 1:
            half = self._int() >> 1
        return half % bound

    def fraction(self) -> float:
        """``nextDouble()``: 0 to below 1."""
        z = self._next()
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _64
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    def pick(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]


def java_hash(text: str) -> int:
    """``String.hashCode``, signed."""
    value = 0
    for unit in memoryview(text.encode("utf-16-le")).cast("H"):
        value = (value * 31 + unit) & _32
    return value - (1 << 32) if value >> 31 else value
