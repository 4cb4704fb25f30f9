"""Which views a box stands for."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from backend.sinks.places import place_of
from interventions.sdk import Box, Widget

SIZE = (1000, 2000)


def widget(index: int, parent: int | None, box: Box, kind: str = "View", text: str = "", depth: int = 0) -> Widget:
    return Widget(f"v{index}", index, parent, depth, f"android.widget.{kind}", "org.example", box, text=text)


SCREEN = [
    widget(0, None, Box(0, 0, 1000, 2000), "FrameLayout"),
    widget(1, 0, Box(0, 100, 1000, 300), "HorizontalScrollView", depth=1),
    widget(2, 1, Box(0, 100, 1000, 300), "LinearLayout", depth=2),
    widget(3, 2, Box(0, 110, 180, 290), "ImageView", depth=3),
    widget(4, 2, Box(200, 110, 380, 290), "ImageView", depth=3),
    widget(5, 0, Box(0, 300, 1000, 1900), "ListView", depth=1),
    widget(6, 5, Box(0, 300, 1000, 400), "TextView", "one line of text", depth=2),
    widget(7, 5, Box(0, 400, 1000, 500), "TextView", "another", depth=2),
    widget(8, 5, Box(0, 500, 1000, 1500), "View", depth=2),
]


def names(box: Box) -> tuple[str, list[str]]:
    place = place_of(box, SCREEN, SIZE)
    return place.fit, [one.id for one in place.widgets]


def test_a_views_own_box_is_that_view() -> None:
    assert names(Box(0, 400, 1000, 500)) == ("view", ["v7"])
    assert names(Box(0, 404, 1000, 500)) == ("view", ["v7"])


def test_a_box_that_a_view_and_its_only_child_share_is_the_childs() -> None:
    assert names(Box(0, 100, 1000, 300)) == ("view", ["v2"])


def test_a_box_around_several_views_is_all_of_them() -> None:
    assert names(Box(0, 300, 1000, 500)) == ("views", ["v6", "v7"])
    assert names(Box(0, 105, 385, 295)) == ("views", ["v3", "v4"])


def test_a_part_of_a_text_is_the_text_around_it() -> None:
    assert names(Box(200, 310, 400, 350)) == ("enclosing", ["v6"])


def test_a_part_of_a_large_canvas_is_no_views() -> None:
    assert names(Box(300, 700, 500, 900)) == ("none", [])


def test_what_is_not_on_the_screen_is_no_views() -> None:
    assert names(Box(0, 2100, 1000, 2200)) == ("none", [])
    assert names(Box(5, 5, 5, 5)) == ("none", [])


@example(0, 178, 900, 222)
@given(st.integers(-200, 1200), st.integers(-200, 2200), st.integers(0, 1500), st.integers(0, 2500))
def test_whatever_fits_hides_most_of_the_box(left: int, top: int, width: int, height: int) -> None:
    box = Box(left, top, left + width, top + height).clipped(SIZE)
    place = place_of(box, SCREEN, SIZE)
    hidden = sum(box.intersect(one.box).area for one in place.widgets if box.intersect(one.box))
    assert place.fit == "none" or hidden >= 0.5 * box.area
    assert bool(place.widgets) == (place.fit != "none")
