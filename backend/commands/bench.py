"""``mindproof bench NAME``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from backend.benchmarks import agent, bloom, leak_runs, network, pipeline, serving
from backend.benchmarks.form import Figures
from backend.commands.console import err, milliseconds, one_clear_error, out, table
from backend.settings import load_settings

bench_app = typer.Typer(no_args_is_help=True, help="Compare us with a baseline, in one run on one machine.")

Quick = Annotated[bool, typer.Option("--quick", help="Under three minutes: fewer frames, one seed, still real.")]
Seeds = Annotated[str, typer.Option(help="Seeds, separated by commas.")]
OutDir = Annotated[Path | None, typer.Option("--out", help="Folder for the figure.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="File for the raw results.")]


PlanT = TypeVar("PlanT", pipeline.Plan, agent.Plan, network.Plan, leak_runs.Plan, serving.Plan, bloom.Plan)


@bench_app.callback()
def bench() -> None:
    """Compare us with a baseline, in one run on one machine."""


@bench_app.command("pipeline")
@one_clear_error
def pipeline_(quick: Quick = False, seeds: Seeds = "", out_: OutDir = None, json: JsonFile = None) -> None:
    """Time a frame from capture to covered picture, against the original's per-frame work."""
    plan = pipeline.QUICK if quick else pipeline.Plan()
    plan = seeded(plan, seeds)
    figures = pipeline.run(plan, load_settings().key_folder, say)
    show(figures)
    keep(figures, pipeline.draw, json, out_)


@bench_app.command("agent")
@one_clear_error
def agent_(quick: Quick = False, seeds: Seeds = "", out_: OutDir = None, json: JsonFile = None) -> None:
    """Time what the on-phone agent adds to an app, and measure its live trees against dumps."""
    plan = agent.QUICK if quick else agent.Plan()
    plan = seeded(plan, seeds)
    figures = agent.run(plan, load_settings().key_folder, say)
    columns = ("", "count", "mean ms", "p50 ms", "p95 ms", "most ms")
    rows = [(what, count, *(f"{1000 * one:.3g}" for one in values)) for what, count, *values in agent.summary(figures)]
    out.print(table("What the agent takes", columns, rows, columns[1:]))
    checked(figures)
    keep(figures, agent.draw, json, out_)


@bench_app.command("network")
@one_clear_error
def network_(quick: Quick = False, seeds: Seeds = "", out_: OutDir = None, json: JsonFile = None) -> None:
    """Time traffic that is judged on its way, against mitmproxy alone."""
    plan = network.QUICK if quick else network.Plan()
    plan = seeded(plan, seeds)
    figures = network.run(plan, load_settings(), say)
    columns = ("", "feeds", "mean ms", "p50 ms", "p95 ms", "answers a second")
    rows = [
        (what, count, *(f"{1000 * one:.3g}" for one in values), f"{rate:.0f}" if rate else "")
        for what, count, *values, rate in network.summary(figures)
    ]
    out.print(table("A feed of 50 posts", columns, rows, columns[1:]))
    checked(figures)
    keep(figures, network.draw, json, out_)


@bench_app.command("leaks")
@one_clear_error
def leaks_(
    seconds: Annotated[float | None, typer.Option(min=1, max=120, help="How long the hand uses each phone.")] = None,
    seeds: Seeds = "",
    quick: Quick = False,
    out_: OutDir = None,
    json: JsonFile = None,
) -> None:
    """Count the frames of a phone's own screen that show an abusive line: with the agent in its apps, and without."""
    plan = leak_runs.QUICK if quick else leak_runs.Plan()
    plan = replace(plan, seconds=seconds or plan.seconds)
    plan = seeded(plan, seeds)
    figures = leak_runs.run(plan, load_settings(), say)
    columns = ("on", "seed", "frames", "with an abusive line", "different lines", "hidden before it was shown")
    out.print(
        table("What somebody who looks at the phone could read", columns, leak_runs.summary(figures), columns[1:])
    )
    checked(figures)
    keep(figures, leak_runs.draw, json, out_)


