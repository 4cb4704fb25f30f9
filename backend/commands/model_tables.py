"""How models look in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from backend.commands.console import table
from backend.modelling.listing import Entry
from backend.modelling.store import Kept
from interventions.models import Metric, ReliabilityBin

_SHORT = {"area under the curve": "AUC"}
_ORIGINS = {"own": "your own", "shipped": "shipped", "family": "family", "folder": "folder"}


def model_list(entries: Iterable[Entry]) -> Table:
    """One line a model."""
    rows = []
    for entry in entries:
        classes = _few(entry.card.classes) if entry.card else ""
        shown = entry.trouble or (in_short(entry.headline) if entry.headline else "")
        if not entry.card and not entry.trouble:
            shown = "learns from examples"
        rows.append(
            (
                entry.name,
                _ORIGINS[entry.origin],
                f"{entry.family} {entry.version}" if entry.origin != "family" else entry.version,
                entry.input,
                classes,
                size(entry.bytes),
                shown,
            )
        )
    return table("", ("name", "from", "version", "input", "classes", "size", "measured"), rows, numeric=("size",))


def model_card(entry: Entry, history: Sequence[Kept] = ()) -> Group:
    """All that is known of a model, for somebody who has never seen it."""
    parts: list[Any] = [Text.from_markup(f"[bold]{escape(entry.name)}[/]  [dim]{_ORIGINS[entry.origin]}[/]")]
    if entry.trouble:
        parts.append(Text(f"It cannot be used: {entry.trouble}", style="red"))
    about = dict(entry.about)
    card = entry.card
    parts += _paragraphs(("What it is for", about.get("intended_use", "")), ("Where it fails", about.get("limits", "")))
    facts = [("family", f"{entry.family} {entry.version}"), ("takes", entry.input)]
    if card is not None:
        harmful = ", ".join(card.harmful) or "none marked: an intervention must name classes"
        facts += [("gives", f"{card.task}: {', '.join(card.classes)}"), ("counts as harm", harmful)]
        facts += [("learnt from", card.training_data), ("data SHA-256", card.training_data_sha256)]
        facts += [(f"  {name}", repr(value)) for name, value in card.parameters.items()]
        facts.append(("made by", card.command))
    facts += [("source", about.get("source", "")), ("licence", about.get("licence", "")), ("size", size(entry.bytes))]
    parts.append(table("", ("", ""), [fact for fact in facts if fact[1]]))
    if card is None and not entry.trouble:
        parts.append(
            f"It learns from examples: mindproof models fit {entry.name} --data posts.csv --out my_{entry.name}"
        )
    if card is not None and card.metrics:
        parts += ["", figures(card.metrics)]
    if card is not None and card.reliability:
        parts += ["", reliability(card.reliability)]
    if len(history) > 1:
        rows = [(kept.digest[:12], f"{kept.since:%Y-%m-%d %H:%M} UTC") for kept in reversed(history)]
        parts += ["", table("Versions, newest first", ("digest", "since"), rows)]
    return Group(*parts)


def figures(metrics: Iterable[Metric]) -> Table:
    """Measured figures with their intervals."""
    rows = [(m.name, f"{m.value:.3f}", _interval(m), "" if m.n is None else m.n, m.on) for m in metrics]
    return _on_data("Measured", ("", "value", "95 %", "items"), rows, ("value", "items"))


def reliability(bins: Iterable[ReliabilityBin]) -> Table:
    """What the probabilities are worth, in words and numbers."""
    rows = [
        (f"{one.predicted:.2f}", f"{one.observed:.2f}", f"{one.low:.2f} to {one.high:.2f}", one.count, one.on)
        for one in bins
    ]
    columns = ("it says", "it is so", "95 %", "items")
    return _on_data("How far its probabilities can be trusted", columns, rows, ("it says", "it is so", "items"))


def _on_data(
    title: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]], numeric: tuple[str, ...]
) -> Table:
    """A table whose rows end in what they were measured on: said once where that is the same for all."""
    data = {row[-1] for row in rows}
    if len(data) == 1:
        return table(f"{title}, on: {data.pop()}", columns, [row[:-1] for row in rows], numeric)
    return table(title, (*columns, "on"), rows, numeric)


def in_short(metric: Metric) -> str:
    """One figure in a few letters; what it was measured on is in the card."""
    interval = "" if metric.low is None or metric.high is None else f" ({metric.low:.2f} to {metric.high:.2f})"
    return f"{_SHORT.get(metric.name, metric.name)} {metric.value:.2f}{interval}"


def size(count: int | None) -> str:
    """Bytes for people."""
    if count is None:
        return ""
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"


def _few(classes: Sequence[str]) -> str:
    named = ", ".join(classes)
    return named if len(named) <= 24 else f"{len(classes)} classes"


def _interval(metric: Metric) -> str:
    return "" if metric.low is None or metric.high is None else f"{metric.low:.3f} to {metric.high:.3f}"


def _paragraphs(*titled: tuple[str, str]) -> list[Any]:
    return [
        part
        for title, text in titled
        if text
        for part in (Text(f"\n{title}", style="dim"), Padding(Text(text), (0, 0, 0, 2)))
    ]
