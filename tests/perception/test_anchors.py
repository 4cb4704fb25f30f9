"""What trees that name the same widgets tell of one another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.perception.anchors import Anchors
from backend.perception.motion import Motion
from backend.perception.scroll import Shift
from backend.perception.skew import ScrollPath, Skew, straightened
from interventions.sdk import Box, Widget

SCREEN = Box(0, 0, 1080, 2220)
LIST = Box(0, 200, 1080, 2000)
BAR = Box(0, 0, 1080, 200)
PIXELS = np.zeros((4, 4, 3), dtype=np.uint8)
STRIPS = np.ones((4, 1), dtype=np.bool_)
FIRST = Motion(None, PIXELS, STRIPS, STRIPS)


def scrolled(dy: int) -> Motion:
    return Motion(PIXELS, PIXELS, STRIPS, STRIPS, Shift(0, dy, LIST, STRIPS))


def node(index: int, box: Box, text: str = "", parent: int | None = None) -> Widget:
    return Widget(str(index), index, parent, 0, "android.widget.TextView", "org.example", box, text=text)


def page_at(dy: int) -> tuple[Widget, ...]:
    """A toolbar, a list, and twenty rows of it that stand `dy` further down than at first; cut off at its edges."""
    rows = (
        node(10 + at, Box(40, 210 + 90 * at + dy, 1040, 290 + 90 * at + dy).intersect(LIST), f"row {at}", 2)
        for at in range(20)
    )
    return (node(0, SCREEN), node(1, BAR, "Toolbar", 0), node(2, LIST, parent=0), *(row for row in rows if row.box))


def measured(least: int, most: int) -> Skew:
    return Skew(0, (least + most) // 2, LIST, (0, least), (0, most), measured=True)


@pytest.fixture
def path() -> ScrollPath:
    path = ScrollPath()
    path.record(1.0, FIRST)
    return path


@pytest.mark.parametrize("seen_at", [0, -120, -300])
def test_widgets_known_from_before_tell_when_the_tree_was_taken(path, seen_at):
    anchors = Anchors()
    anchors.settled(replace(path.since(1.1, 1.2), measured=True), page_at(0), path)
    path.record(2.0, scrolled(-120))
    path.record(3.0, scrolled(-180))
    open_question = path.since(1.5, 2.9)
    assert not open_question.certain
    tree = page_at(seen_at)
    skew = anchors.settled(open_question, tree, path)
    assert skew.certain
    assert skew.measured
    now = {widget.id: widget.box for widget in straightened(tree, skew)}
    assert now["20"] == Box(40, 210 + 900 - 300, 1040, 290 + 900 - 300)
    assert now["1"] == BAR


def test_trees_that_are_all_measured_roughly_narrow_one_another_down(path):
    anchors, position, skew = Anchors(), 0, Skew()
    for at, taken in enumerate([-10, -140, -205, -398, -402], 2):
        path.record(float(at), scrolled(-100))
        position -= 100
        true = position - taken
        skew = anchors.settled(measured(true - 7 * at, true + 60 - 7 * at), page_at(taken), path)
        assert skew.least[1] <= true <= skew.most[1]
    assert skew.most[1] - skew.least[1] < 50


def test_trees_that_only_times_place_are_never_believed_though_they_agree(path):
    """A link that is 50 pixels late is so for all of them."""
    anchors = Anchors()
    for at in range(2, 6):
        path.record(float(at), scrolled(-100))
        skew = anchors.settled(path.since(at + 0.1, at + 0.2), page_at(-100 * at + 50), path)
        assert skew.contradicted
    skew = anchors.settled(measured(-50, -50), page_at(-350), path)
    assert skew.close, "until one is measured"


def test_a_measured_tree_places_those_that_times_misplace(path):
    anchors = Anchors()
    anchors.settled(measured(0, 0), page_at(0), path)
    path.record(2.0, scrolled(-100))
    late = path.since(2.5, 2.6)
    assert late.certain, "by its times it is of now"
    skew = anchors.settled(late, page_at(-150), path)
    assert (skew.dy, skew.certain) == (50, True), "but it knows the screen 50 pixels further on"


def test_a_page_that_is_contradicted_is_left_when_two_trees_agree_against_it(path):
    anchors = Anchors()
    anchors.settled(measured(0, 0), page_at(0), path)
    assert anchors.settled(measured(0, 0), page_at(-150), path).contradicted
    assert anchors.settled(measured(0, 0), page_at(-150), path).close


def test_widgets_of_another_screen_settle_nothing(path):
    anchors = Anchors()
    anchors.settled(measured(0, 0), page_at(0), path)
    path.record(2.0, FIRST)
    path.record(3.0, scrolled(-180))
    open_question = path.since(2.5, 2.9)
    doubtful = anchors.settled(open_question, page_at(-50), path)
    assert (doubtful.least, doubtful.most) == (open_question.least, open_question.most)
    assert not doubtful.close, "nothing confirms what time alone says"
