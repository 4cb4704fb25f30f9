"""How many labels a head on frozen embeddings needs (GreaseVision's loop, Datta et al., arXiv 2204.03731; head ours).

Tweets (Davidson et al. 2017: hate or offensive, or neither) and reviews (Blitzer et al. 2007, kitchen: good or bad) are
embedded by MiniLM as it is. Some are labelled, as people do who correct a judge, and a head is learnt from nothing: the
kernel head that corrections use, and a logistic regression beside it. Measured: balanced accuracy on texts that nobody
labelled, and how long 200 labels take from text to head.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from backend.benchmarks.chart import lines
from backend.benchmarks.form import Figures, at_most
from interventions.models.few_shot.kernel import fit, sigmoid
from interventions.models.minilm.frozen import Frozen
from studies.replications.form import Say, Summary, data_file, data_folder

COUNTS = (4, 8, 16, 32, 64, 128, 200, 400, 800)
_LABELLED = 200
_MOST_S = 5.0
_LONGEST = 400
"""Characters of a text that are read: a participant points at a line, not at an essay."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`counts` of labels to learn from; `tested` texts that nobody labels."""

    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    counts: tuple[int, ...] = COUNTS
    tested: int = 600
    data: Path = field(default_factory=data_folder)


QUICK = Plan(seeds=(1, 2), counts=(8, 32, 128), tested=200)


@dataclass(frozen=True, slots=True)
class _Task:
    name: str
    texts: list[str]
    truth: NDArray[np.bool_]


def run(plan: Plan, say: Say) -> Figures:
    """The rows are one a task, method, count of labels and seed."""
    figures = Figures("few_shot", list(plan.seeds))
    encoder = Frozen(threads=2)
    seconds: list[float] = []
    for task in (_tweets(plan.data), _reviews(plan.data)):
        for seed in plan.seeds:
            say(f"{task.name}, seed {seed}")
            labelled = max(_LABELLED, *plan.counts)
            order = np.random.default_rng(seed).permutation(len(task.texts))[: plan.tested + labelled]
            tested, pool = order[: plan.tested], order[plan.tested :]
            vectors = encoder([task.texts[at] for at in order[: plan.tested + max(plan.counts)]])
            shown, known = vectors[: plan.tested], vectors[plan.tested :]
            for count in plan.counts:
                for method, harm in _learnt(known[:count], task.truth[pool[:count]], shown):
                    accuracy = balanced(harm > 0.5, task.truth[tested])
                    figures.rows.append(
                        {"task": task.name, "method": method, "labels": count, "seed": seed, "accuracy": accuracy}
                    )
            seconds.append(_seconds(encoder, [task.texts[at] for at in pool[:_LABELLED]], task.truth[pool]))
    figures.rows += [{"task": "time", "seconds": one} for one in seconds]
    figures.checks.append(at_most(f"{_LABELLED} labels, from text to head, mean", fmean(seconds), _MOST_S, " s"))
    figures.notes.append("balanced accuracy, 0.5 is guessing; the interval is 1.96 standard errors over the seeds")
    return figures


def summary(figures: Figures) -> Summary:
    rows = [
        (f"{task}, {method}", *(_spread(values) for values in by_count))
        for (task, method), by_count in _curves(figures).items()
    ]
    counts = sorted({row["labels"] for row in figures.rows if "labels" in row})
    return Summary("Balanced accuracy by number of labels", ("", *map(str, counts)), tuple(rows))


def draw(figures: Figures, folder: Path) -> Path:
    counts = sorted({row["labels"] for row in figures.rows if "labels" in row})
    series = {
        f"{task}, {method}": [(count, fmean(values)) for count, values in zip(counts, by_count, strict=True)]
        for (task, method), by_count in _curves(figures).items()
    }
    title = "Accuracy by number of labels"
    return lines(folder / "few-shot.svg", title, series, "labels", "balanced accuracy", y_range=(0.5, 0.9))


def balanced(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """The mean of the shares that are right among the true and among the false."""
    return float((said[truth].mean() + (~said[~truth]).mean()) / 2)


def _learnt(
    vectors: NDArray[np.float64], truth: NDArray[np.bool_], shown: NDArray[np.float64]
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Each method's probabilities on what is `shown`."""
    nothing = np.zeros(len(vectors))
    yield "kernel head", sigmoid(fit(vectors, list(truth), nothing).logits(shown, np.zeros(len(shown))))
    if len(set(truth)) == 2:
        logistic = LogisticRegression(C=10.0, max_iter=1000).fit(vectors, truth)
        yield "logistic regression", logistic.predict_proba(shown)[:, 1]
    else:
        yield "logistic regression", np.full(len(shown), float(truth[0]))


def _seconds(encoder: Frozen, texts: list[str], truth: NDArray[np.bool_]) -> float:
    began = perf_counter()
    fit(encoder(texts), list(truth[: len(texts)]), np.zeros(len(texts)))
    return perf_counter() - began


def _curves(figures: Figures) -> dict[tuple[str, str], list[list[float]]]:
    """Accuracies over the seeds, by task and method, for each count of labels."""
    gathered: dict[tuple[str, str], dict[int, list[float]]] = {}
    for row in figures.rows:
        if "labels" in row:
            by_count = gathered.setdefault((row["task"], row["method"]), {})
            by_count.setdefault(row["labels"], []).append(row["accuracy"])
    return {key: [by_count[count] for count in sorted(by_count)] for key, by_count in gathered.items()}


def _spread(values: list[float]) -> str:
    half = 1.96 * float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return f"{fmean(values):.3f} ± {half:.3f}"


def _tweets(folder: Path) -> _Task:
    table: dict[str, list[Any]] = parquet.read_table(data_file(folder, "hate_tweets.parquet")).to_pydict()
    return _Task("tweets", list(table["tweet"]), np.array([int(kind) != 2 for kind in table["class"]]))


def _reviews(folder: Path) -> _Task:
    table: dict[str, list[Any]] = parquet.read_table(data_file(folder, "reviews.parquet")).to_pydict()
    rows = [at for at, domain in enumerate(table["domain"]) if domain == "kitchen"]
    texts = [str(table["text"][at])[:_LONGEST] for at in rows]
    return _Task("reviews", texts, np.array([int(table["label"][at]) == 1 for at in rows]))
