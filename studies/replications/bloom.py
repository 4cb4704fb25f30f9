"""BLOOM's way, end to end and small (Le Scao et al., arXiv 2211.05100): train one, then classify by prompting it.

A BLOOM of 2.6 million parameters learns to write reviews as ``Review: ...`` and ``Rating: good``, from six sources; a
seventh is kept out. The checkpoint is saved in shards and loaded back by its path through `BloomClassifier`, the way
that any BLOOM goes. Measured: bits a byte on reviews of products it never saw, and how well it rates them, and those of
the source kept out, with 0, 2 and 4 demonstrations, in the wording and label words of its training and in others.

What this shows is that the path is right on weights of BLOOM's shape, not what a large BLOOM can do: a model of this
size has learnt the wording of its training, and little of how to learn from a prompt.
"""

from __future__ import annotations

import lzma
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from backend.benchmarks.chart import lines
from backend.benchmarks.form import Check, Figures, at_least, at_most
from interventions.models.bloom import small
from interventions.models.bloom.classifier import BloomClassifier
from interventions.models.bloom.language_model import LanguageModel, Query
from interventions.models.bloom.opening import open_language_model
from interventions.models.bloom.small import Recipe, Shape
from studies.replications.bloom_reviews import Passage, Reviews, read_reviews, stretches
from studies.replications.bloom_training import Trained, train
from studies.replications.form import Say, Summary, data_file, data_folder

_TEMPLATES = Path(__file__).with_name("templates") / "bloom"
PROMPTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "as trained, good/bad": ("trained.en", {"bad": "bad", "good": "good"}),
    "as trained, great/terrible": ("trained.en", {"bad": "terrible", "good": "great"}),
    "as trained, new words": ("trained.en", {"bad": "awful", "good": "excellent"}),
    "new wording": ("verdict.en", {"bad": "bad", "good": "good"}),
    "a sentence": ("sentence.en", {"bad": "bad", "good": "good"}),
}
"""Name -> template and answers. The first two are as in training; with the others it meets something new."""
_CONTEXT = 1024
"""Four times what it was trained on: ALiBi has no last position."""
_BOOTSTRAPS = 1000
_PROVEN = 8
"""Items whose scores are also computed by the model in memory, text by text."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`passages` to train on, None for all; `items` of each set, half good, half bad; `drawn`: how many sets of
    demonstrations for every number of them."""

    shape: Shape = Shape()
    recipe: Recipe = Recipe()
    kept_out: str = "kitchen"
    characters: int = 300
    passages: int | None = None
    held_out_tokens: int = 20_000
    items: int = 300
    shots: tuple[int, ...] = (0, 2, 4)
    drawn: int = 2
    seeds: tuple[int, ...] = (1,)
    data: Path = field(default_factory=data_folder)
    work: Path | None = None


QUICK = Plan(
    recipe=Recipe(steps=60, warmup=15, evaluate_every=20, keep_every=60),
    held_out_tokens=6_000,
    items=40,
    shots=(0, 2),
    drawn=1,
)


def run(plan: Plan, say: Say) -> Figures:
    """Train, save, load back, prompt.

    Raises:
        InputError: the reviews are not where the plan says.
        WeightsBroken: the folder for checkpoints holds a run of another plan.
    """
    torch.set_num_threads(1)
    reviews = read_reviews(data_file(plan.data, "reviews.parquet"), plan.kept_out, plan.characters, plan.passages)
    figures = Figures("bloom", list(plan.seeds), packages=("torch", "transformers", "tokenizers", "safetensors"))
    packed = _bits_of_xz(reviews)
    for seed in plan.seeds:
        folder = plan.work / f"seed-{seed}" if plan.work else None
        trained = train(reviews, plan.shape, plan.recipe, seed, folder, plan.held_out_tokens, say)
        figures.rows += [{"what": "loss", "seed": seed, **asdict(point)} for point in trained.curve]
        with TemporaryDirectory() as temporary:
            path = small.save(trained.model, trained.tokenizer, (folder or Path(temporary)) / "checkpoint")
            shards = len(list(path.glob("model-*.safetensors")))
            opened = open_language_model(str(path), context=_CONTEXT)
            apart = _apart(trained, opened, reviews)
            say(f"seed {seed}: loaded back from {shards} shards; scores lie {apart:.1e} apart")
            figures.rows.append(
                {
                    "what": "model", "seed": seed, "parameters": small.parameter_count(trained.model),
                    "shards": shards, "apart": apart, "xz": packed,
                    "train": len(reviews.train), "held_out": len(reviews.held_out), "kept_out": len(reviews.kept_out),
                }
            )  # fmt: skip
            figures.rows += _prompted(plan, str(path), reviews, seed, say)
    figures.checks = _checks(figures.rows)
    figures.notes.append(
        f"On what it was trained: {data_file(plan.data, 'reviews.parquet').name}, all but {plan.kept_out}."
    )
    return figures


