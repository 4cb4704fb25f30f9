"""MOTA (arXiv 2209.14996): several modes of one network, and what each takes of a task, against forgetting.

Five sequences of tasks under three kinds of shift, with small networks on fixed features (`mota_features`): other
classes (split CIFAR-10, split Fashion-MNIST), other domains (turned pictures, reviews of other things), other
sub-populations of the same classes (CIFAR-10 animals and vehicles). No method keeps a row. All have the same budget of
parameters, as many updates, and as many settings searched on validation rows, of sequences that are not measured on;
only then is the test part asked, once for each seed. What is measured: see `mota_runs.measures`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from backend.benchmarks.form import Figures, at_least
from interventions.models.minilm.encoder import cores
from studies.replications.form import Say, data_folder
from studies.replications.mota_charts import draw
from studies.replications.mota_intervals import interval, paired
from studies.replications.mota_runs import (
    CEILING,
    CHOSEN,
    CONTROL,
    MEASURES,
    METHODS,
    OURS,
    Method,
    Run,
    kept_run,
    measures,
)
from studies.replications.mota_shifts import KINDS, Shift, Sizes, shifts
from studies.replications.mota_told import summary

__all__ = ["QUICK", "Plan", "draw", "run", "summary"]

_DESIGNS = tuple(method for method in METHODS if method.name in (CHOSEN, OURS))


@dataclass(frozen=True, slots=True)
class Plan:
    """`search_seeds` draw the sequences that settings are chosen on, `seeds` those that are measured on. `modes` are
    swept and parts are taken away (`ablations`) with the settings found for three modes, on the first `part_seeds`."""

    seeds: tuple[int, ...] = tuple(range(11, 21))
    search_seeds: tuple[int, ...] = (101, 102)
    sizes: Sizes = Sizes(400, 100, 150)
    texts: Sizes = Sizes(240, 60, 100)
    modes: tuple[int, ...] = (1, 2, 3, 5)
    ablations: bool = True
    part_seeds: int = 5
    data: Path = field(default_factory=data_folder)
    work: Path | None = None


QUICK = Plan(
    seeds=(1, 2), search_seeds=(101,), sizes=Sizes(60, 30, 50), texts=Sizes(20, 10, 20), modes=(1, 3), ablations=False
)

Settings = Mapping[str, float]
Results = dict[tuple[str, str], dict[int, Run]]
"""(shift, method) -> seed -> run."""


def run(plan: Plan, say: Say) -> Figures:
    """Search, then measure, then take apart. With `plan.work`, features and runs are kept and not made again."""
    notes: list[str] = []

    def left_out(why: str) -> None:
        say(why)
        notes.append(why)

    with cores(1):
        figures = compare(list(shifts(plan.data, plan.work, plan.sizes, plan.texts, left_out)), plan, say)
    figures.notes += notes
    return figures


def compare(found: Sequence[Shift], plan: Plan, say: Say) -> Figures:
    """All methods on the shifts `found`, of which there is at least one of each kind."""
    figures = Figures("mota", list(plan.seeds), packages=("torch", "scikit-learn"))
    results: Results = {}
    settings: dict[tuple[str, str], Settings] = {}
    for shift in found:
        for method in METHODS:
            settings[shift.name, method.name] = _searched(shift, method, plan, figures)
            results[shift.name, method.name] = _measured(shift, method, settings[shift.name, method.name], plan)
        say(f"{shift.name}: " + ", ".join(_told(results, shift, method) for method in METHODS))
    figures.rows += [*_rows(found, results), *_by_shift(found, results), *_by_kind(found, results)]
    figures.rows += [*_allocations(found, results), *_costs(found, results)]
    for table, variants in (("modes", _sweep(plan)), ("ablation", _ablations() if plan.ablations else ())):
        for variant in variants:
            figures.rows += list(_compared(table, variant, found, results, settings, plan))
            say(f"{table}: {variant.base}, {variant.name}")
    _check(figures)
    return figures


# -- running -----------------------------------------------------------------------------------------------------


def _searched(shift: Shift, method: Method, plan: Plan, figures: Figures) -> Settings:
    """The settings with the best average accuracy on validation rows, mean over the search's seeds."""
    drawn = {seed: shift.drawn(seed) for seed in plan.search_seeds}
    tried = [
        (
            mean(
                float(
                    kept_run(plan.work, shift, tasks, method, settings=one, seed=seed, part="valid").accuracy[-1].mean()
                )
                for seed, tasks in drawn.items()
            ),
            one,
        )
        for one in method.grid()
    ]
    best, settings = max(tried, key=lambda pair: pair[0])
    figures.rows.append(
        {"table": "search", "shift": shift.name, "method": method.name, "tried": len(tried), "valid": best} | settings
    )
    return settings


