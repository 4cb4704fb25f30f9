"""The figures of `mota`: average accuracy by method and kind of shift, the sweep, and the allocation as a heat map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pygal
from pygal.style import Style

from backend.benchmarks.chart import OURS, THEIRS
from backend.benchmarks.form import Figures

_COLOURS = ("#c9cdd0", "#9fb3c8", "#7b8fa6", "#5f6b6d", "#d8b48a", THEIRS, OURS, "#b9c7b0", "#e3e0d5")
"""A bar's, in the order of the methods: ours, then the control and the ceiling."""
_STYLE = Style(
    background="#ffffff", plot_background="#ffffff", foreground="#1b2426", foreground_strong="#1b2426",
    foreground_subtle="#dcdad3", opacity="1", font_family="sans-serif", label_font_size=13, legend_font_size=13,
    title_font_size=15, colors=_COLOURS, guide_stroke_color="#dcdad3", major_guide_stroke_color="#dcdad3",
)  # fmt: skip
_CELL, _LEFT, _TOP = 46, 250, 64
_WORDS = 'font-family="sans-serif" font-size="12" fill="#1b2426"'


def draw(figures: Figures, folder: Path) -> Path:
    """Write ``mota.svg`` and ``mota-allocation.svg``; returns the first."""
    folder.mkdir(parents=True, exist_ok=True)
    heat_map(folder / "mota-allocation.svg", [row for row in figures.rows if row["table"] == "allocation"])
    return by_kind(folder / "mota.svg", [row for row in figures.rows if row["table"] == "kinds"])


def by_kind(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Average accuracy with its interval, a bar a method, grouped by kind of shift."""
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    least = 10 * int(10 * min(row["low"] for row in rows))
    chart = pygal.Bar(
        style=_STYLE, width=900, height=420, js=(), legend_at_bottom=True, legend_at_bottom_columns=4,
        range=(least, 100), zero=least, value_formatter=lambda value: f"{value:.0f} %", rounded_bars=2,
        title="Average accuracy over all tasks at the end, by kind of shift (95 % intervals over seeds)",
    )  # fmt: skip
    chart.x_labels = [f"{kind} shift" for kind in kinds]
    for method in dict.fromkeys(row["method"] for row in rows):
        found = {row["kind"]: row for row in rows if row["method"] == method}
        chart.add(
            method,
            [
                {
                    "value": 100 * found[kind]["value"],
                    "ci": {"low": 100 * found[kind]["low"], "high": 100 * found[kind]["high"]},
                }
                for kind in kinds
            ],
        )
    chart.render_to_file(str(path))
    return path


def heat_map(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """For each shift and design a block of tasks (across) by modes (down): the share of a plain step that was taken."""
    parts, top = [], _TOP
    widest = max((len(row["allocation"]) for row in rows), default=1)
    most = max((value for row in rows for task in row["allocation"] for value in task), default=1.0)
    for row in rows:
        parts.append(f'<text x="12" y="{top + 18}" {_WORDS}>{row["shift"]}</text>')
        parts.append(f'<text x="12" y="{top + 34}" {_WORDS}>{row["method"]}</text>')
        for task, shares in enumerate(row["allocation"]):
            for mode, share in enumerate(shares):
                parts.append(_cell(_LEFT + task * _CELL, top + mode * 24, share, most))
        top += 24 * len(row["allocation"][0]) + 22
    width = _LEFT + widest * _CELL + 24
    title = "Allocation: the share of a plain step that each mode (down) took of each task (across), mean over seeds"
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{max(width, 760)}" height="{top + 8}" role="img">'
        f'<title>{title}</title><rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="12" y="28" {_WORDS} font-weight="bold">{title}</text>{"".join(parts)}</svg>\n',
        encoding="utf-8",
    )
    return path


def _cell(left: int, top: int, share: float, most: float) -> str:
    dark = share / most
    colour = "#{:02x}{:02x}{:02x}".format(*(round(255 + (end - 255) * dark) for end in (47, 125, 109)))
    ink = "#ffffff" if dark > 0.6 else "#1b2426"
    return (
        f'<rect x="{left}" y="{top}" width="{_CELL - 2}" height="22" fill="{colour}"/>'
        f'<text x="{left + _CELL / 2 - 1}" y="{top + 15}" text-anchor="middle" font-family="sans-serif" font-size="11" '
        f'fill="{ink}">{share:.2f}</text>'
    )