def summary(figures: Figures) -> Sequence[Summary]:
    last = {row["seed"]: row for row in figures.rows if row["what"] == "loss"}
    losses = tuple(
        (f"seed {seed}", f"{row['tokens']:,}", f"{row['train']:.3f}", f"{row['held_out']:.3f}")
        for seed, row in last.items()
    )
    rows = []
    for name in PROMPTS:
        for shots in sorted({row["shots"] for row in _of(figures.rows, "prompt")}):
            cells = [
                _cell(_of(figures.rows, "prompt", prompt=name, shots=shots, on=on)) for on in ("held out", "kept out")
            ]
            rows.append((f"{name}, {shots} shown", *(part for cell in cells for part in cell)))
    return (
        Summary("Bits a byte", ("", "tokens", "in training", "held out"), losses),
        Summary(
            "Rated by prompt: area under the curve [95 %], accuracy",
            ("prompt", "held out", "accuracy", "kept-out source", "accuracy "),
            tuple(rows),
        ),
    )


def draw(figures: Figures, folder: Path) -> Path:
    """The loss curve and, beside it, the curve over demonstrations."""
    losses = {
        f"{what.replace('_', ' ')}, seed {seed}": [
            (row["tokens"] / 1e6, row[what]) for row in _of(figures.rows, "loss", seed=seed)
        ]
        for seed in figures.seeds
        for what in ("train", "held_out")
    }
    path = lines(
        folder / "bloom-small-loss.svg", "A BLOOM of 2.6 million parameters learns to read reviews", losses,
        "million tokens", "bits a byte",
    )  # fmt: skip
    shots = sorted({row["shots"] for row in _of(figures.rows, "prompt")})
    curves = {
        name: [
            (count, median(row["auc"] for row in _of(figures.rows, "prompt", prompt=name, shots=count, on="held out")))
            for count in shots
        ]
        for name in PROMPTS
    }
    lines(
        folder / "bloom-small-shots.svg", "Rating held-out reviews by prompt", curves,
        "demonstrations in the prompt", "area under the curve", y_range=(0.4, 1.0),
    )  # fmt: skip
    return path


# -- what is measured ------------------------------------------------------------------------------


def _prompted(plan: Plan, path: str, reviews: Reviews, seed: int, say: Say) -> Iterator[dict[str, Any]]:
    sets = {"held out": reviews.held_out, "kept out": reviews.kept_out}
    shown = _balanced(reviews.train, 200, seed)
    for on, passages in sets.items():
        items = _balanced(passages, plan.items, seed)
        truth = np.array([item.good for item in items])
        for name, (template, answers) in PROMPTS.items():
            for shots in plan.shots:
                for drawn in range(plan.drawn if shots else 1):
                    judge = BloomClassifier(
                        path, str(_TEMPLATES / f"{template}.jinja"), answers, shots,
                        random_state=seed * 100 + drawn, context=_CONTEXT,
                    )  # fmt: skip
                    judge.fit([one.text for one in shown], ["good" if one.good else "bad" for one in shown])
                    found = judge.predict_all([item.text for item in items])
                    column = judge.classes_.index("good")
                    score = found["raw"][:, column]
                    auc, low, high = _with_interval(area, truth, score, seed)
                    yield {
                        "what": "prompt", "seed": seed, "on": on, "prompt": name, "shots": shots, "drawn": drawn,
                        "items": len(items), "auc": auc, "low": low, "high": high,
                        "accuracy": {way: float(((p[:, column] > 0.5) == truth).mean()) for way, p in found.items()},
                    }  # fmt: skip
            say(f"seed {seed}: prompted {len(items)} {on} reviews, {name}")


