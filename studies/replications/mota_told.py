"""What `mota` tells on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.benchmarks.form import Figures
from studies.replications.form import Summary
from studies.replications.mota_runs import CEILING, MEASURES, METHODS, OURS
from studies.replications.mota_shifts import KINDS


def summary(figures: Figures) -> list[Summary]:
    told = [_kinds_told(figures), *(_measure_told(figures, name) for name in (*MEASURES, "among all"))]
    told += [_variants_told(figures, table) for table in ("modes", "ablation")]
    return [one for one in (*told, _cost_told(figures)) if one.rows]


def _of(figures: Figures, table: str) -> list[dict[str, Any]]:
    return [row for row in figures.rows if row["table"] == table]


def _percent(row: Mapping[str, Any]) -> str:
    return f"{100 * row['value']:.1f} [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"


def _ahead(row: Mapping[str, Any]) -> str:
    return f"{100 * row['ahead']:+.1f} [{100 * row['ahead low']:+.1f}, {100 * row['ahead high']:+.1f}]"


def _kinds_told(figures: Figures) -> Summary:
    columns = ("", *(f"{kind}: {what}" for kind in KINDS for what in ("accuracy", "ours is ahead by")))
    found = {(row["method"], row["kind"]): row for row in _of(figures, "kinds")}
    rows = []
    for method in METHODS:
        cells: list[str] = []
        for kind in KINDS:
            row = found[method.name, kind]
            cells += [_percent(row), "" if method.name == OURS else _ahead(row)]
        rows.append((method.name, *cells))
    return Summary("Average accuracy in % by kind of shift [95 % interval]", columns, tuple(rows))


def _measure_told(figures: Figures, name: str) -> Summary:
    found = {(row["method"], row["shift"]): row for row in _of(figures, "shifts") if row["measure"] == name}
    names = list(dict.fromkeys(shift for _, shift in found))
    over_time = name in MEASURES[1:]  # the ceiling learns everything at once: for it they mean nothing
    rows = tuple(
        (one.name, *(_percent(found[one.name, shift]) for shift in names))
        for one in METHODS
        if not (over_time and one.name == CEILING)
    )
    title = "Average accuracy judged among all classes" if name == "among all" else name.capitalize()
    return Summary(f"{title}, % [95 % interval]", ("", *names), rows)


def _variants_told(figures: Figures, table: str) -> Summary:
    found: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in _of(figures, table):
        found.setdefault((row["method"], row["variant"]), {})[row["kind"]] = row
    columns = ("", *(f"{kind}: {what}" for kind in KINDS for what in ("accuracy", "against the whole")))
    rows = tuple(
        (f"{method}, {variant}", *(told for kind in KINDS for told in (_percent(of[kind]), _ahead(of[kind]))))
        for (method, variant), of in found.items()
    )
    return Summary({"modes": "Number of modes", "ablation": "With something taken away"}[table], columns, rows)


def _cost_told(figures: Figures) -> Summary:
    rows = tuple(
        (row["method"], f"{row['update ms']:.2f}", f"{row['times one mode']:.1f}", f"{row['numbers by parameter']:.1f}")
        for row in _of(figures, "cost")
    )
    columns = ("", "ms an update", "times fine-tuning one mode", "numbers kept for each parameter")
    return Summary("What an update costs", columns, rows)
