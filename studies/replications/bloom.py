"""BLOOM's way, end to end and small (Le Scao et al., arXiv 2211.05100): train one, then classify by prompting it.

A BLOOM of 2.6 million parameters learns to write reviews, ``Review: ...`` and ``Rating: good``, from six sources; a
seventh is kept out. The checkpoint is saved in shards and loaded back by its path through `BloomClassifier`, the way
that any BLOOM goes. Measured: bits a byte on reviews of products it never saw; and two tasks by prompt, with 0, 2 and 4
demonstrations: whether a review is of a book or of a film, which it was never asked in training, and which whoever goes
on writing must know; and whether it is a good one, in the wording of the training text, which takes more than that.

What this shows is that the path is right on weights of BLOOM's shape, not what a large BLOOM can do.
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
PROMPTS: Mapping[str, tuple[str, ...]] = {
    "book or film": ("this", "recommend", "good", "sentence"),
    "good or bad": ("rating", "stars"),
}
"""The wordings of each task. No wording of the first stands in the training text as such; those of the second do, with
two of the three pairs of words."""
_FILMS = ("dvd", "imdb")
_CONTEXT = 1024
"""Four times what it was trained on: ALiBi has no last position."""
_BOOTSTRAPS = 1000
_PROVEN = 8
"""Items whose scores are also computed by the model in memory, text by text."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`characters` of a passage at most, and how many `passages` to train on, None for all; `items` of each task, half
    of each class; `drawn`: how many sets of demonstrations for every number of them."""

    shape: Shape = Shape()
    recipe: Recipe = Recipe()
    characters: int = 300
    passages: int | None = None
    kept_out: str = "kitchen"
    held_out_tokens: int = 20_000
    items: int = 200
    shots: tuple[int, ...] = (0, 2, 4)
    drawn: int = 2
    seeds: tuple[int, ...] = (1,)
    data: Path = field(default_factory=data_folder)
    work: Path | None = None


QUICK = Plan(
    recipe=Recipe(steps=60, warmup=15, evaluate_every=20, keep_every=60),
    passages=6_000,
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
    path = data_file(plan.data, "reviews.parquet")
    reviews = read_reviews(path, plan.kept_out, plan.characters, plan.passages)
    figures = Figures("bloom", list(plan.seeds), packages=("torch", "transformers", "tokenizers", "safetensors"))
    packed = _bits_of_xz(reviews)
    for seed in plan.seeds:
        kept = plan.work / f"seed-{seed}" if plan.work else None
        trained = train(reviews, plan.shape, plan.recipe, seed, kept, plan.held_out_tokens, say)
        figures.rows += [{"what": "loss", "seed": seed, **asdict(point)} for point in trained.curve]
        with TemporaryDirectory() as folder:
            figures.rows.append({**_model(trained, reviews, Path(folder), seed, say), "xz": packed})
            figures.rows += _prompted(plan, Path(folder), reviews, seed, say)
    figures.checks = _checks(figures.rows)
    figures.notes.append(f"trained on {path.name}, all sources but {plan.kept_out}")
    return figures


def summary(figures: Figures) -> Sequence[Summary]:
    losses = [
        (f"seed {seed}", f"{last['tokens']:,}", f"{last['train']:.3f}", f"{last['held_out']:.3f}")
        for seed in figures.seeds
        for last in _of(figures.rows, "loss", seed=seed)[-1:]
    ]
    rows = [
        (f"{task}, {shots} shown: {name}", on, *_cells(_of(figures.rows, "prompt", **wanted, on=on)))
        for task, names in PROMPTS.items()
        for shots in _shots(figures.rows)
        for name in names
        for wanted in [{"task": task, "prompt": name, "shots": shots}]
        for on in dict.fromkeys(row["on"] for row in _of(figures.rows, "prompt", **wanted))
    ]
    return (
        Summary("Bits a byte", ("", "tokens", "in training", "held out"), tuple(losses)),
        Summary("By prompt", ("", "reviews", "area under the curve [95 %]", "accuracy raw", "pmi"), tuple(rows)),
    )


def draw(figures: Figures, folder: Path) -> Path:
    """The loss curve and, beside it, what demonstrations do."""
    losses = {
        f"{'in training' if what == 'train' else 'held out'}, seed {seed}": [
            (row["tokens"] / 1e6, row[what]) for row in _of(figures.rows, "loss", seed=seed)
        ]
        for seed in figures.seeds
        for what in ("train", "held_out")
    }
    path = lines(
        folder / "bloom-small-loss.svg", "A BLOOM of 2.6 million parameters learns to read reviews", losses,
        "million tokens", "bits a byte",
    )  # fmt: skip
    curves = {
        f"{task}: {name}": [
            (shots, _middle(figures.rows, task=task, prompt=name, shots=shots, on="held out"))
            for shots in _shots(figures.rows)
        ]
        for task, names in PROMPTS.items()
        for name in names
    }
    lines(
        folder / "bloom-small-shots.svg", "Held-out reviews classified by prompt", curves,
        "demonstrations in the prompt", "area under the curve", y_range=(0.4, 1.0),
    )  # fmt: skip
    return path


# -- what is measured ------------------------------------------------------------------------------


def _model(trained: Trained, reviews: Reviews, folder: Path, seed: int, say: Say) -> dict[str, Any]:
    """Save the model, load it back by its path, and see that it is the same."""
    small.save(trained.model, trained.tokenizer, folder)
    shards = len(list(folder.glob("model-*.safetensors")))
    apart = _apart(trained, open_language_model(str(folder), context=_CONTEXT), reviews)
    say(f"seed {seed}: loaded back from {shards} shards; scores lie {apart:.1e} apart")
    return {
        "what": "model", "seed": seed, "parameters": small.parameter_count(trained.model), "shards": shards,
        "apart": apart, "train": len(reviews.train), "held_out": len(reviews.held_out),
        "kept_out": len(reviews.kept_out),
    }  # fmt: skip


def _prompted(plan: Plan, folder: Path, reviews: Reviews, seed: int, say: Say) -> Iterator[dict[str, Any]]:
    """Each task in each wording, on held-out reviews; the rating also on the source that was kept out."""
    held = open_language_model(str(folder), context=_CONTEXT)  # held on to: all judges below share it
    for task, on, passages in (
        ("book or film", "held out", reviews.held_out),
        ("good or bad", "held out", reviews.held_out),
        ("good or bad", "kept out", reviews.kept_out),
    ):
        shown = _balanced(_labelled(task, reviews.train), 200, seed)
        items = _balanced(_labelled(task, passages), plan.items, seed)
        for name in PROMPTS[task]:
            for shots in plan.shots:
                for drawn in range(plan.drawn if shots else 1):
                    judge = BloomClassifier(
                        str(folder), str(_TEMPLATES / f"{name}.en.jinja"), shots=shots,
                        random_state=100 * seed + drawn, context=_CONTEXT,
                    )  # fmt: skip
                    judge.fit([text for text, _ in shown], [label for _, label in shown])
                    yield {
                        "what": "prompt", "seed": seed, "task": task, "on": on, "prompt": name, "shots": shots,
                        "drawn": drawn, **_measured(judge, items, seed),
                    }  # fmt: skip
        say(f"seed {seed}: prompted on {len(items)} {on} reviews: {task} ({held.version})")


def _labelled(task: str, passages: Sequence[Passage]) -> list[tuple[str, str]]:
    """Texts with their class in this task; those that belong to none are left out."""
    if task == "good or bad":
        return [(one.text, "good" if one.good else "bad") for one in passages]
    return [
        (one.text, "film" if one.source in _FILMS else "book") for one in passages if one.source in (*_FILMS, "books")
    ]


def _measured(judge: BloomClassifier, items: Sequence[tuple[str, str]], seed: int) -> dict[str, Any]:
    second = judge.classes_[1]
    truth = np.array([label == second for _, label in items])
    found = {way: p[:, 1] for way, p in judge.predict_all([text for text, _ in items]).items()}
    auc, low, high = _with_interval(area, truth, found["raw"], seed)
    accuracy = {way: float(((p > 0.5) == truth).mean()) for way, p in found.items()}
    return {"items": len(items), "auc": auc, "low": low, "high": high, "accuracy": accuracy}


def _checks(rows: Sequence[Mapping[str, Any]]) -> list[Check]:
    models, last, most = _of(rows, "model"), _of(rows, "loss")[-1], max(_shots(rows))
    over = {
        (task, shots): median(_middle(rows, task=task, prompt=name, shots=shots, on="held out") for name in names)
        for task, names in PROMPTS.items()
        for shots in (0, most)
    }
    return [
        at_most("scores of the checkpoint loaded back, apart", max(row["apart"] for row in models), 1e-4, ""),
        at_least("shards", min(row["shards"] for row in models), 2, ""),
        at_most("held-out bits a byte against xz", last["held_out"] / models[-1]["xz"], 1.0, "x"),
        at_least("book or film with no demonstration, median area over wordings", over["book or film", 0], 0.8, ""),
        at_least(f"book or film, gained by {most}", over["book or film", most] - over["book or film", 0], 0.0, ""),
        at_least("good or bad with no demonstration, median area over wordings", over["good or bad", 0], 0.7, ""),
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


def _balanced(labelled: Sequence[tuple[str, str]], count: int, seed: int) -> list[tuple[str, str]]:
    """As many of one class as of the other, `count` in all where there are so many, in an order that follows from
    `seed`."""
    order = random.Random(seed)  # noqa: S311 - not for secrets
    sides = [[one for one in labelled if one[1] == label] for label in sorted({label for _, label in labelled})]
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


def _shots(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    return sorted({row["shots"] for row in _of(rows, "prompt")})


def _middle(rows: Sequence[Mapping[str, Any]], **wanted: Any) -> float:
    """The area under the curve, the median over seeds and sets of demonstrations."""
    return float(median(row["auc"] for row in _of(rows, "prompt", **wanted)))


def _cells(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str, str]:
    """The row in the middle of all seeds and sets of demonstrations: its area with interval, and its accuracies."""
    row = sorted(rows, key=lambda row: row["auc"])[len(rows) // 2]
    return (
        f"{row['auc']:.2f} [{row['low']:.2f}, {row['high']:.2f}]",
        f"{row['accuracy']['raw']:.2f}",
        f"{row['accuracy']['pmi']:.2f}",
    )
