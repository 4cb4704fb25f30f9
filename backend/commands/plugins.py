"""Commands that other packages bring: entry points of the group ``mindproof.commands``, a name and a typer app or
function.

They are imported at every start, also for ``--help``: such a module imports what is heavy inside its commands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer

from backend.commands.console import one_clear_error
from backend.errors import PluginError

log = logging.getLogger(__name__)

GROUP = "mindproof.commands"
_PANEL = "From plugins"


def installed() -> list[EntryPoint]:
    """Every registered command, by name."""
    return sorted(entry_points(group=GROUP), key=lambda point: point.name)


def attach(app: typer.Typer, points: Iterable[EntryPoint]) -> None:
    """Put the commands behind `points` beside those that `app` has.

    One that cannot be had stays in the list as a command that says why; the others never notice.
    """
    taken = _names(app)
    for point in points:
        if point.name in taken:
            # Whoever was there first keeps the name: a package cannot replace `demo`.
            log.warning("the command %s of %s is left out: there is one of that name", point.name, point.value)
            continue
        taken.add(point.name)
        try:
            brought = point.load()
            if not isinstance(brought, typer.Typer) and not callable(brought):
                raise TypeError(f"{point.value} is neither a typer app nor a function")
        except Exception as error:  # noqa: BLE001 - whatever another package raises when it is imported
            app.command(point.name, rich_help_panel=_PANEL, help="Cannot be used: run it to see why.")(
                _broken(point, error)
            )
            continue
        if isinstance(brought, typer.Typer):
            # typer keeps the panel that a callback names, and drops the one that its constructor takes.
            panel = getattr(brought.registered_callback, "rich_help_panel", None)
            app.add_typer(brought, name=point.name, rich_help_panel=panel if isinstance(panel, str) else _PANEL)
        else:
            app.command(point.name, rich_help_panel=_PANEL)(brought)


def _names(app: typer.Typer) -> set[str]:
    commands = {command.name for command in app.registered_commands}
    return {name for name in (*commands, *(group.name for group in app.registered_groups)) if name}


def _broken(point: EntryPoint, error: Exception) -> Callable[[], Any]:
    """A command in place of one that could not be imported."""

    @one_clear_error
    def command() -> None:
        package = f" of the package {point.dist.name}" if point.dist is not None else ""
        raise PluginError(
            f"the command {point.name}{package} cannot be used: {type(error).__name__}: {error}",
            "install what it needs, or uninstall the package that registers it",
        ) from error

    return command
