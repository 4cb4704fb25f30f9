"""Two filters of abuse, trained on four corpora and sentences of our own, and how well they do where they never learnt.

`abuse_small` (family ``ngrams``) is hate_speech's judge; `abuse_minilm` (family ``minilm_tuned``) is slower and knows
more. What is kept out of training, one fold after another: each corpus, each language, each functionality; see
`folds`. HateCheck is in no training set. With ``--work`` the filters are written there as they are shipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from backend.benchmarks.chart import bars
from backend.benchmarks.form import Figures, at_least, at_most
from studies.replications.filters.experiment import Experiment
from studies.replications.filters.training import Mixture
from studies.replications.form import Say, Summary, data_folder


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is done. `seeds` are of the small filter; MiniLM is tuned once, with the first of them, on `tuned`
    texts (0: not at all), which takes about ten minutes of one core."""

    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    data: Path = field(default_factory=data_folder)
    work: Path | None = None
    mixture: Mixture = Mixture()
    kept_out: tuple[str, ...] = ("corpus", "language", "functionality")
    tuned: int = 14_000
    frozen: int = 3000
    photographs: int = 300


QUICK = Plan(
    seeds=(1,), mixture=Mixture(each=4, ordinary=2000), kept_out=("corpus hatexplain_val",), tuned=0, frozen=0,
    photographs=40,
)  # fmt: skip


def run(plan: Plan, say: Say) -> Figures:
    """Train, measure, and write the filters where the plan says so."""
    figures = Figures("filters", list(plan.seeds))
    experiment = Experiment(plan, figures, say)
    experiment.compare_guests()
    experiment.keep_out()
    experiment.ship_small()
    if plan.frozen:
        experiment.freeze()
    if plan.tuned:
        experiment.ship_tuned()
    experiment.count_picture_alarms()
    _check(figures)
    return figures


def _check(figures: Figures) -> None:
    hatexplain, hatecheck = "hatexplain_val", "HateCheck"
    for judge in ("abuse_small", "abuse_minilm"):
        for on in (hatexplain, hatecheck):
            rows = _rows(figures, judge, "area under the curve", on)
            if rows:
                name = f"{judge} on {on}, never trained on: area under the curve"
                figures.checks.append(at_least(name, mean(row["value"] for row in rows), 0.80, ""))
    times = _rows(figures, "abuse_small", "milliseconds a verdict")
    figures.checks += [at_most("abuse_small: a verdict", row["value"], 1.0, "ms") for row in times]


def _rows(figures: Figures, judge: str, figure: str, on: str = "") -> list[dict[str, float]]:
    """The rows of one figure; on HateXplain only those of the fold without it."""
    return [
        row
        for row in figures.rows
        if row["filter"] == judge
        and row["figure"] == figure
        and on in ("", row["on"])
        and not (row["fold"] == "everything" and row["on"] == "hatexplain_val")
    ]


def summary(figures: Figures) -> Sequence[Summary]:
    """Areas under the curve, and errors at the threshold."""
    areas = [row for row in figures.rows if row["figure"] == "area under the curve"]
    errors = [row for row in figures.rows if row["figure"] in ("misses", "over-blocking", "right at the threshold")]
    others = [row for row in figures.rows if row not in areas and row not in errors]
    columns = ("filter", "kept out of training", "measured on", "figure", "value", "95 % interval", "n")
    return tuple(
        Summary(title, columns, tuple(_line(row) for row in rows))
        for title, rows in (
            ("Areas under the curve", areas), ("Errors at the threshold of 0.5", errors), ("Other figures", others),
        )
        if rows
    )  # fmt: skip


def _line(row: dict[str, object]) -> tuple[object, ...]:
    interval = f"{row['low']:.3f}-{row['high']:.3f}" if row.get("low") is not None else ""
    what = row["figure"] if len(row) < 10 else f"{row['figure']} (seed {row['seed']})"
    return row["filter"], row["fold"], row["on"], what, f"{row['value']:.3f}", interval, row.get("n", "")


def draw(figures: Figures, folder: Path) -> Path:
    """Areas under the curve on what each filter never saw, as bars."""
    rows = [
        (f"{judge}: {on}", mean(row["value"] for row in found))
        for on in ("hatexplain_val", "HateCheck")
        for judge in ("abuse_minilm", "abuse_small", "minilm_head", "hatesonar", "profanity")
        if (found := _rows(figures, judge, "area under the curve", on))
    ]
    return bars(
        folder / "filters.svg", "Area under the curve, on texts never trained on", rows, lambda value: f"{value:.2f}",
        theirs=lambda name: not name.startswith("abuse_"),
    )  # fmt: skip
