"""Where the nodes of an older UI tree are by now."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.perception.motion import Motion
from backend.perception.scroll import Shift
from backend.perception.skew import ScrollPath, covering, entering, straightened
from backend.perception.tree_text import lines
from interventions.sdk import Box, Widget

SCREEN = Box(0, 0, 1080, 2220)
LIST = Box(0, 200, 1080, 2000)
PIXELS = np.zeros((4, 4, 3), dtype=np.uint8)
STRIPS = np.ones((4, 1), dtype=np.bool_)


def scrolled(dy: int) -> Motion:
    return Motion(PIXELS, PIXELS, STRIPS, STRIPS, Shift(0, dy, LIST, STRIPS))


FIRST = Motion(None, PIXELS, STRIPS, STRIPS)
STILL = Motion(PIXELS, PIXELS, None, None)


def path_of(*moves: tuple[float, Motion]) -> ScrollPath:
    path = ScrollPath()
    for time_s, motion in moves:
        path.record(time_s, motion)
    return path


def node(index: int, box: Box, text: str = "", parent: int | None = None) -> Widget:
    return Widget(str(index), index, parent, 0, "android.widget.TextView", "org.example", box, text=text)


TREE = (
    node(0, SCREEN),
    node(1, Box(0, 0, 1080, 200), "Toolbar", 0),
    node(2, LIST, parent=0),
    node(3, Box(40, 900, 1040, 960), "in the list", 2),
    node(4, Box(40, 220, 1040, 280), "about to leave", 2),
)


def test_a_tree_of_the_same_moment_is_left_alone():
    skew = path_of((1.0, FIRST), (2.0, scrolled(-300)), (3.0, STILL)).since(2.1, 2.6)
    assert skew.certain
    assert straightened(TREE, skew) == TREE


def test_a_tree_from_before_another_screen_came_is_not_believed():
    exchanged = Motion(PIXELS, PIXELS, STRIPS, STRIPS)
    path = path_of((1.0, FIRST), (2.0, exchanged))
    assert not path.since(1.5, 1.9).certain
    assert path.news(1.5)
    assert path.since(2.1, 2.2).certain
    assert not path.news(2.1)


def test_what_scrolled_in_since_the_tree_is_the_rim_of_the_list():
    skew = path_of((1.0, FIRST), (2.0, STILL), (3.0, scrolled(-300)), (4.0, scrolled(-50))).since(1.1, 1.4)
    scrolling = (*TREE[:2], replace(TREE[2], scrollable=True), *TREE[3:])
    assert entering(skew, scrolling) == (Box(0, 1650, 1080, 2000),)
    assert entering(path_of((1.0, FIRST)).since(1.5, 1.6), scrolling) == ()


def test_content_moves_and_frames_and_bars_stay():
    skew = path_of((1.0, FIRST), (2.0, STILL), (3.0, scrolled(-300)), (4.0, scrolled(-50))).since(1.1, 1.4)
    assert skew.certain
    now = straightened(TREE, skew)
    assert [widget.box for widget in now[:4]] == [SCREEN, TREE[1].box, LIST, Box(40, 550, 1040, 610)]
    assert not now[4].box, "scrolled out of sight"
    assert [line.text for line in lines(now, SCREEN)] == ["Toolbar", "in the list"]


def test_a_scroll_during_the_dump_makes_boxes_cover_both_places():
    skew = path_of((1.0, FIRST), (2.0, scrolled(-300))).since(1.2, 1.8)
    assert not skew.certain
    found = covering(lines(straightened(TREE, skew), SCREEN), TREE, skew)
    by_text = {line.text: line.box for line in found}
    assert by_text["in the list"].contains(Box(40, 900, 1040, 960))
    assert by_text["in the list"].contains(Box(40, 600, 1040, 660))
    assert by_text["Toolbar"] == TREE[1].box


def test_an_exchanged_screen_forgets_the_way():
    skew = path_of((1.0, FIRST), (2.0, scrolled(-300)), (3.0, FIRST)).since(1.1, 1.4)
    assert straightened(TREE, skew) == TREE


def test_a_screen_rests_from_its_last_scroll_on():
    path = path_of((1.0, FIRST), (2.0, scrolled(-300)), (3.0, STILL))
    assert path.rested(2.5)
    assert not path.rested(1.9)
    assert path_of((1.0, FIRST), (2.0, FIRST)).rested(0.0), "a screen that came has not scrolled"


@given(
    st.lists(st.integers(-400, 400).filter(bool), min_size=1, max_size=12),
    st.floats(0, 14, allow_nan=False),
    st.floats(0, 3, allow_nan=False),
    st.floats(0, 1),
)
def test_wherever_the_tree_was_taken_the_true_place_is_within_reach(moves, asked_s, took_s, within):
    path = path_of((0.5, FIRST), *((float(at + 1), scrolled(dy)) for at, dy in enumerate(moves)))
    answered_s = asked_s + took_s
    taken_s = asked_s + within * took_s
    moved_since = sum(dy for at, dy in enumerate(moves) if at + 1 > taken_s)
    skew = path.since(asked_s, answered_s)
    assert skew.least[1] <= moved_since <= skew.most[1]
