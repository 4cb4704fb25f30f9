"""Trees measured against pictures, by the pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest

from backend.perception.registration import Limits, Registration
from backend.perception.tree_text import lines
from interventions.sdk import Box, Pixels, Widget

SCREEN = Box(0, 0, 1080, 2220)
LIST = Box(0, 200, 1080, 2000)
HEIGHTS = (80, 130, 80, 210, 80, 80, 160, 80, 300, 80, 110, 80)
WORDS = (
    "apple crumble again",
    "the light at dawn",
    "which trail was it",
    "a jar of honey",
    "tell us more about it",
    "graz in winter",
    "my knees hurt badly",
    "old friends are best",
    "buy two get one",
    "nobody knew his name",
    "soup for everyone",
    "quiet as a library",
)


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


def measured(memory: Registration, tree: Sequence[Widget], off: int) -> Limits | None:
    return memory.measure(drawn(tree, off), in_list(tree), LIST)


@pytest.mark.parametrize("off", [0, 3, -57, 180, -310, 700, -900])
def test_texts_seen_before_are_found_to_the_pixel(off):
    tree, memory = rows(), Registration()
    memory.learn(drawn(tree, 0), in_list(tree), LIST, 0)
    assert measured(memory, tree, off) == Limits(off, off)


def test_what_was_learnt_from_a_tree_that_was_off_is_right_too():
    tree, memory = rows(), Registration()
    memory.learn(drawn(tree, -45), in_list(tree), LIST, -45)
    assert measured(memory, tree, 12) == Limits(12, 12)


def test_what_was_learnt_roughly_is_found_roughly_until_it_is_learnt_exactly():
    tree, memory = rows(), Registration()
    memory.learn(drawn(tree, 5), in_list(tree), LIST, 0, Limits(-8, 8))
    found = measured(memory, tree, 30)
    assert found == Limits(17, 33)
    memory.learn(drawn(tree, 0), in_list(tree), LIST, 0)
    assert measured(memory, tree, 30) == Limits(30, 30)
    memory.learn(drawn(tree, 5), in_list(tree), LIST, 0, Limits(-8, 8))
    assert measured(memory, tree, 30) == Limits(30, 30), "what is known exactly is not forgotten for less"


def test_texts_that_were_never_seen_are_not_found():
    memory = Registration()
    memory.learn(drawn(rows(), 0), in_list(rows()), LIST, 0)
    assert measured(memory, rows([word[::-1] for word in WORDS]), 0) is None


def test_a_text_that_stands_in_many_places_tells_nothing():
    tree = tuple(replace(widget, text=widget.text and "view all of it") for widget in rows())
    memory = Registration()
    memory.learn(drawn(tree, 0), in_list(tree), LIST, 0)
    assert measured(memory, tree, -60) is None


def test_one_known_text_alone_is_not_believed():
    tree, memory = rows(), Registration()
    memory.learn(drawn(tree, 0), [line for line in in_list(tree) if line.text.startswith("a jar")][:1], LIST, 0)
    assert measured(memory, tree, -50) is None


def test_the_same_words_of_another_row_are_not_taken_for_the_ones_that_are_further_away():
    """Rows 2 and 6 say the same, and the tree is 445 pixels ahead of the picture: row 2 is near row 6's place."""
    tops = [LIST.top + 20 + 150 * at for at in range(11)]
    texts = ["view all of it" if at in (1, 5) else WORDS[at] for at in range(11)]
    tree = (rows()[0], *(
        Widget(str(at), at, 0, 1, "android.widget.TextView", "org.example", Box(40, top, 700, top + 60), text=text)
        for at, (top, text) in enumerate(zip(tops, texts, strict=True), 1)
    ))  # fmt: skip
    memory = Registration()
    memory.learn(drawn(tree, 0), in_list(tree), LIST, 0)
    assert memory.measure(drawn(tree, 445), in_list(tree), LIST) == Limits(445, 445)


@pytest.mark.parametrize("off", [0, 8, -33, 60])
def test_edges_fit_where_the_texts_are_and_not_beside(off):
    tree = rows()

    def fit(by: int) -> bool:
        boxes = (tree[0], *(replace(widget, box=widget.box.moved(0, by)) for widget in tree[1:]))
        return Registration().fits(drawn(tree, off), boxes, LIST)

    assert fit(off)
    assert not fit(off + 45)
    assert not fit(off - 45)


def test_a_screen_with_hardly_a_text_is_no_evidence_against_its_tree():
    tree = rows()[:3]
    noise = np.random.default_rng(5).integers(0, 255, (SCREEN.height, SCREEN.width, 3), dtype=np.uint8)
    assert Registration().fits(noise, tree, LIST)
