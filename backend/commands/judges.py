"""``--judge``: which model judges abuse, and what is said of a cascade at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape

from backend.commands.console import out
from backend.errors import SettingsError
from backend.serving.cascade import Escalation, parse

JudgeOption = Annotated[
    str,
    typer.Option(
        help="Model that judges texts for hate_speech: a name, a folder, or a cascade of two, "
        '"abuse_small > bloom @0.15".'
    ),
]

JUDGES_ABUSE = "hate_speech"
"""The intervention whose parameter `judge` it sets."""


def judged_by(judge: str, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The parameters that make `judge` the judge of abuse; none where it is empty.

    Raises:
        SettingsError: nothing that is switched on judges abuse.
        ModelError: it is a cascade that cannot be read.
    """
    if not judge:
        return {}
    if JUDGES_ABUSE not in names:
        raise SettingsError(f"--judge is for {JUDGES_ABUSE}, which is not switched on", "name it in --with")
    parse(judge)
    return {JUDGES_ABUSE: {"judge": judge}}


def show_escalations(escalations: Sequence[Escalation]) -> None:
    """Say how much went to the expensive judge of a cascade, and what came of it."""
    for used in escalations:
        after = f", after {used.seconds:.1f} s on average" if used.answered else ""
        waiting = f"; {used.waiting} still waited for it" if used.waiting else ""
        lost = f"; {used.shed + used.failures} were given up" if used.shed + used.failures else ""
        out.print(
            f"\n[bold]{escape(used.cascade)}[/]: {100 * used.share:.1f} % of the texts "
            f"({used.escalated} of {used.judged}) went to the second judge; it answered on {used.answered}{after}, "
            f"and overturned {used.overturned}{waiting}{lost}.",
            soft_wrap=True,
        )
