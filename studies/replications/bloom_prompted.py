"""What prompting does with a small language model that can be had as a package (after Le Scao et al., arXiv 2211.05100,
section 4: several prompts a task, median and spread over them).

SmolLM2 (135 million parameters, instruction-tuned, 4-bit weights) judges three real tasks through `BloomClassifier`:
product reviews, tweets abusive or not, and the functional tests of Multilingual HateCheck in four languages with
prompts in those languages. Each with 0, 2 and 8 demonstrations, four templates, and the four ways of scoring side by
side. Test items are half of one class, half of the other, so a guess is right half of the time; demonstrations come
from other items, on HateCheck from other sentence patterns.
"""

from __future__ import annotations

import hashlib
import html
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow.parquet
from numpy.typing import NDArray

from backend.benchmarks.chart import bars
from backend.benchmarks.form import Figures, at_least
from interventions.models.bloom.classifier import BloomClassifier
from interventions.models.bloom.opening import open_language_model
from interventions.models.bloom.scoring import SCORINGS
from studies.replications.form import Say, Summary, data_file, data_folder

TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "reviews": ("plain", "question", "adjective", "recommend"),
    "abuse": ("plain", "question", "moderator", "feeling"),
    "hate": ("plain", "question", "moderator", "feeling"),
}
LANGUAGES = {"arabic": "ar", "french": "fr", "german": "de", "spanish": "es"}
_NAMES = {"reviews": "reviews", "abuse": "tweets", "hate": "HateCheck"}
_GOODS = ("books", "dvd", "electronics", "kitchen")
_LONGEST_REVIEW = 300
_BOOTSTRAPS = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """`items` of each task (of HateCheck in all four languages together), half of each class."""

    items: int = 300
    pool: int = 200
    shots: tuple[int, ...] = (0, 2, 8)
    templates: int = 4
    model: str = "smollm2"
    seeds: tuple[int, ...] = (1,)
    data: Path = field(default_factory=data_folder)
    work: Path | None = None


QUICK = Plan(items=40, pool=40, shots=(0, 2), templates=2)


@dataclass(frozen=True, slots=True)
class Item:
    """`positive` is the class asked for: a good review, an abusive tweet, a hateful text."""

    text: str
    positive: bool
    group: str


@dataclass(frozen=True, slots=True)
class Task:
    """One task in one language: `pool` holds the items that demonstrations are taken from."""

    name: str
    language: str
    classes: tuple[str, str]
    pool: tuple[Item, ...]
    test: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One task asked in one way."""

    task: Task
    template: str
    shots: int
    seed: int

    @property
    def key(self) -> str:
        return f"{self.task.name}.{self.task.language}-{self.template}-{self.shots}-{self.seed}"


def run(plan: Plan, say: Say) -> Figures:
    """Ask everything, and measure. With `plan.work`, answers are kept and not asked for again."""
    figures = Figures("bloom_prompted", list(plan.seeds))
    model = open_language_model(plan.model)
    answers: dict[str, list[tuple[Cell, dict[str, Any]]]] = {}
    for cell in cells(plan):
        began = time.perf_counter()
        found = _answers(cell, plan)
        say(f"{cell.key}: {time.perf_counter() - began:.0f} s")
        answers.setdefault(f"{cell.task.name}-{cell.template}-{cell.shots}-{cell.seed}", []).append((cell, found))
        figures.rows += list(_measured(cell, [cell.task], [found], cell.task.language))
    for parts in answers.values():
        cell = parts[0][0]
        tasks, founds = [part.task for part, _ in parts], [found for _, found in parts]
        figures.rows += list(_measured(cell, tasks, founds, "all"))
    figures.notes += [
        f"model {plan.model}, version {model.version}; chance is .5 for accuracy and for the area under the curve",
        f"reviews of goods only, of at most {_LONGEST_REVIEW} characters; intervals: 95 %, bootstrap over items",
        "pmi with an item that says nothing is contextual calibration (Zhao et al. 2021) of the raw probabilities",
    ]
    best = max(row["median auc"] for row in over_templates(figures.rows) if row["task"] == "reviews")
    figures.checks.append(at_least("reviews, best way of asking: median area under the curve", best, 0.6, ""))
    return figures


def cells(plan: Plan) -> Iterator[Cell]:
    """All there is to ask, cheap ones first."""
    for seed in plan.seeds:
        tasks = [reviews(plan, seed), tweets(plan, seed), *(hatecheck(plan, one, seed) for one in LANGUAGES)]
        for shots in plan.shots:
            for task in tasks:
                for template in TEMPLATES[task.name][: plan.templates]:
                    yield Cell(task, template, shots, seed)


# -- data --------------------------------------------------------------------------------------------------------


def reviews(plan: Plan, seed: int) -> Task:
    rows = _rows(plan.data, "reviews.parquet")
    items = [
        Item(row["text"], bool(row["label"]), row["product"])
        for row in rows
        if row["domain"] in _GOODS and len(row["text"]) <= _LONGEST_REVIEW
    ]
    return _split("reviews", "en", ("negative", "positive"), items, plan.items, plan.pool, seed)


def tweets(plan: Plan, seed: int) -> Task:
    """Davidson et al.'s classes hate speech and offensive, against neither."""
    items = [
        Item(html.unescape(row["tweet"]), row["class"] != 2, str(number))
        for number, row in enumerate(_rows(plan.data, "hate_tweets.parquet"))
    ]
    return _split("abuse", "en", ("neither", "abuse"), items, plan.items, plan.pool, seed)


