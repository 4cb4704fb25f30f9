"""``mindproof models``: list, show, fit, evaluate, hand on, remove."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from backend.commands import model_tables
from backend.commands.console import err, one_clear_error, out, print_json
from backend.commands.phone import Json
from backend.errors import InputError, ModelError
from backend.modelling import listing, parcels
from backend.modelling.examples import Columns
from backend.modelling.fitting import Plan, evaluate_model
from backend.modelling.fitting import fit as fit_family
from backend.modelling.listing import Entry
from backend.modelling.store import check_name
from backend.serving import registry
from backend.serving.cascade_estimator import open_judge
from interventions.models import Progress, Watch
from interventions.models.artifact import Artifact, read, write

models_app = typer.Typer(no_args_is_help=True, help="Models: what there is, and your own.")

Name = Annotated[str, typer.Argument(help="As `mindproof models list` names it, or a folder a model was saved to.")]
Data = Annotated[Path, typer.Option("--data", help="Examples: a .csv, .tsv, .jsonl or .parquet file.")]
TextColumnName = Annotated[str, typer.Option("--text", help="Column of texts, or of paths of pictures.")]
Label = Annotated[str, typer.Option("--label", help="Column of labels.")]
Numbers = Annotated[str, typer.Option("--columns", help="Columns of numbers, by commas; else all but the label.")]
Rename = Annotated[list[str] | None, typer.Option("--rename", help="OLD=NEW: take a label for another; repeatable.")]


@models_app.callback()
def models() -> None:
    """Models: what there is, and your own."""


@models_app.command("list")
@one_clear_error
def list_(json: Json = False) -> None:
    """List your own models, the shipped ones, and the families that can be fitted."""
    found = listing.entries()
    if json:
        print_json([_plain(entry) for entry in found])
    else:
        out.print(model_tables.model_list(found))


@models_app.command("show")
@one_clear_error
def show(name: Name, json: Json = False) -> None:
    """Show a model's card: what it is for, where it fails, how good it is, what it learnt from."""
    entry = listing.entry(name)
    history = registry.own_models().history(name) if entry.origin == "own" else ()
    if json:
        print_json({**_plain(entry), "versions": [kept.model_dump(mode="json") for kept in history]})
    else:
        out.print(model_tables.model_card(entry, history))


@models_app.command("fit")
@one_clear_error
def fit(
    family: Annotated[str, typer.Argument(help="A family that learns, as `mindproof models list` names it.")],
    data: Data,
    name: Annotated[str, typer.Option("--out", help="The name to keep it under.")],
    text: TextColumnName = "text",
    label: Label = "label",
    columns: Numbers = "",
    rename: Rename = None,
    harmful: Annotated[str, typer.Option(help="Labels that count as harm, by commas.")] = "",
    param: Annotated[list[str] | None, typer.Option("--param", help="NAME=VALUE: set a parameter; repeatable.")] = None,
    valid_share: Annotated[float, typer.Option(min=0.01, max=0.9, help="Share held out to measure on.")] = 0.2,
    seed: Annotated[int, typer.Option(min=0, help="Of the split and of the fit.")] = 0,
    json: Json = False,
) -> None:
    """Fit a family on your own examples, measure it on a part held out, and keep it under a name."""
    check_name(name)
    asked = Columns(text, label, _by_commas(columns), _pairs(rename, "--rename"))
    plan = Plan(data, asked, _pairs(param, "--param"), _by_commas(harmful), valid_share, seed)
    plan = replace(plan, command=_command(family, name, plan))
    with _shown(f"fitting {family}") as watch:
        outcome = fit_family(registry.family(family), plan, watch)
    hidden = name in registry.shipped() or name in registry.installed()
    notes = (*outcome.notes, *([f"your own {name} is used from now on, not the one that is installed"] * hidden))
    kept = registry.own_models().keep(name, outcome.model.save)
    if json:
        facts = {"seconds": round(outcome.seconds, 3), "learnt_from": outcome.learnt_from, "held_out": outcome.held_out}
        print_json({**_plain(listing.entry(name)), "digest": kept.digest, "notes": notes, **facts})
        return
    for note in notes:
        out.print(f"[dim]{escape(note)}[/]", soft_wrap=True)
    learnt = f"Learnt from {outcome.learnt_from} examples in {outcome.seconds:.1f} s"
    out.print(f"{learnt}, measured on {outcome.held_out} others\n")
    out.print(model_tables.figures(kept.card.metrics))
    out.print(f"\nKept as [bold]{name}[/]. Its card: mindproof models show {name}")


@models_app.command("eval")
@one_clear_error
def eval_(
    name: Name,
    data: Data,
    text: TextColumnName = "text",
    label: Label = "label",
    columns: Numbers = "",
    rename: Rename = None,
    json: Json = False,
) -> None:
    """Measure a model, or a cascade of two ("CHEAP > EXPENSIVE @0.15"), on examples; nothing is changed or kept."""
    model = open_judge(name)
    asked = Columns(text, label, _by_commas(columns), _pairs(rename, "--rename"))
    with _shown(f"judging with {name}") as watch:
        found, rows = evaluate_model(name, model, data, asked, watch)
    if json:
        bins = [one.model_dump() for one in found.reliability]
        metrics = [metric.model_dump() for metric in found.metrics]
        print_json({"name": name, "version": model.version, "rows": rows, "metrics": metrics, "reliability": bins})
        return
    out.print(model_tables.figures(found.metrics))
    out.print()
    out.print(model_tables.reliability(found.reliability))


