"""One text's class probabilities, and giving them another probability of harm."""

from __future__ import annotations

from collections.abc import Sequence

Row = tuple[float, ...]
"""Class probabilities of one text."""


def with_harm(row: Row, harmful: Sequence[bool], harm: float) -> Row:
    """`row` with `harm` as the sum over its `harmful` classes: shared out among them as before, the rest among the
    others; evenly where there was nothing to go by."""
    sums = {
        kind: sum(value for value, is_harmful in zip(row, harmful, strict=True) if is_harmful == kind)
        for kind in (True, False)
    }
    counts = {kind: sum(is_harmful == kind for is_harmful in harmful) for kind in (True, False)}
    after = {True: harm, False: 1.0 - harm}
    return tuple(
        value * after[kind] / sums[kind] if sums[kind] > 0 else after[kind] / counts[kind]
        for value, kind in zip(row, harmful, strict=True)
    )