def _measured(shift: Shift, method: Method, settings: Settings, plan: Plan, told: bool = True) -> dict[int, Run]:
    return {
        seed: kept_run(
            plan.work, shift, shift.drawn(seed), method, settings=settings, seed=seed, part="test", told=told
        )
        for seed in plan.seeds
    }


def _told(results: Results, shift: Shift, method: Method) -> str:
    return f"{method.name} {100 * mean(_averages(results[shift.name, method.name]).values()):.1f}"


def _averages(runs: Mapping[int, Run]) -> dict[int, float]:
    return {seed: float(one.accuracy[-1].mean()) for seed, one in runs.items()}


# -- measuring ---------------------------------------------------------------------------------------------------


def _rows(found: Sequence[Shift], results: Results) -> Iterator[dict[str, Any]]:
    """Every run as it was."""
    for shift in found:
        for method in METHODS:
            for seed, one in results[shift.name, method.name].items():
                yield {
                    "table": "runs", "shift": shift.name, "method": method.name, "seed": seed,
                    "accuracy": np.round(one.accuracy, 4).tolist(), "among all": one.among_all,
                } | measures(one.accuracy)  # fmt: skip


def _by_shift(found: Sequence[Shift], results: Results) -> Iterator[dict[str, Any]]:
    for shift in found:
        for method in METHODS:
            runs = results[shift.name, method.name]
            for name in (*MEASURES, "among all"):
                values = [
                    one.among_all if name == "among all" else measures(one.accuracy)[name] for one in runs.values()
                ]
                told = {
                    "table": "shifts",
                    "kind": shift.kind,
                    "shift": shift.name,
                    "method": method.name,
                    "measure": name,
                }
                yield told | asdict(interval(values))


def kind_averages(found: Sequence[Shift], runs: Mapping[str, Mapping[int, Run]], kind: str) -> dict[int, float]:
    """For each seed the mean of the average accuracies over the shifts of a kind; `runs` by shift."""
    of_kind = [_averages(runs[shift.name]) for shift in found if shift.kind == kind]
    return {seed: mean(one[seed] for one in of_kind) for seed in of_kind[0]}


def _by_kind(found: Sequence[Shift], results: Results) -> Iterator[dict[str, Any]]:
    """By kind of shift, and what ours is ahead of each method, seed by seed."""
    for kind in KINDS:
        averages = {
            method.name: kind_averages(found, {one.name: results[one.name, method.name] for one in found}, kind)
            for method in METHODS
        }
        for name, values in averages.items():
            ahead = paired(averages[OURS], values)
            yield {
                "table": "kinds", "kind": kind, "method": name, "ahead": ahead.value,
                "ahead low": ahead.low, "ahead high": ahead.high,
            } | asdict(interval(list(values.values())))  # fmt: skip


def _allocations(found: Sequence[Shift], results: Results) -> Iterator[dict[str, Any]]:
    for shift in found:
        for design in _DESIGNS:
            runs = results[shift.name, design.name].values()
            yield {
                "table": "allocation", "shift": shift.name, "method": design.name,
                "allocation": np.mean([one.allocation for one in runs], axis=0).round(3).tolist(),
                "mode distances": np.mean([one.mode_distances for one in runs], axis=0).round(3).tolist(),
            }  # fmt: skip


