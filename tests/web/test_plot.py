"""The plot of stage timings is honest, whatever the timings are."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.web.plot import draw, quantiles
from backend.web.runtime import StageTimings

NOW = 1000.0


def timed(stage: str, *took: float) -> StageTimings:
    return StageTimings(stage=stage, points=tuple((NOW - len(took) + i, seconds) for i, seconds in enumerate(took)))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_to_draw_says_so(theme: str) -> None:
    for empty in ([], [timed("ocr")], [timed("ocr", 0.0)], [StageTimings(stage="ocr", points=((NOW - 999, 1.0),))]):
        assert b"No frame yet" in draw(empty, theme, NOW)  # type: ignore[arg-type]


def test_each_stage_is_a_line_and_decades_are_labelled() -> None:
    svg = draw([timed("ocr", *[0.1] * 30), timed("tree", *[0.002] * 30)], "light", NOW)
    text = svg.decode()
    assert text.count("series serie-") >= 2
    for label in ("1 ms", "10 ms", "100 ms", "60 s", "now"):
        assert f">{label}<" in text


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1e4, allow_nan=False), max_size=300))
def test_any_durations_give_a_well_formed_picture(took: list[float]) -> None:
    ElementTree.fromstring(draw([timed("a", *took), timed("b", 0.001)], "dark", NOW))


@given(st.lists(st.floats(1e-6, 1e4), min_size=1, max_size=100))
def test_quantiles_lie_among_the_durations(took: list[float]) -> None:
    p50, p95 = quantiles(timed("a", *took))
    slack = 1e-9 * max(took)
    assert min(took) - slack <= p50 <= p95 + slack <= max(took) + 2 * slack


def test_quantiles_of_nothing_are_zero() -> None:
    assert quantiles(timed("a")) == (0.0, 0.0)
    assert math.isclose(quantiles(timed("a", 0.5))[1], 0.5)
