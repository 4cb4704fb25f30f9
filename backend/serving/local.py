"""Models in this process, each behind a queue of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backend.errors import ModelError
from backend.serving.batching import Batcher, Limits
from backend.serving.registry import Estimator, open_model
from backend.serving.served import About, Served
from backend.serving.stats import Tally
from interventions.models import ModelFault
from interventions.models.pretrained import PretrainedOnnx

_MOST_AT_ONCE = 4


class Local:
    """The default. `limits` hold for every model, but for how many batches run at once (see `at_once`)."""

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008 - immutable
        self._limits = limits

    def open(self, name: str, source: str | Estimator, tally: Tally) -> Served:
        estimator = open_model(source) if isinstance(source, str) else source
        return Served(About.of(estimator), batched(name, estimator, tally, self._limits))

    def close(self) -> None:
        """Nothing to give back: there are no threads and no processes."""


def batched(name: str, estimator: Estimator, tally: Tally, limits: Limits) -> Batcher:
    """`estimator` behind its queue."""
    limits = replace(limits, at_once=max(limits.at_once, at_once(estimator)))
    judge = in_words(name, judge_of(name, estimator))
    if hasattr(estimator, "truncated_"):
        judge = counting_truncated(estimator, judge, tally)
    return Batcher(judge, tally, limits)


def counting_truncated(
    estimator: Any, judge: Callable[[list[Any]], Sequence[Any]], tally: Tally
) -> Callable[[list[Any]], Sequence[Any]]:
    """`judge`, with what its estimator says it has cut short (``truncated_``, always growing) added to the counters."""

    def judged(items: list[Any]) -> Sequence[Any]:
        before = estimator.truncated_
        verdicts = judge(items)
        with tally as stats:
            stats.truncated += estimator.truncated_ - before
        return verdicts

    return judged


def at_once(estimator: Estimator) -> int:
    """How many batches an estimator may run side by side.

    Its own word (attribute ``at_once``) if it has one. ONNX sessions may be shared and leave the interpreter to
    others: as many as there are cores, four at most. Everything else runs one batch at a time.
    """
    if (own := getattr(estimator, "at_once", None)) is not None:
        return int(own)
    if isinstance(estimator, PretrainedOnnx):
        return max(1, min(_MOST_AT_ONCE, (os.cpu_count() or 1) // max(1, estimator.threads)))
    return 1


def judge_of(name: str, estimator: Estimator) -> Callable[[list[Any]], Sequence[Any]]:
    """A function from a batch to as many verdicts, each small and immutable: fit for a cache shared by threads.

    Raises:
        ModelError: there is no handle for such a model.
    """
    model: Any = estimator
    match estimator.card.input, estimator.card.task:
        case "text" | "image", "classifier":
            return lambda items: _rows(model.predict_proba(items))
        case "tabular" | "field", "classifier":
            return lambda items: _rows(model.predict_proba(np.stack(items)))
        case "image", "detector":
            return lambda items: [tuple(found) for found in model.detect(items)]
        case other:
            raise ModelError(f"model {name} is a {' '.join(other)}, which this version cannot host")


def _rows(probabilities: Any) -> list[tuple[float, ...]]:
    return [tuple(map(float, row)) for row in probabilities]


def in_words(name: str, judge: Callable[[list[Any]], Sequence[Any]]) -> Callable[[list[Any]], Sequence[Any]]:
    """`judge`, with whatever it raises turned into a ModelError that names the model."""

    def judged(items: list[Any]) -> Sequence[Any]:
        try:
            verdicts = judge(items)
        except Exception as error:
            remedy = error.remedy if isinstance(error, ModelFault) else ""
            raise ModelError(f"model {name} failed on {len(items)} items: {error}", remedy) from error
        if len(verdicts) != len(items):
            raise ModelError(f"model {name} gave {len(verdicts)} verdicts on {len(items)} items")
        return verdicts

    return judged
