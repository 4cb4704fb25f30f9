"""``mindproof new`` and ``mindproof inspect``: an author's day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.commands.console import err, milliseconds, one_clear_error, out, print_json, table
from backend.commands.phone import Json
from backend.engine.catalog import Catalog
from backend.engine.scaffold import scaffold
from backend.errors import MindproofError
from backend.pipeline.still import Inspection, inspect_picture, write_picture
from backend.serving.host import ModelHost
from backend.settings import load_settings

With = Annotated[str, typer.Option("--with", help="Interventions, separated by commas. Default: all that are shipped.")]
STUDY_CASES = ("hate_speech", "explicit_images", "stories_bar", "demetrication", "endless_scroll")


@one_clear_error
def new(
    name: Annotated[str, typer.Argument(help="Small letters, digits and underscores: my_idea.")],
    folder: Annotated[
        Path | None, typer.Option("--in", help="Where to put it. Default: your interventions folder.")
    ] = None,
) -> None:
    """Write a working intervention with a test: a folder to start from."""
    made = scaffold(name, folder or load_settings().home / "interventions")
    out.print(f"Wrote [bold]{made}[/]: intervention.py, manifest.toml, test_{name}.py")
    out.print(f"  test it       ./run test {made}")
    out.print(f"  try it        ./run inspect SCREENSHOT.png --with {name}")
    out.print(f"  run it live   ./run demo --with {name}    (every save is taken up at once)")
    if folder is not None:
        out.print(f"  it lies outside your interventions folder: export MINDPROOF_INTERVENTIONS={folder}")


@one_clear_error
def inspect(
    image: Annotated[Path, typer.Argument(help="A screenshot, PNG or JPEG.")],
    tree: Annotated[Path | None, typer.Option(help="The XML that `uiautomator dump` wrote for it.")] = None,
    with_: With = "",
    app: Annotated[str, typer.Option(help="Package of the app in front; interventions of other apps stay out.")] = "",
    out_: Annotated[Path | None, typer.Option("--out", help="Write the covered screenshot here, as PNG.")] = None,
    json: Json = False,
) -> None:
    """Run interventions on a screenshot: what is read, what is found, what is done, and how long it takes."""
    settings = load_settings()
    catalog = Catalog(settings.intervention_folders)
    names = chosen(with_) or list(STUDY_CASES)
    host = ModelHost()
    with err.status("loading models and looking..."):
        inspection = inspect_picture(image, names, catalog, host.load, tree=tree, app=app)
    if out_ is not None:
        write_picture(inspection.passed.picture(), out_)
    if json:
        print_json(inspection.as_json())
    else:
        _show(inspection, image, out_)


def chosen(names: str) -> list[str]:
    """``a,b`` as a list; a MindproofError for an empty name in between."""
    found = [name.strip() for name in names.split(",")] if names.strip() else []
    if "" in found:
        raise MindproofError(f"--with {names!r} has an empty name", "separate names by single commas")
    return found


def _show(inspection: Inspection, image: Path, written: Path | None) -> None:
    passed = inspection.passed
    lines = [(line.source, line.text, *_corners(line.box)) for line in passed.scene.lines]
    box = ("left", "top", "right", "bottom")
    out.print(table(f"{len(lines)} lines in {image.name}", ("from", "text", *box), lines, box))
    found = [
        (finding["intervention"], finding["label"], "" if finding["score"] is None else f"{finding['score']:.2f}",
         *(finding["box"] or [""] * 4))
        for finding in inspection.findings
    ]  # fmt: skip
    out.print(table(f"\n{len(found)} findings", ("intervention", "label", "score", *box), found, ("score", *box)))
    actions = [
        (decided.intervention, type(decided.action).__name__, decided.action.why,
         *_corners(getattr(decided.action, "box", None)))
        for decided in (*passed.decision.standing, *passed.decision.passing)
    ]  # fmt: skip
    out.print(table(f"\n{len(actions)} actions", ("intervention", "action", "why", *box), actions, box))
    timings = [(stage, milliseconds(seconds)) for stage, seconds in passed.stages.items()]
    out.print(table("\nTimings", ("stage", "ms"), timings, ("ms",)))
    for failure in passed.decision.failures:
        err.print(f"[red]{failure.intervention} failed:[/]\n{failure.traceback}")
    if written is not None:
        out.print(f"\nWrote {written}")


def _corners(box: object) -> tuple[object, ...]:
    return tuple(getattr(box, edge, "") for edge in ("left", "top", "right", "bottom"))