@models_app.command("export")
@one_clear_error
def export(
    name: Name,
    file: Annotated[Path, typer.Argument(help="The file to write; .zip, or .onnx with --onnx.")],
    onnx: Annotated[bool, typer.Option("--onnx", help="Only the graph, for other programs.")] = False,
    json: Json = False,
) -> None:
    """Write a model to one file, to be handed on and imported elsewhere."""
    if onnx:
        _export_graph(name, file)
    else:
        parcels.export(_saved(name), file)
    if json:
        print_json({"file": str(file), "bytes": file.stat().st_size})
    else:
        out.print(f"Wrote {file} ({model_tables.size(file.stat().st_size)})", soft_wrap=True)


@models_app.command("import")
@one_clear_error
def import_(
    file: Annotated[
        Path, typer.Argument(help="What `mindproof models export` wrote, or a folder a model was saved to.")
    ],
    name: Annotated[str, typer.Option("--name", help="The name to keep it under; else the file's.")] = "",
    json: Json = False,
) -> None:
    """Take in a model that was exported, after checking every file of it."""
    name = name or file.stem
    check_name(name)
    card, files = parcels.unpack(file)
    if card.family not in registry.installed():
        known = ", ".join(registry.installed())
        raise ModelError(
            f"{file.name} is of the family {card.family!r}, which is not installed",
            f"install the package that brings it; installed are: {known}",
        )
    kept = registry.own_models().keep(name, lambda folder: write(folder, card, files))
    if json:
        print_json({**_plain(listing.entry(name)), "digest": kept.digest})
    else:
        out.print(f"Kept as [bold]{name}[/] ({model_tables.size(kept.size)}). Its card: mindproof models show {name}")


@models_app.command("rollback")
@one_clear_error
def rollback(
    name: Annotated[str, typer.Argument(help="A model of your own.")],
    to: Annotated[str, typer.Option(help="Beginning of a version's digest; else the one before.")] = "",
    json: Json = False,
) -> None:
    """Let a name stand for an earlier version again."""
    artifact = registry.own_models().roll_back(name, to)
    if json:
        print_json({**_plain(listing.entry(name)), "digest": artifact.digest})
    else:
        out.print(f"[bold]{name}[/] is version {artifact.digest[:12]} again")


@models_app.command("rm")
@one_clear_error
def rm(
    name: Annotated[str, typer.Argument(help="A model of your own.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove a model of your own, with all its versions."""
    own = registry.own_models()
    if name not in own.names() and (name in registry.shipped() or name in registry.installed()):
        raise ModelError(
            f"{name} comes with Mindproof or a package and stays", "only models of your own can be removed"
        )
    if name in own.names() and not yes:
        typer.confirm(f"Remove {name} and its earlier versions for good?", abort=True, err=True)
    removed = own.remove(name)
    if json:
        print_json({"name": name, "versions_removed": removed})
    else:
        kept = "" if removed else "; what it stood for stays, because another name needs it"
        out.print(f"Removed [bold]{name}[/]{kept}")


def _saved(name: str) -> Artifact:
    """The artifact of `name`, verified; a packaged family has none until it is saved."""
    found = registry.find(name)
    if found.origin == "own":
        return registry.own_models().open(name)
    if found.folder is not None:
        with registry.explained(f"model {name}"):
            return read(found.folder)
    raise ModelError(
        f"{name} is a family that is installed wherever it is used: there is nothing to export",
        f"fit it first, or install its package elsewhere; for its graph: mindproof models export {name} FILE --onnx",
    )


def _export_graph(name: str, file: Path) -> None:
    model: Any = registry.open_model(name)
    if not hasattr(model, "to_onnx"):
        raise ModelError(f"{name} cannot be written as ONNX", "leave --onnx out, or choose another family")
    with registry.explained(f"model {name}"):
        parcels.write_file(file, model.to_onnx())


def _plain(entry: Entry) -> dict[str, Any]:
    """An entry as JSON has it."""
    card = entry.card.model_dump(mode="json") if entry.card else None
    return {**asdict(entry), "about": dict(entry.about), "card": card}


@contextmanager
def _shown(what: str) -> Iterator[Watch]:
    """A bar that follows a fit."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, TextColumn("[dim]{task.fields[said]}"), console=err, transient=True) as bar:
        task = bar.add_task(what, total=None, said="")

        def watch(progress: Progress) -> None:
            said = [] if progress.loss is None else [f"loss {progress.loss:.4f}"]
            said += [] if progress.score is None else [f"score {progress.score:.4f}"]
            said += [progress.note] if progress.note else []
            bar.update(task, completed=progress.step, total=progress.steps, said=escape("  ".join(said)))

        yield watch


def _by_commas(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _pairs(given: Sequence[str] | None, option: str) -> Mapping[str, str]:
    pairs = {}
    for one in given or ():
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise InputError(f"{option} {one}: this is no NAME=VALUE", f"for example {option} name=value")
        pairs[name] = value
    return pairs


def _command(family: str, name: str, plan: Plan) -> str:
    """The command that makes this model, with nothing of this machine's folders in it."""
    parts = ["mindproof", "models", "fit", family, "--data", plan.data.name, "--out", name]
    columns = plan.columns
    for option, value, usual in (
        ("--text", columns.item, "text"),
        ("--label", columns.label, "label"),
        ("--columns", ",".join(columns.numbers), ""),
        ("--harmful", ",".join(plan.harmful), ""),
        ("--valid-share", str(plan.held_out), "0.2"),
        ("--seed", str(plan.seed), "0"),
    ):
        parts += [option, value] if value != usual else []
    for option, pairs in (("--rename", columns.renamed), ("--param", plan.parameters)):
        parts += [part for key, value in (pairs or {}).items() for part in (option, f"{key}={value}")]
    return shlex.join(parts)
