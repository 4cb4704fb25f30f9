"""The reliability diagram: what a model says against what is so, as an SVG drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence

import pygal

from backend.web.plot import INK, PALETTES, Theme, style
from interventions.models import ReliabilityBin


def draw_reliability(bins: Sequence[ReliabilityBin], theme: Theme) -> bytes:
    """Observed share against predicted probability, a bar for each bin's 95 % interval, and the diagonal on which an
    honest model lies. A bin of few items has a long bar."""
    ink, _ = INK[theme]
    ours = PALETTES[theme][0]
    chart = pygal.XY(
        style=style(theme, colors=(ink, *[ours] * len(bins), ours), stroke_width=1.6, opacity=1, title_font_size=12),
        js=(),
        width=320,
        height=300,
        margin=6,
        spacing=8,
        show_legend=False,
        show_dots=True,
        dots_size=3.5,
        range=(0, 1),
        xrange=(0, 1),
        x_title="it says",
        y_title="it is so",
        no_data_text="Not measured",
        x_value_formatter=_share,
        value_formatter=_share,
    )
    if bins:
        chart.x_labels = chart.y_labels = [0, 0.25, 0.5, 0.75, 1]
        chart.add("honest", [(0, 0), (1, 1)], show_dots=False, stroke_style={"width": 1, "dasharray": "4, 4"})
        for one in bins:
            at = one.predicted
            chart.add("95 %", [(at, one.low), (at, one.high)], show_dots=False, stroke_style={"width": 1.2})
        chart.add("observed", [{"value": (one.predicted, one.observed), "label": _items(one)} for one in bins])
    return bytes(chart.render())


def _share(value: float) -> str:
    return f"{value:g}"


def _items(one: ReliabilityBin) -> str:
    return f"{one.count} items"
