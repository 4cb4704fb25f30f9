"""Trees measured against pictures, by the pixels."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from backend.perception.registration import Registration
from backend.perception.tree_text import lines
from interventions.sdk import Box, Pixels, Widget

SCREEN = Box(0, 0, 1080, 2220)
LIST = Box(0, 200, 1080, 2000)
HEIGHTS = (80, 130, 80, 210, 80, 80, 160, 80, 300, 80, 110, 80)
WORDS = ("apple crumble", "the light at dawn", "which trail was it", "a jar of honey", "tell us more about it", "graz")


def rows(texts: Sequence[str] = WORDS) -> tuple[Widget, ...]:
    """A list of texts of 60 pixels, at uneven distances."""
    tops = np.cumsum((LIST.top + 20, *HEIGHTS))
    found = [Widget("0", 0, None, 0, "android.widget.ListView", "org.example", LIST, scrollable=True)]
    for at, top in enumerate(tops[:-1], 1):
        text = f"{texts[at % len(texts)]} {at}"
        box = Box(40, int(top), 700, int(top) + 60)
        found.append(Widget(str(at), at, 0, 1, "android.widget.TextView", "org.example", box, text=text))
    return tuple(found)


def drawn(widgets: Sequence[Widget], off: int) -> Pixels:
    """The list as it looks when it is scrolled down by `off` pixels."""
    pixels = np.full((SCREEN.height, SCREEN.width, 3), 255, dtype=np.uint8)
    for widget in widgets[1:]:
        at = (widget.box.left + 4, widget.box.bottom - 18 + off)
        cv2.putText(pixels, widget.text, at, cv2.FONT_HERSHEY_SIMPLEX, 1.3, (20, 20, 20), 3, cv2.LINE_AA)
    pixels[: LIST.top], pixels[LIST.bottom :] = 90, 90
    return pixels


def in_list(widgets: Sequence[Widget]):
    return [line for line in lines(widgets, SCREEN) if LIST.contains(line.box)]


@pytest.mark.parametrize("off", [0, 3, -57, 180, -310])
def test_texts_seen_before_are_found_to_the_pixel(off):
    tree, memory = rows(), Registration()
    memory.learn(drawn(tree, 0), in_list(tree), LIST, 0)
    assert memory.found(drawn(tree, off), in_list(tree), LIST, -40, 40) == off


def test_what_was_learnt_from_a_tree_that_was_off_is_right_too():
    tree, memory = rows(), Registration()
    memory.learn(drawn(tree, -45), in_list(tree), LIST, -45)
    assert memory.found(drawn(tree, 12), in_list(tree), LIST, 0, 0) == 12


def test_texts_that_were_never_seen_are_not_found():
    memory = Registration()
    memory.learn(drawn(rows(), 0), in_list(rows()), LIST, 0)
    others = rows([word[::-1] for word in WORDS])
    assert memory.found(drawn(others, 0), in_list(others), LIST, 0, 0) is None


def test_a_text_that_stands_in_many_places_tells_nothing():
    tree = tuple(
        Widget(w.id, w.index, w.parent, w.depth, w.class_name, w.package, w.box, text=w.text and "view all of it")
        for w in rows()
    )
    memory = Registration()
    memory.learn(drawn(tree, 0), in_list(tree), LIST, 0)
    assert memory.found(drawn(tree, -60), in_list(tree), LIST, -200, 200) is None


@pytest.mark.parametrize("off", [0, 8, -33, 60])
def test_edges_tell_an_unknown_screen_s_place_to_a_margin(off):
    tree = rows()
    limits = Registration().by_edges(drawn(tree, off), tree, LIST, off - 40, off + 25)
    assert limits is not None
    assert limits[0] <= off <= limits[1]
    assert limits[1] - limits[0] < 50


def test_edges_tell_nothing_where_times_say_something_else():
    tree = rows()
    assert Registration().by_edges(drawn(tree, 70), tree, LIST, -10, 10) is None


def test_edges_of_a_picture_without_text_tell_nothing():
    tree = rows()
    noise = np.random.default_rng(5).integers(0, 255, (SCREEN.height, SCREEN.width, 3), dtype=np.uint8)
    assert Registration().by_edges(noise, tree, LIST, -40, 40) is None
    assert Registration().by_edges(np.zeros_like(noise), tree, LIST, -40, 40) is None
