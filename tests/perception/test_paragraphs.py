"""Which rows read on as one text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.perception.paragraphs import grouped
from interventions.sdk import Box, Line


def row(text, left, top, right, height=30):
    return Line(text=text, box=Box(left, top, right, top + height), source="ocr")


def numbers(*rows):
    return {line.text: line.paragraph for line in grouped(rows)}


def test_rows_under_one_another_are_one_paragraph():
    found = numbers(row("one", 20, 100, 900), row("two", 20, 138, 850), row("three", 22, 176, 300))
    assert len(set(found.values())) == 1


def test_a_gap_a_column_or_another_size_begins_a_new_one():
    found = numbers(
        row("first", 20, 100, 400),
        row("beside", 600, 100, 900),
        row("below the gap", 20, 170, 400),
        row("heading", 20, 204, 400, height=60),
    )
    assert len(set(found.values())) == 4


def test_two_columns_stay_apart():
    found = numbers(
        row("a1", 20, 100, 300), row("b1", 500, 100, 800), row("a2", 20, 136, 300), row("b2", 500, 136, 800)
    )
    assert found["a1"] == found["a2"] != found["b1"] == found["b2"]


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 2000), st.integers(1, 300), st.integers(1, 90)), max_size=20)
)
def test_nothing_is_lost_and_order_is_reading_order(places):
    rows = [
        Line(text=str(at), box=Box(left, top, left + width, top + height), source="ocr")
        for at, (left, top, width, height) in enumerate(places)
    ]
    found = grouped(rows, first=7)
    assert sorted(line.text for line in found) == sorted(line.text for line in rows)
    assert [line.box.top for line in found] == sorted(line.box.top for line in rows)
    assert all(line.paragraph >= 7 for line in found)
