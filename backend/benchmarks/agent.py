"""``mindproof bench agent``: what the on-phone agent costs the app it is in, and how soon and how small its trees are.

Everything is measured in a real app process of a virtual phone, with and without the agent in the same run: the time of
each ``setText``, by the app process's own clock; the bytes of a scroll's tree updates, and whether they were there when
the frame was that shows it; a burst of new texts, all judged; start and memory of the app; a live tree against a dump.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from time import perf_counter, sleep
from typing import Any

from backend.benchmarks import agent_trees
from backend.benchmarks.agent_app import FEED, Agent, Bench, bench, resident_mib, threads
from backend.benchmarks.chart import bars, milliseconds
from backend.benchmarks.form import Check, Figures, at_least, at_most, quantile
from backend.phones.agent.gate import DebugAppGate
from backend.phones.agent.messages import (
    Applied,
    Configure,
    Effect,
    Hello,
    Texts,
    Verdict,
    Verdicts,
    Waiting,
)
from backend.phones.agent.scope import AppRef, Scope

SET_TEXT_GOAL_MS, BYTES_GOAL, BEFORE_GOAL = 1.0, 0.10, 0.95
TEXTS = tuple(f"{word} number {n}" for n in range(25) for word in ("A friendly line", "You are a fool,"))
"""Texts to set; every other one is replaced."""
_JAVA_RUNS = 12
"""Threads of a Java process that has begun its own work: entering it while it is being loaded may fail."""
_HOLD = Waiting(hold=True, deadline_ms=60_000)
_ON = Configure(texts=True, tree=True, text_waiting=_HOLD)


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    calls: int = 2000
    scrolls: int = 8
    views: int = 1000
    trees: int = 40
    starts: int = 5
    seeds: tuple[int, ...] = (1, 2, 3)


QUICK = Plan(calls=600, scrolls=3, trees=15, starts=3, seeds=(1,))


def run(plan: Plan, key_dir: Path, say: Callable[[str], None]) -> Figures:
    """Measure, one phone a seed."""
    figures = Figures("agent", list(plan.seeds))
    for seed in plan.seeds:
        with bench(seed, key_dir) as on:
            say(f"seed {seed}: {plan.calls} times setText, without the agent and with it")
            _set_text(on, plan, seed, figures)
            say(f"seed {seed}: {plan.scrolls} scrolls, and {plan.trees} trees each way")
            figures.rows += agent_trees.measure(on, plan.scrolls, plan.trees, seed)
            say(f"seed {seed}: {plan.views} views in one burst")
            _burst(on, plan, seed, figures)
            say(f"seed {seed}: {plan.starts} starts of the app, without the agent and with it")
            _starts(on, plan, seed, figures)
    figures.checks = _checks(figures)
    figures.notes = _notes(figures)
    return figures


# -- setText -----------------------------------------------------------------------------------------------------------


def _set_text(on: Bench, plan: Plan, seed: int, figures: Figures) -> None:
    on.open()
    on.rest()
    with on.driver() as driver:
        driver.prepare(1)
        shown, replaced = list(TEXTS[::2]), list(TEXTS[1::2])

        def measure(what: str, texts: list[str]) -> None:
            driver.time(texts, plan.calls // 4)  # compiled code and filled caches, with and without the agent
            taken, used = driver.time(texts, plan.calls)
            row = {"what": what, "seed": seed, "seconds": [n / 1e9 for n in taken], "cpu_s": [n / 1e9 for n in used]}
            figures.rows.append(row | {"load": os.getloadavg()[0]})

        measure("setText, no agent", shown)
        with on.agent() as agent:
            measure("setText, agent idle", shown)
            agent.send(Configure(texts=True, text_waiting=_HOLD))
            driver.time(list(TEXTS), len(TEXTS))
            _judge(agent, {text: _effect(index) for index, text in enumerate(TEXTS)})
            measure("setText, verdict: show", shown)
            measure("setText, verdict: replace", replaced)
        measure("setText, agent gone", shown)


def _effect(index: int) -> Effect:
    return Effect(kind="replace", text="A line is hidden.") if index % 2 else Effect(kind="show")


def _judge(agent: Agent, effects: dict[str, Effect]) -> None:
    """Wait until all these texts are reported, and answer with their verdicts."""
    keys: dict[str, str] = {}

    def reported() -> bool:
        keys.update({item.text: item.key for message in agent.of(Texts) for item in message.items})
        return effects.keys() <= keys.keys()

    agent.until(reported, "the texts")
    items = [Verdict(key=keys[text], effect=effect) for text, effect in effects.items()]
    agent.send(Verdicts(seq=1, items=items))
    agent.until(lambda: bool(agent.of(Applied)), "the verdicts to be applied")


# -- burst -------------------------------------------------------------------------------------------------------------


def _burst(on: Bench, plan: Plan, seed: int, figures: Figures) -> None:
    on.open()
    on.rest()
    with on.driver() as driver, on.agent() as agent:
        agent.send(Configure(texts=True, text_waiting=_HOLD))
        driver.prepare(plan.views)
        texts = [f"Line {number} of a burst" for number in range(plan.views)]
        answers = {text: Effect(kind="replace", text=f"Verdict {number}") for number, text in enumerate(texts)}
        begun = perf_counter()
        judging = ThreadPoolExecutor(1).submit(_answer_all, agent, answers)
        set_s = driver.burst(texts) / 1e9
        judging.result()
        seconds = perf_counter() - begun
        lost = sum(one != f"Verdict {number}" for number, one in enumerate(driver.shown()))
    figures.rows.append(
        {"what": "burst", "seed": seed, "views": plan.views, "lost": lost, "set_s": set_s, "seconds": [seconds]}
    )


def _answer_all(agent: Agent, answers: dict[str, Effect]) -> None:
    """Answer each report as soon as it comes, until all is applied."""
    read, answered, seq = 0, 0, 0
    while answered < len(answers):
        agent.until(lambda read=read: len(agent.of(Texts)) > read, "the texts of the burst")  # type: ignore[misc]
        for message in agent.of(Texts)[read:]:
            read += 1
            items = [Verdict(key=one.key, effect=answers[one.text]) for one in message.items if one.text in answers]
            answered += len(items)
            if items:
                seq += 1
                agent.send(Verdicts(seq=seq, items=items))
    agent.until(lambda: len(agent.of(Applied)) >= seq, "all verdicts to be applied")


# -- start and memory --------------------------------------------------------------------------------------------------


def _starts(on: Bench, plan: Plan, seed: int, figures: Figures) -> None:
    gate = DebugAppGate(on.phone, Scope((FEED,)))
    for with_agent in (False, True) * plan.starts:
        on.close()
        if with_agent:
            gate.open()
        try:
            with ThreadPoolExecutor(1) as thread, on.phone.beside() as beside:
                begun = perf_counter()
                starting = thread.submit(beside.shell, f"am start -W -n {FEED}/.FeedActivity", 60.0)
                if with_agent:
                    seconds, mib = _started(on, gate, starting, begun)
                else:
                    seconds, mib = _started_alone(on, starting, begun)
        finally:
            if with_agent:
                gate.close()
        name = "with the agent" if with_agent else "alone"
        figures.rows.append({"what": f"start {name}", "seed": seed, "seconds": [seconds]})
        figures.rows.append({"what": f"memory {name}", "seed": seed, "mib": [mib]})


def _started_alone(on: Bench, starting: Any, begun: float) -> tuple[float, float]:
    starting.result()
    return perf_counter() - begun, _used(on, on.pid())


def _started(on: Bench, gate: DebugAppGate, starting: Any, begun: float) -> tuple[float, float]:
    """The app waits at its start until the agent is in it and configured."""
    while not (pid := on.pid()) or threads(pid) < _JAVA_RUNS:
        sleep(0.005)
    app = AppRef(FEED, pid)
    with on.agent() as agent:
        agent.send(_ON)
        agent.until(lambda: bool(agent.of(Hello)), "the agent's hello")
        gate.release(app)
        starting.result()
        return perf_counter() - begun, _used(on, pid)


def _used(on: Bench, pid: int) -> float:
    """Resident memory after the same use."""
    on.rest()
    on.scroll(900)
    on.scroll(-500)
    return resident_mib(pid)


# -- what came of it ---------------------------------------------------------------------------------------------------


def _all(figures: Figures, what: str, unit: str) -> list[float]:
    return [float(value) for row in figures.rows if row["what"] == what for value in row[unit]]


def _checks(figures: Figures) -> list[Check]:
    bare = quantile(_all(figures, "setText, no agent", "seconds"), 0.5)
    kinds = ("show", "replace")
    added = [quantile(_all(figures, f"setText, verdict: {kind}", "seconds"), 0.95) - bare for kind in kinds]
    share = _all(figures, "bytes of a scroll's update", "share")
    captured = _all(figures, "frames of a scroll", "after_captured_s")
    lost = sum(row["lost"] for row in figures.rows if row["what"] == "burst")
    return [
        *(
            at_most(f"added to setText, verdict to {kind}, p95", ms * 1000, SET_TEXT_GOAL_MS, " ms")
            for kind, ms in zip(kinds, added, strict=True)
        ),
        at_most("a scroll's update, share of the full tree's bytes, mean", fmean(share), BYTES_GOAL, ""),
        at_most("a scroll's update, share of the full tree's bytes, p95", quantile(share, 0.95), BYTES_GOAL, ""),
        at_least("updates there before their frame is with us", fmean(one <= 0 for one in captured), BEFORE_GOAL, ""),
        at_most("verdicts lost in a burst", lost, 0, ""),
    ]


def _notes(figures: Figures) -> list[str]:
    handed = _all(figures, "frames of a scroll", "after_handed_s")
    drawn = fmean(one <= 0 for one in _all(figures, "frames of a scroll", "after_drawn_s"))
    capture_ms = 1000 * min(_all(figures, "frames of a scroll", "capture_s"))
    starts = {name: median(_all(figures, f"start {name}", "seconds")) for name in ("alone", "with the agent")}
    memory = {name: median(_all(figures, f"memory {name}", "mib")) for name in ("alone", "with the agent")}
    full = fmean(_all(figures, "bytes of a full tree", "bytes"))
    update = fmean(_all(figures, "bytes of a scroll's update", "bytes"))
    burst = fmean(_all(figures, "burst", "seconds"))
    cpu = [
        quantile(_all(figures, f"setText, verdict: {kind}", "cpu_s"), 0.95)
        - quantile(_all(figures, "setText, no agent", "cpu_s"), 0.5)
        for kind in ("show", "replace")
    ]
    load = max(row["load"] for row in figures.rows if "load" in row)
    return [
        f"a setText with a verdict takes {1000 * cpu[0]:.2f} ms (show) and {1000 * cpu[1]:.2f} ms (replace) more of the"
        f" processor at p95; what it takes beyond that is waiting, on {os.cpu_count()} cores with a load of {load:.1f}",
        f"a full tree is {full:,.0f} bytes, a scroll's update {update:,.0f}",
        f"of {len(handed)} frames: the update came {1000 * median(handed):+.1f} ms after the app handed the frame over"
        f" (median; p95 {1000 * quantile(handed, 0.95):+.1f} ms), for {drawn:.0%} before the phone had drawn it; no"
        f" capture takes less than {capture_ms:.0f} ms",
        f"a burst was set, judged and shown in {burst:.2f} s",
        f"the agent adds {1000 * (starts['with the agent'] - starts['alone']):,.0f} ms to a start of"
        f" {1000 * starts['alone']:,.0f} ms, and {memory['with the agent'] - memory['alone']:.0f} MiB to"
        f" {memory['alone']:.0f} MiB",
    ]


def summary(figures: Figures) -> Iterator[tuple[str, int, float, float, float, float]]:
    """(what, count, mean, p50, p95, most) in seconds, for the table."""
    for what in dict.fromkeys(row["what"] for row in figures.rows if "seconds" in row):
        times = _all(figures, what, "seconds")
        yield what, len(times), fmean(times), quantile(times, 0.5), quantile(times, 0.95), max(times)


def draw(figures: Figures, folder: Path) -> Path:
    """A bar chart of the medians in milliseconds, as SVG; its path."""
    rows = [(what, p50 * 1000) for what, _, _, p50, *_ in summary(figures)]
    return bars(folder / "agent.svg", "Median time (logarithmic scale)", rows, milliseconds, logarithmic=True)
