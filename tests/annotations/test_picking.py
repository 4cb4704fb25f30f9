"""What somebody may mean who points at the screen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.annotations.picking import Pick, picks
from interventions.sdk import Box, Line, Region, Scene
from tests.annotations.screens import SIZE, feed, real


def picks_at(scene: Scene, x: int, y: int) -> list[Pick]:
    """What may be meant by pointing there, as the page goes through it: from the innermost outwards."""
    return [pick for pick in picks(scene) if pick.box.intersect(Box(x, y, x + 1, y + 1))]


def test_from_the_innermost_outwards() -> None:
    names = [pick.name for pick in picks_at(feed(), 100, 200)]
    assert names == ["“Story 0”", "stories (list)"]


def test_what_fills_the_same_box_is_one_thing_and_goes_by_its_name() -> None:
    scene = feed()
    stories = next(widget for widget in scene.widgets if widget.short_id == "stories")
    inner = replace(stories, id="inner", index=len(scene.widgets), parent=stories.index, depth=3, view_id="")
    names = [pick.name for pick in picks_at(replace(scene, widgets=(*scene.widgets, inner)), 1070, 120)]
    assert names == ["stories (list)"]


def test_what_only_pixels_tell_of_can_be_meant_too() -> None:
    import numpy as np

    line = Line("read by OCR", Box(10, 10, 300, 60), source="ocr")
    picture = Region(Box(10, 100, 500, 500), "digest", np.zeros((1, 1, 3), np.uint8), source="pixels")
    scene = replace(feed(rows=0), widgets=(), lines=(line,), regions=(picture,))
    assert [(pick.kind, pick.name) for pick in picks(scene)] == [("line", "“read by OCR”"), ("region", "picture")]


def test_the_screen_itself_cannot_be_meant() -> None:
    assert all(pick.box != Box(0, 0, *SIZE) for pick in picks(feed()))


@given(st.integers(0, SIZE[0] - 1), st.integers(0, SIZE[1] - 1))
def test_every_pick_holds_the_place_and_the_next_is_larger(x: int, y: int) -> None:
    found = picks_at(feed(), x, y)
    areas = [pick.box.area for pick in found]
    assert areas == sorted(areas)
    assert all(pick.box.left <= x < pick.box.right and pick.box.top <= y < pick.box.bottom for pick in found)
    assert all(one.box.iou(other.box) < 0.94 for one in found for other in found if one is not other)


@pytest.mark.parametrize("name", ["news_feed", "lockscreen_es"])
def test_real_screens_have_things_to_point_at(name: str) -> None:
    scene: Scene = real(name)
    found = picks(scene)
    assert len(found) > 10
    assert all(pick.box and pick.name for pick in found)
