"""``mindproof replicate NAME``: a paper's experiment, run again."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, cast

import typer

from backend.commands.bench import JsonFile, OutDir, Quick, Seeds, checked, keep, say
from backend.commands.console import one_clear_error, out, table
from backend.errors import InputError
from backend.extras import how_to_install
from studies.replications.form import Replication, Summary, planned

REPLICATIONS: Mapping[str, str] = {
    "bloom": "Train a small BLOOM here, and prompt it: the loss curve, and few-shot against zero-shot.",
    "bloom_prompted": "Prompt the packaged SmolLM2 on reviews, tweets and HateCheck, in several ways.",
    "few_shot": "Learn from a handful of labels on frozen embeddings: accuracy by number of labels, and the time.",
    "mota": "Several modes of one network against forgetting: five sequences of tasks, seven methods and a ceiling.",
    "filters": "Train the shipped filters of abuse, and measure them where they never learnt.",
}
"""The modules of `studies.replications`, and what each does in a line. They are imported when they are run."""

DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of the public data sets.")]
WorkFolder = Annotated[
    Path | None, typer.Option("--work", help="Folder for checkpoints; a run that was cut off goes on from there.")
]

replicate_app = typer.Typer(no_args_is_help=True, help="Run a paper's experiment again.")


@replicate_app.callback(rich_help_panel="Measure")
def replicate() -> None:
    """Run a paper's experiment again."""


def _register(name: str, what: str) -> None:
    @replicate_app.command(name, help=what)
    @one_clear_error
    def command(
        quick: Quick = False,
        seeds: Seeds = "",
        out_: OutDir = None,
        json: JsonFile = None,
        data: DataFolder = None,
        work: WorkFolder = None,
    ) -> None:
        replication = _module(name)
        plan = planned(replication.QUICK if quick else replication.Plan(), seeds=_seeds(seeds), data=data, work=work)
        figures = replication.run(plan, say)
        told = replication.summary(figures)
        for one in (told,) if isinstance(told, Summary) else told:
            out.print(table(one.title, one.columns, one.rows, one.columns[1:]))
        checked(figures)
        keep(figures, replication.draw, json, out_)


def _seeds(text: str) -> tuple[int, ...] | None:
    if not text:
        return None
    try:
        return tuple(int(seed) for seed in text.split(","))
    except ValueError:
        raise InputError(f"--seeds {text!r} is not a list of whole numbers", "write it like 1,2,3") from None


def _module(name: str) -> Replication:
    """The module behind a name.

    Raises:
        InputError: when a library it needs is not installed.
    """
    try:
        return cast(Replication, import_module(f"studies.replications.{name}"))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("studies."):
            raise
        raise InputError(
            f"mindproof replicate {name} needs {error.name}, which is not installed",
            how_to_install("models"),
        ) from error


for _name, _what in REPLICATIONS.items():
    _register(_name, _what)
