"""The plot of recent stage timings, as an SVG drawn on the server; and the style of all the page's plots."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from typing import Any, Literal

import pygal
from pygal.style import Style

from backend.web.runtime import StageTimings

Theme = Literal["light", "dark"]

WINDOW_S = 60.0
MOST_POINTS = 120
PALETTES = {
    "light": ("#1f6f5c", "#b4552d", "#3d5a98", "#8a6d1a", "#7a4a86", "#4f7a28", "#a33b52", "#4a6a75"),
    "dark": ("#5cc4a8", "#e8946c", "#8fabe8", "#d9b74f", "#c394d0", "#9ccb6b", "#ec8aa0", "#9bbcc8"),
}
INK = {"light": ("#5b6660", "#e4e6e0"), "dark": ("#98a39d", "#2b332f")}


def draw(timings: Sequence[StageTimings], theme: Theme, now_s: float | None = None) -> bytes:
    """An SVG of milliseconds, on a logarithmic scale, against seconds ago. Colours follow the order of the stages."""
    now_s = time.monotonic() if now_s is None else now_s
    chart = pygal.XY(
        style=style(theme, stroke_width=1.6),
        js=(),
        width=440,
        height=180,
        margin=4,
        spacing=6,
        show_legend=False,
        show_dots=False,
        show_x_guides=False,
        xrange=(0, WINDOW_S),
        no_data_text="No frame yet",
    )
    lines_of = {series.stage: _points(series, now_s) for series in timings}
    heights = [height for points in lines_of.values() for _, height in points]
    lowest = math.floor(min(heights, default=0))
    if heights:  # pygal cannot place labels where there is no point
        chart.x_labels = [
            {"value": WINDOW_S - ago, "label": f"{ago} s" if ago else "now"} for ago in (60, 45, 30, 15, 0)
        ]
        # pygal's own logarithmic view takes the logarithm of the time axis too, so the decades are drawn by hand,
        # counted from the lowest: the axis is drawn where they are 0.
        decades = max(1, math.ceil(max(heights)) - lowest)
        chart.range = (0, decades)
        chart.y_labels = [{"value": up, "label": f"{10.0 ** (lowest + up):g} ms"} for up in range(decades + 1)]
    for stage, points in lines_of.items():
        chart.add(stage, [(at, height - lowest) for at, height in points])
    return bytes(chart.render())


def style(theme: Theme, **more: Any) -> Style:
    """How every plot of the page is drawn: see-through, in the page's own ink."""
    text, lines = INK[theme]
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground=text,
        foreground_strong=text,
        foreground_subtle=lines,
        guide_stroke_color=lines,
        major_guide_stroke_color=lines,
        font_family="system-ui, sans-serif",
        label_font_size=11,
        major_label_font_size=11,
        no_data_font_size=15,
        **{"colors": PALETTES[theme], **more},
    )


def quantiles(series: StageTimings) -> tuple[float, float]:
    """The median and the 95th percentile of a stage's recent durations, in seconds; zeros when there are none."""
    took = [seconds for _, seconds in series.points]
    if len(took) < 2:
        return (took[0], took[0]) if took else (0.0, 0.0)
    cuts = statistics.quantiles(took, n=20, method="inclusive")
    return cuts[9], cuts[18]


def _points(series: StageTimings, now_s: float) -> list[tuple[float, float]]:
    """(seconds into the window, decimal logarithm of the milliseconds), at most `MOST_POINTS`.

    Each point is the slowest of its neighbours: a plot that hides the peaks would lie.
    """
    points = [
        (WINDOW_S - (now_s - end_s), math.log10(1000 * took_s))
        for end_s, took_s in series.points
        if took_s > 0 and 0 <= now_s - end_s <= WINDOW_S
    ]
    step = -(-len(points) // MOST_POINTS) or 1
    return [max(points[i : i + step], key=lambda point: point[1]) for i in range(0, len(points), step)]