def _checks(rows: Sequence[Mapping[str, Any]]) -> list[Check]:
    last = [max(_of(rows, "loss", seed=row["seed"]), key=lambda one: one["step"]) for row in _of(rows, "model")]
    zero = _of(rows, "prompt", shots=0, on="held out", prompt="as trained, good/bad")
    most = max(row["shots"] for row in _of(rows, "prompt"))
    gains = [
        median(row["auc"] for row in _of(rows, "prompt", prompt=name, on="held out", shots=most))
        - median(row["auc"] for row in _of(rows, "prompt", prompt=name, on="held out", shots=0))
        for name in PROMPTS
    ]
    return [
        at_most(
            "scores of the checkpoint loaded back, apart", max(row["apart"] for row in _of(rows, "model")), 1e-4, ""
        ),
        at_least("shards", min(row["shards"] for row in _of(rows, "model")), 2, ""),
        at_most("held-out bits a byte against xz", last[-1]["held_out"] / _of(rows, "model")[-1]["xz"], 1.0, "x"),
        at_least("zero-shot area under the curve, held out", median(row["auc"] for row in zero), 0.7, ""),
        at_least(f"gained by {most} demonstrations, median over prompts", median(gains), 0.0, ""),
    ]


def _apart(trained: Trained, opened: LanguageModel, reviews: Reviews) -> float:
    """How far the loaded model's scores lie from those of the one in memory, read token by token with no cache."""
    labels, worst = [" good", " terrible"], 0.0
    queries = [Query("", one.text, "\nRating:") for one in reviews.held_out[:_PROVEN]]
    scores = opened.score("Review: ", queries, labels).logprob
    for row, query in zip(scores, queries, strict=True):
        for found, label in zip(row, labels, strict=True):
            text = f"Review: {query.item}{query.after}"
            ids = trained.tokenizer(text + label, add_special_tokens=False).input_ids
            first = len(trained.tokenizer(text, add_special_tokens=False).input_ids)
            with torch.inference_mode():
                nats = small.cross_entropy(trained.model, torch.tensor([ids]))[0, first - 1 :]
            worst = max(worst, abs(float(nats.double().sum()) + float(found)))
    return worst


def _bits_of_xz(reviews: Reviews) -> float:
    """Bits a byte that xz needs for the held-out text: what a model that has read nothing else is up against."""
    text = "".join(stretches(reviews.held_out, "held out")).encode()
    return 8 * len(lzma.compress(text, preset=9)) / len(text)


def _balanced(passages: Sequence[Passage], count: int, seed: int) -> list[Passage]:
    """As many good as bad ones, `count` in all where there are so many, in an order that follows from `seed`."""
    order = random.Random(seed)  # noqa: S311 - not for secrets
    sides = [[one for one in passages if one.good is good] for good in (False, True)]
    half = min(count // 2, *map(len, sides))
    chosen = [one for side in sides for one in order.sample(side, half)]
    order.shuffle(chosen)
    return chosen


def area(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """The area under the curve: how often a good one scores above a bad one; ties count half."""
    good, bad = score[truth], score[~truth]
    if not len(good) or not len(bad):
        return 0.5
    difference = good[:, None] - bad[None, :]
    return float((difference > 0).mean() + 0.5 * (difference == 0).mean())


def _with_interval(
    measure: Callable[[Any, Any], float], truth: NDArray[np.bool_], score: NDArray[np.float64], seed: int
) -> tuple[float, float, float]:
    """The measure with its 95 % bootstrap interval over items."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(truth), (_BOOTSTRAPS, len(truth)))
    low, high = np.quantile([measure(truth[pick], score[pick]) for pick in picks], [0.025, 0.975])
    return measure(truth, score), float(low), float(high)


def _of(rows: Sequence[Mapping[str, Any]], what: str, **wanted: Any) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["what"] == what and all(row[key] == value for key, value in wanted.items())]


def _cell(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Median over seeds and sets of demonstrations; the interval is the one of the row nearest to it."""
    middle = sorted(rows, key=lambda row: row["auc"])[len(rows) // 2]
    return f"{middle['auc']:.2f} [{middle['low']:.2f}, {middle['high']:.2f}]", f"{middle['accuracy']['pmi']:.2f}"