def hatecheck(plan: Plan, language: str, seed: int) -> Task:
    items = [
        Item(row["test_case"], row["label_gold"] == "hateful", row["case_templ"] or row["test_case"])
        for row in _rows(plan.data, "hatecheck_4_languages.parquet")
        if row["language"] == language
    ]
    each = 2 * -(-plan.items // (2 * len(LANGUAGES)))
    return _split("hate", LANGUAGES[language], ("non-hateful", "hateful"), items, each, plan.pool, seed)


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(data_file(folder, name)).to_pylist()
    return rows


def _split(
    name: str, language: str, classes: tuple[str, str], items: Sequence[Item], test: int, pool: int, seed: int
) -> Task:
    """A fifth of the groups (products, sentence patterns) for demonstrations, the others for the test."""
    shuffled = [items[i] for i in np.random.default_rng(seed).permutation(len(items))]
    shown = [item for item in shuffled if _is_shown(item.group)]
    asked = [item for item in shuffled if not _is_shown(item.group)]
    return Task(name, language, classes, tuple(_halves(shown, pool)), tuple(_halves(asked, test)))


def _is_shown(group: str) -> bool:
    return hashlib.sha256(group.encode()).digest()[0] < 51


def _halves(items: Sequence[Item], count: int) -> list[Item]:
    """The first `count` items, half of them positive."""
    return [item for sign in (False, True) for item in [one for one in items if one.positive is sign][: count // 2]]


# -- asking ------------------------------------------------------------------------------------------------------


def _answers(cell: Cell, plan: Plan) -> dict[str, Any]:
    """Probabilities of the positive class, ``{way of scoring: [..]}``; those of an earlier run if they are kept."""
    task = cell.task
    classifier = BloomClassifier(
        plan.model, f"{task.name}/{cell.template}.{task.language}", shots=cell.shots, random_state=cell.seed
    )
    classifier.fit([item.text for item in task.pool], [task.classes[item.positive] for item in task.pool])
    asked = hashlib.sha256(repr((classifier.version, task.test)).encode()).hexdigest()
    kept = plan.work / f"{cell.key}.json" if plan.work else None
    if kept and kept.is_file():
        known = json.loads(kept.read_text(encoding="utf-8"))
        if known["asked"] == asked:
            return dict(known["answers"])
    column = classifier.classes_.index(task.classes[1])
    probabilities = classifier.predict_all([item.text for item in task.test])
    answers: dict[str, Any] = {
        way: [round(float(p), 6) for p in rows[:, column]] for way, rows in probabilities.items()
    }
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"asked": asked, "answers": answers}), encoding="utf-8")
    return answers


# -- measuring ---------------------------------------------------------------------------------------------------


def _measured(cell: Cell, tasks: Sequence[Task], founds: Sequence[Mapping[str, Any]], language: str) -> Iterator[Any]:
    """A row for each way of scoring: accuracy and area under the curve with their intervals."""
    truth = np.array([item.positive for task in tasks for item in task.test])
    for way in SCORINGS:
        scores = np.array([score for found in founds for score in found[way]])
        accuracy = interval(truth, scores, lambda t, s: float(((s > 0.5) == t).mean()), cell.seed)
        area = interval(truth, scores, area_under_curve, cell.seed)
        yield {
            "task": cell.task.name, "language": language, "template": cell.template, "shots": cell.shots,
            "seed": cell.seed, "scoring": way, "n": len(truth),
            "accuracy": accuracy[0], "accuracy low": accuracy[1], "accuracy high": accuracy[2],
            "auc": area[0], "auc low": area[1], "auc high": area[2], "called positive": float((scores > 0.5).mean()),
        }  # fmt: skip