def _costs(found: Sequence[Shift], results: Results) -> Iterator[dict[str, Any]]:
    """Processor time of an update and numbers kept, against one mode that is fine-tuned."""
    for method in METHODS:
        alone = [mean(one.update_ms for one in results[shift.name, METHODS[0].name].values()) for shift in found]
        ms = [mean(one.update_ms for one in results[shift.name, method.name].values()) for shift in found]
        runs = [next(iter(results[shift.name, method.name].values())) for shift in found]
        yield {
            "table": "cost", "method": method.name, "update ms": mean(ms),
            "times one mode": mean(mine / one for mine, one in zip(ms, alone, strict=True)),
            "numbers": {shift.name: one.parameters + one.memory for shift, one in zip(found, runs, strict=True)},
            "numbers by parameter": mean((one.parameters + one.memory) / one.parameters for one in runs),
        }  # fmt: skip


# -- taking apart ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Variant:
    """A design with something changed; `told` as in `mota_runs.run`."""

    base: str
    name: str
    change: Mapping[str, Any]
    told: bool = True


def _sweep(plan: Plan) -> Iterator[Variant]:
    for design in _DESIGNS:
        for count in plan.modes:
            yield Variant(design.name, f"N = {count}", {"modes": count})


def _ablations() -> Iterator[Variant]:
    for design in _DESIGNS:
        yield Variant(design.name, "without diversity", {"diversity": 0.0})
        yield Variant(design.name, "without anchoring to what was learnt", {"anchoring": 0.0})
        yield Variant(design.name, "not told where a task begins", {}, told=False)
    yield Variant(CHOSEN, "without backtracking", {"allocation": "none"})
    yield Variant(CHOSEN, "with averaging", {"averaging": 0.9})
    yield Variant(OURS, "without averaging", {"averaging": 0.0})


def _compared(
    table: str,
    variant: Variant,
    found: Sequence[Shift],
    results: Results,
    settings: Mapping[tuple[str, str], Settings],
    plan: Plan,
) -> Iterator[dict[str, Any]]:
    """The variant by kind of shift, and what it is ahead of the whole design, seed by seed."""
    base = next(design for design in _DESIGNS if design.name == variant.base)
    runs = {shift.name: _varied(shift, base, variant, settings[shift.name, base.name], plan) for shift in found}
    for kind in KINDS:
        values = kind_averages(found, runs, kind)
        whole = kind_averages(found, {one.name: results[one.name, base.name] for one in found}, kind)
        ahead = paired(values, whole)
        yield {
            "table": table, "kind": kind, "method": base.name, "variant": variant.name, "ahead": ahead.value,
            "ahead low": ahead.low, "ahead high": ahead.high,
        } | asdict(interval(list(values.values())))  # fmt: skip


def _varied(shift: Shift, base: Method, variant: Variant, settings: Settings, plan: Plan) -> dict[int, Run]:
    change = dict(variant.change)
    fixed = dict(base.fixed) | {name: change.pop(name) for name in ("modes", "allocation") if name in change}
    some = replace(plan, seeds=plan.seeds[: plan.part_seeds])
    return _measured(shift, replace(base, fixed=fixed), {**settings, **change}, some, variant.told)


# -- the goal ---------------------------------------------------------------------------------------------------------


def _check(figures: Figures) -> None:
    """The goal: ahead of every method that keeps no rows, by kind of shift, and on how many kinds beyond doubt."""
    rows = [row for row in figures.rows if row["table"] == "kinds" and row["method"] not in (OURS, CONTROL, CEILING)]
    best = [kind for kind in KINDS if all(row["ahead"] > 0 for row in rows if row["kind"] == kind)]
    sure = [kind for kind in best if all(row["ahead low"] > 0 for row in rows if row["kind"] == kind)]
    figures.checks += [
        at_least("kinds of shift on which our design is ahead of every method that keeps no rows", len(best), 3, ""),
        at_least("kinds of shift on which the 95 % interval excludes 0 against each of them", len(sure), 2, ""),
    ]
