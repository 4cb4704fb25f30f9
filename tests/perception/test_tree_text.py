"""Which texts of the UI tree become lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.perception.silence import silent
from backend.perception.tree_text import lines
from interventions.sdk import Box, Widget

SCREEN = Box(0, 0, 1080, 2220)


def node(index, box, text="", description="", parent=None, kind="TextView", password=False):
    return Widget(
        id=str(index),
        index=index,
        parent=parent,
        depth=0,
        class_name=f"android.widget.{kind}",
        package="org.example",
        box=box,
        text=text,
        description=description,
        password=password,
    )


def test_leaf_text_with_its_box_and_widget():
    found = lines([node(0, SCREEN, kind="FrameLayout"), node(1, Box(40, 50, 400, 90), " Hello ", parent=0)], SCREEN)
    assert [(line.text, line.box, line.widget, line.source) for line in found] == [
        ("Hello", Box(40, 50, 400, 90), 1, "tree")
    ]


def test_a_description_speaks_only_for_a_leaf_without_text():
    widgets = [
        node(0, SCREEN, description="a container", kind="ViewGroup"),
        node(1, Box(0, 0, 90, 90), description="Like", parent=0, kind="ImageButton"),
        node(2, Box(0, 100, 90, 190), text="12", description="12 likes", parent=0),
    ]
    assert [line.text for line in lines(widgets, SCREEN)] == ["Like", "12"]


def test_a_parent_that_repeats_its_children_is_left_out():
    widgets = [
        node(0, Box(0, 0, 1080, 200), "Ada, see you at nine", kind="ViewGroup"),
        node(1, Box(0, 0, 500, 100), "Ada", parent=0),
        node(2, Box(0, 100, 900, 200), "see you at nine", parent=0),
        node(3, Box(0, 300, 1080, 500), "Own words", kind="ViewGroup"),
        node(4, Box(0, 300, 500, 400), "others", parent=3),
    ]
    assert [line.text for line in lines(widgets, SCREEN)] == ["Ada", "see you at nine", "Own words", "others"]


def test_hidden_and_secret_text_is_left_out_and_boxes_are_clipped():
    widgets = [
        node(0, Box(0, 0, 0, 0), "no size"),
        node(1, Box(0, 3000, 100, 3100), "below the screen"),
        node(2, Box(0, 10, 100, 50), "hunter2", password=True),
        node(3, Box(-50, 2200, 2000, 2300), "half in sight"),
        node(4, Box(500, 90, 100, 20), "inside out"),
    ]
    assert [(line.text, line.box) for line in lines(widgets, SCREEN)] == [("half in sight", Box(0, 2200, 1080, 2220))]


def test_every_line_from_the_tree_is_a_paragraph_of_its_own():
    widgets = [node(at, Box(0, at * 50, 500, at * 50 + 40), f"row {at}") for at in range(4)]
    assert len({line.paragraph for line in lines(widgets, SCREEN)}) == 4


BOUNDS = st.integers(-(10**9), 10**9)


@given(
    st.lists(
        st.tuples(
            st.integers(-3, 12), st.none() | st.integers(-3, 12), BOUNDS, BOUNDS, BOUNDS, BOUNDS, st.text(max_size=8)
        ),
        max_size=12,
    )
)
def test_no_tree_is_too_broken_to_read(rows):
    widgets = [node(index, Box(a, b, c, d), text, parent=parent) for index, parent, a, b, c, d, text in rows]
    for line in lines(widgets, SCREEN):
        assert line.box
        assert SCREEN.contains(line.box)
        assert line.text.strip()
    for box in silent(widgets, (1080, 2220), 0.03):
        assert SCREEN.contains(box)


def test_a_deep_tree_of_repeating_texts_stays_cheap():
    widgets = [node(at, SCREEN, "the same words", parent=at - 1 if at else None) for at in range(3000)]
    assert [line.widget for line in lines(widgets, SCREEN)][-1] == 2999


def test_silent_is_a_large_leaf_without_text_that_is_no_picture():
    canvas = node(1, Box(0, 200, 1080, 2000), parent=0, kind="View")
    widgets = [
        node(0, SCREEN, kind="FrameLayout"),
        canvas,
        node(2, Box(0, 0, 1080, 200), "Title", parent=0),
        node(3, Box(0, 200, 1080, 2000), parent=0, kind="ImageView"),
        node(4, Box(0, 2000, 100, 2100), parent=0, kind="View"),
    ]
    assert silent(widgets, (1080, 2220), 0.03) == (canvas.box,)
    assert silent([], (1080, 2220), 0.03) == (SCREEN,)


def test_a_veil_between_a_picture_and_its_text_is_not_silent():
    picture = node(1, Box(0, 0, 1080, 2000), parent=0, kind="ImageView")
    veil = node(2, Box(0, 1500, 1080, 2000), parent=0, kind="View")
    caption = node(3, Box(40, 1800, 900, 1900), "A day at the sea", parent=0)
    root = node(0, SCREEN, kind="FrameLayout")
    assert silent([root, picture, veil, caption], (1080, 2220), 0.03) == ()
    assert silent([root, picture, veil], (1080, 2220), 0.03) == (veil.box,)


def test_of_an_empty_layout_over_a_told_screen_only_open_bands_are_silent():
    layer = node(1, Box(0, 200, 1080, 2200), parent=0, kind="FrameLayout")
    root = node(0, SCREEN, kind="FrameLayout")
    rows = [node(2 + at, Box(40, 210 + 90 * at, 1000, 280 + 90 * at), f"row {at}", parent=0) for at in range(10)]
    assert silent([root, layer, *rows], (1080, 2220), 0.03) == (Box(0, 1114, 1080, 2200),)
    rows += [
        node(20 + at, Box(0, 1100 + 200 * at, 1080, 1280 + 200 * at), parent=0, kind="ImageView") for at in range(6)
    ]
    assert silent([root, layer, *rows], (1080, 2220), 0.03) == ()


def test_a_canvas_below_a_toolbar_of_text_is_silent():
    canvas = node(1, Box(0, 0, 1080, 2220), parent=0, kind="View")
    title = node(2, Box(40, 80, 600, 140), "Title", parent=0)
    root = node(0, SCREEN, kind="FrameLayout")
    assert silent([root, canvas, title], (1080, 2220), 0.03) == (Box(0, 164, 1080, 2220),)


@pytest.mark.parametrize("name", ["news_feed.xml", "lockscreen_es.xml"])
def test_real_trees_tell_nearly_everything(real_tree, name):
    widgets = real_tree(name)
    found = lines(widgets, Box(0, 0, 1080, 1920))
    assert len(found) >= 15
    assert len({line.box for line in found}) == len(found)
    assert sum(box.area for box in silent(widgets, (1080, 1920), 0.03)) < 0.3 * 1080 * 1920
