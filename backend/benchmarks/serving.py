"""``mindproof bench serving``: what the model host adds to a model, and what it takes.

Interventions on many phones ask one model, each about texts that nobody has judged. Through the host their calls join
batches; the baseline has every call judged alone, as if each intervention had the model to itself (on as many threads,
without a queue). Both take turns, so that a busy moment of the machine hits both. Then more comes than the model can
do, and every call has a deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from backend.benchmarks.chart import bars
from backend.benchmarks.dense import Dense
from backend.benchmarks.form import Check, Figures, at_least, at_most, quantile
from backend.benchmarks.serving_load import Ask, Round, arriving, back_to_back, texts
from backend.serving import ModelHost
from backend.serving.handles import TextHandle
from backend.serving.registry import Estimator
from interventions.models.hatesonar import HateSonar

ALONE, HOST = "each call alone", "through the host"
COSTLY, CHEAP = "dense", "hatesonar"
THROUGHPUT_GOAL, P95_GOAL, LONE_GOAL, CHEAP_GOAL, KEPT_GOAL = 3.0, 0.5, 1.1, 0.8, 0.7
_LINES = 2
"""Texts in a call: what a scroll brings into view."""
_OVERLOAD, _DEADLINE_S = 3.0, 0.5
_MORE = 10
"""Times as many calls of the cheap model, so that its rounds last long enough to be timed."""


@dataclass(frozen=True)
class Plan:
    """How much to measure: calls a round, how many callers at once, and how long calls come that are too many."""

    calls: int = 240
    rounds: int = 4
    callers: tuple[int, ...] = (1, 4, 16, 64)
    overload_s: float = 4.0
    seeds: tuple[int, ...] = (1, 2, 3)


QUICK = Plan(calls=160, rounds=2, callers=(1, 16), overload_s=2.0, seeds=(1,))


def run(plan: Plan, say: Callable[[str], None]) -> Figures:
    """Measure."""
    figures = Figures("serving", list(plan.seeds))
    for seed in plan.seeds:
        models: dict[str, Estimator] = {COSTLY: Dense(seed), CHEAP: HateSonar()}
        for name, estimator in models.items():
            with ModelHost() as host:
                handle = host.swap(name, estimator)
                assert isinstance(handle, TextHandle)
                ways: dict[str, Ask] = {ALONE: _alone(estimator), HOST: handle.probabilities}
                for callers in plan.callers:
                    say(f"seed {seed}: {name}, {callers} at once")
                    _rounds(figures, plan, seed, name, ways, callers)
                stats = host.stats()[0]
                figures.rows.append({"what": "model", "model": name, "seed": seed, **_plain(asdict(stats))})
        say(f"seed {seed}: {_OVERLOAD:g} times as much as the model can do")
        _overload(figures, plan, seed)
    figures.checks = _checks(figures, plan)
    figures.notes = [
        f"a call is about {_LINES} texts, none of which was judged before; {COSTLY} is a stack of dense layers, 170 MB",
        f"under overload a call is wanted within {_DEADLINE_S:g} s; what it can do is its best throughput through the "
        "host",
    ]
    return figures


def _alone(estimator: Any) -> Ask:
    return lambda items: [tuple(row) for row in estimator.predict_proba(items)]


def _plain(stats: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stats.items() if name != "name"}


def _rounds(figures: Figures, plan: Plan, seed: int, name: str, ways: dict[str, Ask], callers: int) -> None:
    size = (max(plan.calls // 4, 20) if callers == 1 else plan.calls) * (_MORE if name == CHEAP else 1)
    for turn in range(plan.rounds):
        for number, (what, ask) in enumerate(ways.items()):
            some = texts(hash((seed, callers, turn, number)), size * _LINES)
            calls = [some[at : at + _LINES] for at in range(0, len(some), _LINES)]
            done = back_to_back(ask, calls, callers)
            figures.rows.append(_row(what, name, seed, callers, turn, done))


def _row(what: str, name: str, seed: int, callers: int, turn: int, done: Round) -> dict[str, Any]:
    return {
        "what": what, "model": name, "seed": seed, "callers": callers, "round": turn,
        "per_s": len(done.latencies) / done.seconds,
        "p50_s": quantile(done.latencies, 0.5) if done.latencies else 0.0,
        "p95_s": quantile(done.latencies, 0.95) if done.latencies else 0.0,
    }  # fmt: skip


def _overload(figures: Figures, plan: Plan, seed: int) -> None:
    """The costly model, by both ways, at a rate that no way of serving it can keep up with."""
    best = max(_rate(figures, HOST, COSTLY, callers, seed=seed) for callers in plan.callers)
    arriving_per_s = _OVERLOAD * best
    some = texts(seed, round(arriving_per_s * plan.overload_s) * _LINES)
    calls = [some[at : at + _LINES] for at in range(0, len(some), _LINES)]
    for what in (ALONE, HOST):
        estimator = Dense(seed)
        with ModelHost() as host:
            handle = host.swap(COSTLY, estimator)
            assert isinstance(handle, TextHandle)
            ask = handle.probabilities if what == HOST else _alone(estimator)
            done = arriving(ask, calls, arriving_per_s, _DEADLINE_S, threads=400, seed=seed)
        figures.rows.append(
            {
                "what": f"overload, {what}", "model": COSTLY, "seed": seed, "arriving_per_s": arriving_per_s,
                "in_time_per_s": len(done.latencies) / done.seconds, "in_time": len(done.latencies),
                "late": done.late, "shed": done.shed, "kept": len(done.latencies) / done.seconds / best,
            }
        )  # fmt: skip


# -- what it comes to ----------------------------------------------------------------------------------


def _values(figures: Figures, what: str, model: str, callers: int, of: str, **where: Any) -> list[float]:
    rows = (r for r in figures.rows if (r["what"], r["model"], r.get("callers")) == (what, model, callers))
    return [row[of] for row in rows if all(row[key] == value for key, value in where.items())]


def _rate(figures: Figures, what: str, model: str, callers: int, **where: Any) -> float:
    return fmean(_values(figures, what, model, callers, "per_s", **where))


def _ratio(figures: Figures, model: str, callers: int, of: str) -> float:
    """Of the host's mean to the baseline's."""
    return fmean(_values(figures, HOST, model, callers, of)) / fmean(_values(figures, ALONE, model, callers, of))


def _checks(figures: Figures, plan: Plan) -> list[Check]:
    many = max(callers for callers in plan.callers if callers <= 16)
    kept = fmean(row["kept"] for row in figures.rows if row["what"] == f"overload, {HOST}")
    return [
        at_least(f"{COSTLY}, {many} callers: throughput", _ratio(figures, COSTLY, many, "per_s"), THROUGHPUT_GOAL, "x"),
        at_most(f"{COSTLY}, {many} callers: 95th percentile", _ratio(figures, COSTLY, many, "p95_s"), P95_GOAL, "x"),
        at_most(f"{COSTLY}, a lone caller: median", _ratio(figures, COSTLY, 1, "p50_s"), LONE_GOAL, "x"),
        at_least(f"{CHEAP}, {many} callers: throughput", _ratio(figures, CHEAP, many, "per_s"), CHEAP_GOAL, "x"),
        at_most(f"{CHEAP}, {many} callers: 95th percentile", _ratio(figures, CHEAP, many, "p95_s"), 1.0, "x"),
        at_least("three times too much: answered in time, of what it can do", kept, KEPT_GOAL, "x"),
    ]


def summary(figures: Figures) -> Iterator[tuple[str, str, int, float, float, float]]:
    """(model, way, callers, calls a second, p50 s, p95 s) for the table."""
    keys = dict.fromkeys((r["model"], r["callers"], r["what"]) for r in figures.rows if "callers" in r)
    for model, callers, what in keys:
        means = (fmean(_values(figures, what, model, callers, of)) for of in ("per_s", "p50_s", "p95_s"))
        rate, p50, p95 = means
        yield model, what, callers, rate, p50, p95


def overloads(figures: Figures) -> Iterator[tuple[str, float, float, int, int, int]]:
    """(way, calls that came a second, answered in time a second, in time, late, shed), summed over the seeds."""
    for what in (ALONE, HOST):
        rows = [row for row in figures.rows if row["what"] == f"overload, {what}"]
        yield (
            what,
            fmean(row["arriving_per_s"] for row in rows),
            fmean(row["in_time_per_s"] for row in rows),
            *(sum(row[name] for row in rows) for name in ("in_time", "late", "shed")),
        )


def draw(figures: Figures, folder: Path) -> Path:
    """A bar chart of calls a second, as SVG; its path."""
    rows = [(f"{model}, {n} at once, {what}", rate) for model, what, n, rate, *_ in summary(figures) if model == COSTLY]
    return bars(
        folder / "serving.svg",
        "Calls a second of a costly model",
        rows,
        lambda value: f"{value:,.0f} a second",
        theirs=lambda name: name.endswith(ALONE),
    )