def area_under_curve(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """The chance that a positive item scores above a negative one, ties counting half."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    positive = int(truth.sum())
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * (len(truth) - positive)))


def interval(
    truth: NDArray[np.bool_],
    scores: NDArray[np.float64],
    measure: Callable[[NDArray[np.bool_], NDArray[np.float64]], float],
    seed: int,
) -> tuple[float, float, float]:
    """`measure`, and its 95 % interval: percentiles over items drawn anew within each class."""
    random = np.random.default_rng(seed)
    classes = [np.flatnonzero(truth), np.flatnonzero(~truth)]
    drawn = []
    for _ in range(_BOOTSTRAPS):
        again = np.concatenate([random.choice(one, len(one)) for one in classes])
        drawn.append(measure(truth[again], scores[again]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return measure(truth, scores), float(low), float(high)


def over_templates(rows: Sequence[Mapping[str, Any]], language: str = "all") -> list[dict[str, Any]]:
    """For each task, number of shots and way of scoring: median, least and most over the templates."""
    found: dict[tuple[str, int, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["language"] == language:
            found.setdefault((row["task"], row["shots"], row["scoring"]), []).append(row)
    return [
        {"task": task, "shots": shots, "scoring": way, "templates": len(mine)}
        | {
            f"{what} {name}": of([row[name] for row in mine])
            for name in ("accuracy", "auc")
            for what, of in (("median", median), ("least", min), ("most", max))
        }
        for (task, shots, way), mine in sorted(found.items(), key=lambda pair: list(_NAMES).index(pair[0][0]))
    ]


# -- showing -----------------------------------------------------------------------------------------------------


def summary(figures: Figures) -> list[Summary]:
    """Median and spread over templates, and the best template of each task with its interval."""
    columns = ("", "shots", *(f"{way}: {name}" for name in ("accuracy", "auc") for way in SCORINGS))
    found: dict[tuple[str, int], dict[str, str]] = {}
    for row in over_templates(figures.rows):
        for name in ("accuracy", "auc"):
            spread = [_short(row[f"{what} {name}"]) for what in ("median", "least", "most")]
            found.setdefault((row["task"], row["shots"]), {})[f"{row['scoring']}: {name}"] = "{} ({}-{})".format(
                *spread
            )
    spreads = tuple((_NAMES[task], shots, *(cells[c] for c in columns[2:])) for (task, shots), cells in found.items())
    return [Summary("Median over templates (least-most)", columns, spreads), _by_template(figures)]


def _by_template(figures: Figures) -> Summary:
    columns = ("", "language", "template", "shots", "accuracy, raw", "accuracy, pmi", "auc, raw", "auc, pmi")
    found: dict[tuple[str, str, str, int], dict[str, str]] = {}
    for row in figures.rows:
        if row["language"] == "all" and row["task"] != "hate":
            continue
        cell = found.setdefault((row["task"], row["language"], row["template"], row["shots"]), {})
        for name in ("accuracy", "auc"):
            value, low, high = (_short(row[part]) for part in (name, f"{name} low", f"{name} high"))
            cell[f"{name}, {row['scoring']}"] = f"{value} [{low}, {high}]"
    rows = tuple((_NAMES[task], *rest, *(cell[c] for c in columns[4:])) for (task, *rest), cell in found.items())
    return Summary("Each template (95 % interval)", columns, rows)


def _short(value: float) -> str:
    return f"{value:.2f}".removeprefix("0")


def draw(figures: Figures, folder: Path) -> Path:
    """Median accuracy by task and shots, raw and calibrated (which two classes' ranking does not show)."""
    rows = [
        (f"{_NAMES[row['task']]}, {row['shots']} shots, {row['scoring']}", row["median accuracy"])
        for row in over_templates(figures.rows)
        if row["scoring"] in ("raw", "pmi")
    ]
    return bars(
        folder / "bloom_prompted.svg",
        "SmolLM2 by prompt: accuracy, median over templates (.5 is chance)",
        rows,
        _short,
        theirs=lambda name: name.endswith("raw"),
    )
