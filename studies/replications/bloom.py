"""BLOOM's way, end to end and small (Le Scao et al., arXiv 2211.05100): train one, then classify by prompting it.

A BLOOM of 2.6 million parameters learns to write reviews as ``Review: ...`` and ``Rating: good``, from six sources; a
seventh is kept out. Then it is finetuned on answering alone, as BLOOM was to become BLOOMZ (Muennighoff et al.,
arXiv 2211.01786): shorter passages, rated good or bad, of which only the ratings count. Each checkpoint is saved in
shards and loaded back by its path through `BloomClassifier`, the way that any BLOOM goes. Measured: bits a byte on
reviews of products it never saw; and how well it rates those, and reviews of the source kept out, before and after
finetuning, with 0, 2 and 4 demonstrations, in the wording and label words of its training and in others.

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
from studies.replications.bloom_training import Trained, finetune, train
from studies.replications.form import Say, Summary, data_file, data_folder

_TEMPLATES = Path(__file__).with_name("templates") / "bloom"
PROMPTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "as trained, good/bad": ("trained.en", {"bad": "bad", "good": "good"}),
    "as trained, great/terrible": ("trained.en", {"bad": "terrible", "good": "great"}),
    "as trained, new words": ("trained.en", {"bad": "awful", "good": "excellent"}),
    "new wording": ("verdict.en", {"bad": "bad", "good": "good"}),
    "a sentence": ("sentence.en", {"bad": "bad", "good": "good"}),
}
"""Name -> template and answers. The first two are as in training (finetuned is on the first alone); with the others it
meets something new."""
_CONTEXT = 1024
"""Four times what it was trained on: ALiBi has no last position."""
_SETS = ("held out", "kept out")
_BOOTSTRAPS = 1000
_PROVEN = 8
"""Items whose scores are also computed by the model in memory, text by text."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`characters` of a passage at most, and how many `passages` to train on, None for all; `answers` and the two
    after it are the same for finetuning; `items` of each set, half good, half bad."""

    shape: Shape = Shape()
    recipe: Recipe = Recipe()
    characters: int = 300
    passages: int | None = None
    answers: Recipe = Recipe(steps=300, rate=2e-3, warmup=20, evaluate_every=25, keep_every=25)
    answer_characters: int = 150
    answer_passages: int = 16_000
    kept_out: str = "kitchen"
    held_out_tokens: int = 20_000
    items: int = 200
    shots: tuple[int, ...] = (0, 2, 4)
    seeds: tuple[int, ...] = (1,)
    data: Path = field(default_factory=data_folder)
    work: Path | None = None


QUICK = Plan(
    recipe=Recipe(steps=60, warmup=15, evaluate_every=20, keep_every=60),
    answers=Recipe(steps=10, rate=1e-3, warmup=5, evaluate_every=10, keep_every=10),
    passages=6_000,
    answer_passages=2_000,
    held_out_tokens=6_000,
    items=20,
    shots=(0, 2),
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
    short = read_reviews(path, plan.kept_out, plan.answer_characters, plan.answer_passages)
    figures = Figures("bloom", list(plan.seeds), packages=("torch", "transformers", "tokenizers", "safetensors"))
    packed = _bits_of_xz(reviews)
    for seed in plan.seeds:
        with TemporaryDirectory() as temporary:
            folder, kept = Path(temporary), plan.work / f"seed-{seed}" if plan.work else None
            trained = train(reviews, plan.shape, plan.recipe, seed, kept, plan.held_out_tokens, say)
            figures.rows.append({**_model(trained, reviews, folder / "trained", seed, say), "xz": packed})
            figures.rows += _loss(trained, "loss", seed)
            figures.rows += _prompted(plan, (0,), folder / "trained", "trained", reviews, seed, say)
            tuned = finetune(trained, short, plan.answers, seed, kept / "answers" if kept else None, say)
            figures.rows.append({**_model(tuned, reviews, folder / "finetuned", seed, say), "xz": packed})
            figures.rows += _loss(tuned, "answers", seed)
            figures.rows += _prompted(plan, plan.shots, folder / "finetuned", "finetuned", reviews, seed, say)
    figures.checks = _checks(figures.rows)
    figures.notes.append(f"trained on {path.name}, all sources but {plan.kept_out}")
    return figures


def summary(figures: Figures) -> Sequence[Summary]:
    losses = [
        (f"{name}, seed {seed}", f"{last['tokens']:,}", f"{last['train']:.3f}", f"{last['held_out']:.3f}")
        for seed in figures.seeds
        for what, name in (("loss", "all text"), ("answers", "finetuned: the ratings"))
        for last in _of(figures.rows, what, seed=seed)[-1:]
    ]
    rows = []
    for stage, shots in _stages(figures.rows):
        for name in PROMPTS:
            cells = [_cell(_of(figures.rows, "prompt", stage=stage, shots=shots, prompt=name, on=on)) for on in _SETS]
            rows.append((f"{stage}, {shots} shown: {name}", *(part for cell in cells for part in cell)))
    return (
        Summary("Bits a byte", ("", "tokens", "in training", "held out"), tuple(losses)),
        Summary(
            "Rated by prompt: area under the curve [95 %], accuracy",
            ("", "held out", "accuracy", "kept-out source", "accuracy "),
            tuple(rows),
        ),
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
    shots = [count for stage, count in _stages(figures.rows) if stage == "finetuned"]
    curves = {
        name: [
            (count, _middle(figures.rows, "auc", stage="finetuned", prompt=name, shots=count, on="held out"))
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


def _loss(trained: Trained, what: str, seed: int) -> Iterator[dict[str, Any]]:
    return ({"what": what, "seed": seed, **asdict(point)} for point in trained.curve)


def _prompted(
    plan: Plan, shots: Sequence[int], folder: Path, stage: str, reviews: Reviews, seed: int, say: Say
) -> Iterator[dict[str, Any]]:
    shown = _balanced(reviews.train, 200, seed)
    held = open_language_model(str(folder), context=_CONTEXT)  # held on to: all judges below share it
    for on, passages in zip(_SETS, (reviews.held_out, reviews.kept_out), strict=True):
        items = _balanced(passages, plan.items, seed)
        truth = np.array([item.good for item in items])
        for name, (template, answers) in PROMPTS.items():
            for count in shots:
                judge = BloomClassifier(
                    str(folder), str(_TEMPLATES / f"{template}.jinja"), answers, count, random_state=seed,
                    context=_CONTEXT,
                )  # fmt: skip
                judge.fit([one.text for one in shown], ["good" if one.good else "bad" for one in shown])
                found = judge.predict_all([item.text for item in items])
                column = judge.classes_.index("good")
                auc, low, high = _with_interval(area, truth, found["raw"][:, column], seed)
                yield {
                    "what": "prompt", "seed": seed, "stage": stage, "on": on, "prompt": name, "shots": count,
                    "items": len(items), "auc": auc, "low": low, "high": high,
                    "accuracy": {way: float(((p[:, column] > 0.5) == truth).mean()) for way, p in found.items()},
                }  # fmt: skip
        say(f"seed {seed}: {stage}, prompted on {len(items)} {on} reviews ({held.version})")


def _checks(rows: Sequence[Mapping[str, Any]]) -> list[Check]:
    models, last = _of(rows, "model"), _of(rows, "loss")[-1]
    most = max(shots for _, shots in _stages(rows))
    gains = [
        _middle(rows, "auc", stage="finetuned", prompt=name, on="held out", shots=most)
        - _middle(rows, "auc", stage="finetuned", prompt=name, on="held out", shots=0)
        for name in PROMPTS
    ]
    first = next(iter(PROMPTS))
    zero = _middle(rows, "auc", stage="finetuned", prompt=first, on="held out", shots=0)
    return [
        at_most("scores of checkpoints loaded back, apart", max(row["apart"] for row in models), 1e-4, ""),
        at_least("shards", min(row["shards"] for row in models), 2, ""),
        at_most("held-out bits a byte against xz", last["held_out"] / models[-1]["xz"], 1.0, "x"),
        at_least("zero-shot area under the curve, finetuned, held out", zero, 0.7, ""),
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


def _stages(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """The stages of training with the numbers of demonstrations that were tried, in order."""
    return list(
        dict.fromkeys(
            (row["stage"], row["shots"])
            for row in sorted(_of(rows, "prompt"), key=lambda row: (row["stage"] != "trained", row["shots"]))
        )
    )


def _middle(rows: Sequence[Mapping[str, Any]], figure: str, **wanted: Any) -> float:
    """The median over seeds."""
    return float(median(row[figure] for row in _of(rows, "prompt", **wanted)))


def _cell(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The row in the middle of all seeds: its area with interval, and its accuracy by PMI."""
    middle = sorted(rows, key=lambda row: row["auc"])[len(rows) // 2]
    return f"{middle['auc']:.2f} [{middle['low']:.2f}, {middle['high']:.2f}]", f"{middle['accuracy']['pmi']:.2f}"
