"""The terminal: people's output to a table, machines' to ``--json``, errors in two lines."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.table import Table

from backend.errors import MindproofError

P = ParamSpec("P")
R = TypeVar("R")

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def one_clear_error(command: Callable[P, R]) -> Callable[P, R]:
    """Turn a MindproofError into ``error:`` and ``try:`` lines and its exit code."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except MindproofError as error:
            err.print(f"[bold red]error:[/] {escape(error.message)}", soft_wrap=True)
            if error.remedy:
                err.print(f"  [bold]try:[/] {escape(error.remedy)}", soft_wrap=True)
            raise typer.Exit(error.exit_code) from error

    return run


def log_to_terminal(verbose: bool) -> None:
    """Warnings by default, everything with ``--verbose``; our own log only."""
    handler = RichHandler(console=err, show_path=False, rich_tracebacks=False, markup=False)
    handler.setFormatter(logging.Formatter("%(message)s"))
    for name in ("backend", "device_agent", "interventions"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.DEBUG if verbose else logging.WARNING)


def print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]], numeric: Iterable[str] = ()) -> Table:
    """A table for people; `numeric` columns are set flush right."""
    right = set(numeric)
    drawn = Table(
        title=title or None, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False
    )
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(str(cell)) for cell in row))
    return drawn


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"