@bench_app.command("serving")
@one_clear_error
def serving_(quick: Quick = False, seeds: Seeds = "", out_: OutDir = None, json: JsonFile = None) -> None:
    """Time a model that many ask, through the model host against each call judged alone, and overload it."""
    plan = serving.QUICK if quick else serving.Plan()
    plan = seeded(plan, seeds)
    figures = serving.run(plan, say)
    columns = ("model", "", "callers", "calls a second", "p50 ms", "p95 ms")
    rows = [
        (model, what, callers, f"{rate:.0f}", milliseconds(p50), milliseconds(p95))
        for model, what, callers, rate, p50, p95 in serving.summary(figures)
    ]
    out.print(table("Calls about two new texts", columns, rows, columns[2:]))
    over = ("", "came a second", "in time a second", "in time", "late", "shed")
    kept = [(what, f"{came:.0f}", f"{rate:.0f}", *counts) for what, came, rate, *counts in serving.overloads(figures)]
    out.print(table("More than the model can do", over, kept, over[1:]))
    checked(figures)
    keep(figures, serving.draw, json, out_)


@bench_app.command("bloom")
@one_clear_error
def bloom_(
    model: Annotated[str, typer.Option(help="A checkpoint's path, or smollm2 for the packaged model.")] = "smollm2",
    texts: Annotated[Path | None, typer.Option(help="Texts to judge, one a line, instead of drawn words.")] = None,
    harness: Annotated[str, typer.Option(help="A Python that has lm-eval, to compare with it too.")] = "",
    quick: Quick = False,
    seeds: Seeds = "",
    out_: OutDir = None,
    json: JsonFile = None,
) -> None:
    """Time classification by prompt against scoring every item with every label from scratch."""
    plan = seeded(bloom.QUICK if quick else bloom.Plan(), seeds)
    figures = bloom.run(replace(plan, model=model, texts=texts, harness=harness), say)
    columns = ("", "items", "seconds an item", "items a second")
    rows = [(what, items, f"{each:.3g}", f"{rate:.3g}") for what, items, each, rate in bloom.summary(figures)]
    out.print(table("Texts classified by prompt", columns, rows, columns[1:]))
    checked(figures)
    keep(figures, bloom.draw, json, out_)


def show(figures: Figures) -> None:
    """The table, the stages of a mean frame, and the checks."""
    rows = [
        (what, count, milliseconds(mean), milliseconds(spread), milliseconds(p50), milliseconds(p95))
        for what, count, mean, spread, p50, p95 in pipeline.summary(figures)
    ]
    columns = ("", "frames", "mean ms", "sd ms", "p50 ms", "p95 ms")
    out.print(table("Time a frame", columns, rows, columns[1:]))
    for what in ("baseline", "ours tree", "ours canvas"):
        means = pipeline.stage_means(figures.rows, what)
        parts = ", ".join(f"{stage} {milliseconds(seconds)}" for stage, seconds in means.items() if seconds > 5e-5)
        out.print(f"[dim]{what}, mean ms a stage:[/] {parts}", soft_wrap=True)
    checked(figures)


def checked(figures: Figures) -> None:
    """Every goal and what was reached, and what else there is to say."""
    for check in figures.checks:
        mark = "[green]met[/]   " if check.met else "[red]missed[/]"
        out.print(f"{mark} {check.name}: {check.value:.4g}{check.unit} (goal {check.goal}{check.unit})")
    for note in figures.notes:
        out.print(note)


def say(text: str) -> None:
    """What a benchmark is at."""
    err.print(f"[dim]{text}[/]")


def seeded(plan: PlanT, seeds: str) -> PlanT:
    """`plan` with the seeds that were asked for, if any were."""
    return replace(plan, seeds=tuple(int(seed) for seed in seeds.split(","))) if seeds else plan


def keep(figures: Figures, draw: Callable[[Figures, Path], Path], json: Path | None, folder: Path | None) -> None:
    """Write the raw results and the figure where they were asked for."""
    if json is not None:
        figures.write(json)
        out.print(f"Raw results: {json}")
    if folder is not None:
        out.print(f"Figure: {draw(figures, folder)}")
