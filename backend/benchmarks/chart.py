"""One look for every figure: horizontal bars, and lines, drawn as SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pygal
from pygal.style import Style

OURS, THEIRS = "#2f7d6d", "#b05b3b"
"""Colours of our own figures, and of what they are compared with."""
_LINES = (OURS, THEIRS, "#4a6fa5", "#8a6d3b", "#7b5aa6", "#5f6b6d")
_STYLE = Style(
    background="#ffffff", plot_background="#ffffff", foreground="#1b2426", foreground_strong="#1b2426",
    foreground_subtle="#dcdad3", opacity=".85", font_family="sans-serif", label_font_size=13,
    major_label_font_size=13, value_font_size=13, title_font_size=15,
)  # fmt: skip


def bars(
    path: Path,
    title: str,
    rows: Sequence[tuple[str, float]],
    written: Callable[[float], str],
    *,
    logarithmic: bool = False,
    theirs: Callable[[str], bool] = lambda _name: False,
) -> Path:
    """Draw a bar for each (name, value), the first on top, and write it to `path`, whose folder is made.

    Args:
        written: a value as it is to be read beside its bar.
        logarithmic: from a tenth up to ten thousand.
        theirs: whether a name is of what we are compared with.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scale = {"logarithmic": True, "range": (0.1, 10_000), "zero": 0.1, "y_labels": [0.1, 1, 10, 100, 1000, 10_000]}
    chart = pygal.HorizontalBar(
        style=_STYLE, width=760, height=80 + 44 * len(rows), js=(), show_legend=False, print_values=True,
        print_values_position="center", spacing=8, rounded_bars=3, value_formatter=written, title=title,
        **(scale if logarithmic else {}),
    )  # fmt: skip
    chart.x_labels = [name for name, _ in reversed(rows)]
    chart.add("", [{"value": value, "color": THEIRS if theirs(name) else OURS} for name, value in reversed(rows)])
    chart.render_to_file(str(path))
    return path


def lines(
    path: Path,
    title: str,
    series: Mapping[str, Sequence[tuple[float, float]]],
    x_title: str,
    y_title: str,
    *,
    y_range: tuple[float, float] | None = None,
) -> Path:
    """Draw a line through the (x, y) of each named series, and write it to `path`, whose folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    chart = pygal.XY(
        style=Style(**{**_STYLE.__dict__, "colors": _LINES}), width=760, height=420, js=(), dots_size=2.5,
        title=title, x_title=x_title, y_title=y_title, legend_at_bottom=True, legend_at_bottom_columns=3,
        truncate_legend=-1, margin_bottom=40, **({"range": y_range} if y_range else {}),
    )  # fmt: skip
    for name, points in series.items():
        chart.add(name, list(points))
    chart.render_to_file(str(path))
    return path


def milliseconds(value: float) -> str:
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.2g} ms"
