"""``mindproof bench network``: what judging traffic adds to mitmproxy, and what it leaves of its throughput.

JSON feeds of 50 posts over TLS, fetched by curl: through mitmproxy alone, and through ours with the shipped
interventions on texts and counts, every verdict known already (and, for comparison, none). Rounds of both take turns,
so that a busy moment of the machine hits both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from backend.benchmarks.chart import bars, milliseconds
from backend.benchmarks.form import Check, Figures, at_least, at_most, quantile
from backend.benchmarks.network_bench import INTERVENTIONS, OPTED_IN, TUNNELLED, Bench, bench
from backend.benchmarks.network_origin import POSTS
from backend.errors import NetworkError
from backend.settings import Settings

ADDED_GOAL, RATE_GOAL, NOISE_FLOOR = 1.5, 0.7, 1.1
ALONE, OURS, COLD = "mitmproxy alone", "ours, verdicts known", "ours, nothing known at first"
ALONE_PAST, OURS_PAST = "mitmproxy alone, host ignored", "ours, host not opted in"


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    feeds: int = 1000
    rounds: int = 4
    at_once: int = 8
    seeds: tuple[int, ...] = (1, 2, 3)


QUICK = Plan(feeds=1000, rounds=3, seeds=(1,))


def run(plan: Plan, settings: Settings, say: Callable[[str], None]) -> Figures:
    """Measure.

    Raises:
        InputError, NetworkError: see `network_bench.bench`.
    """
    figures = Figures("network", list(plan.seeds))
    for seed in plan.seeds:
        with bench(seed, 2 * plan.feeds, settings, say) as on:
            say(f"seed {seed}: {plan.feeds} feeds of {POSTS} posts")
            _one_by_one(on, plan, seed, figures)
            say(f"seed {seed}: the same, {plan.at_once} at once")
            _at_once(on, plan, seed, figures)
            if not on.judge.counts().get("changed"):
                raise NetworkError("nothing was changed, so these figures would mean nothing")
    figures.checks = _checks(figures)
    figures.notes = [
        f"interventions: {', '.join(INTERVENTIONS)}; a feed has {POSTS} posts, drawn from 2,000",
        "noise is how far the rounds of mitmproxy alone lie apart (never taken for less than 10 %)",
    ]
    return figures


def _one_by_one(on: Bench, plan: Plan, seed: int, figures: Figures) -> None:
    """Verdicts become known on other feeds than those that are measured: the same posts, in other company."""
    pages = list(range(plan.feeds, 2 * plan.feeds))

    def measure(what: str, proxy: int, host: str, some: list[int], turn: int) -> None:
        times = on.latencies(proxy, host, some)[1:]  # the first has the handshakes in it
        figures.rows += [{"what": what, "seed": seed, "round": turn, "seconds": seconds} for seconds in times]

    measure(COLD, on.ours, OPTED_IN, list(range(plan.feeds)), 0)
    size = plan.feeds // plan.rounds
    for turn in range(plan.rounds):
        some = pages[turn * size : (turn + 1) * size]
        measure(ALONE, on.alone, OPTED_IN, some, turn)
        measure(OURS, on.ours, OPTED_IN, some, turn)
        measure(ALONE_PAST, on.alone, TUNNELLED, some, turn)
        measure(OURS_PAST, on.ours, TUNNELLED, some, turn)


def _at_once(on: Bench, plan: Plan, seed: int, figures: Figures) -> None:
    pages = list(range(plan.feeds, 2 * plan.feeds))
    for turn in range(plan.rounds):
        for what, proxy, host in (
            (ALONE, on.alone, OPTED_IN),
            (OURS, on.ours, OPTED_IN),
            (ALONE_PAST, on.alone, TUNNELLED),
            (OURS_PAST, on.ours, TUNNELLED),
        ):
            rate = on.rate(proxy, host, pages, plan.at_once)
            figures.rows.append({"what": what, "seed": seed, "round": turn, "at_once": plan.at_once, "per_s": rate})


def _checks(figures: Figures) -> list[Check]:
    added, kept = _p50(figures, OURS) / _p50(figures, ALONE), _rate(figures, OURS) / _rate(figures, ALONE)
    past = _p50(figures, OURS_PAST) / _p50(figures, ALONE_PAST)
    past_rate = _rate(figures, OURS_PAST) / _rate(figures, ALONE_PAST)
    return [
        at_most("median latency, of mitmproxy alone's", added, ADDED_GOAL, "x"),
        at_least("answers a second, of mitmproxy alone's", kept, RATE_GOAL, "x"),
        at_most("median latency of hosts not opted in", past, _noise(figures, "seconds"), "x"),
        at_least("answers a second of hosts not opted in", past_rate, 1 / _noise(figures, "per_s"), "x"),
    ]


def _values(figures: Figures, what: str, of: str, **where: Any) -> list[float]:
    rows = (row for row in figures.rows if row["what"] == what and of in row)
    return [row[of] for row in rows if all(row[key] == value for key, value in where.items())]


def _p50(figures: Figures, what: str, **where: Any) -> float:
    return quantile(_values(figures, what, "seconds", **where), 0.5)


def _rate(figures: Figures, what: str, **where: Any) -> float:
    return fmean(_values(figures, what, "per_s", **where))


def _noise(figures: Figures, of: str) -> float:
    """How many times the slowest round of the baseline is slower than its fastest."""
    middle = _p50 if of == "seconds" else _rate
    turns = {(row["seed"], row["round"]) for row in figures.rows if row["what"] == ALONE_PAST and of in row}
    rounds = [middle(figures, ALONE_PAST, seed=seed, round=turn) for seed, turn in turns]
    return max(NOISE_FLOOR, max(rounds) / min(rounds))


# -- for people ----------------------------------------------------------------------------------------


def summary(figures: Figures) -> Iterator[tuple[str, int, float, float, float, float]]:
    """(what, count, mean s, p50 s, p95 s, answers a second or 0) for the table."""
    for what in (ALONE, OURS, COLD, ALONE_PAST, OURS_PAST):
        times, rates = _values(figures, what, "seconds"), _values(figures, what, "per_s")
        yield what, len(times), fmean(times), quantile(times, 0.5), quantile(times, 0.95), fmean(rates) if rates else 0


def draw(figures: Figures, folder: Path) -> Path:
    """A bar chart of the medians in milliseconds, as SVG; its path."""
    rows = [(what, p50 * 1000) for what, _, _, p50, *_ in summary(figures)]
    theirs = (ALONE, ALONE_PAST)
    title = f"Median time of a feed of {POSTS} posts"
    return bars(folder / "network.svg", title, rows, milliseconds, theirs=lambda what: what in theirs)
