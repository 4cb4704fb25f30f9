"""Frames and trees that are not what they should be: seen as far as they can be, reported once, never raised."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.perception import Perception
from backend.phones.frame import Frame, Tree
from interventions.sdk import App, Box, Widget

APP = App("org.example.reader")


def node(index, box, text="", package=APP.package, kind="TextView", parent=None):
    return Widget(str(index), index, parent, 0, f"android.widget.{kind}", package, box, text=text)


def frame(pixels, number=1, tree=None, secure=False):
    return Frame(number, float(number), "test", APP, pixels, tree, "file", secure)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((0, 0, 3), dtype=np.uint8),
        np.zeros((1, 1, 3), dtype=np.uint8),
        np.zeros((800, 16, 3), dtype=np.uint8),
        np.zeros((800, 400), dtype=np.uint8),
        np.zeros((800, 400, 4), dtype=np.uint8),
        np.zeros((800, 400, 3), dtype=np.float64),
    ],
    ids=["empty", "dot", "sliver", "grey", "alpha", "floats"],
)
def test_a_misshapen_frame_gives_an_empty_scene_and_one_report(pixels, caplog, draw):
    perception = Perception()
    for number in (1, 2):
        scene = perception.see(frame(pixels, number)).scene
        assert scene.number == number
        assert scene.lines == scene.regions == scene.widgets == ()
    assert len(caplog.records) == 1
    assert "expected (height, width, 3)" in caplog.records[0].getMessage()
    good = draw.screen(draw.page([draw.sentence(n) for n in range(3)] + [""] * 17), 0)
    assert perception.see(frame(good, 3)).scene.lines, "the next good frame is seen"


@pytest.mark.parametrize("secure", [True, False])
def test_a_black_frame_shows_nothing_but_its_tree(secure):
    black = np.zeros((1280, 720, 3), dtype=np.uint8)
    tree = Tree((node(0, Box(0, 0, 720, 100), "Bank"),), time_s=1.0, asked_s=1.0)
    perception = Perception()
    assert perception.see(frame(black, 1, secure=secure)).scene.lines == ()
    assert [line.text for line in perception.see(frame(black, 2, tree, secure)).scene.lines] == ["Bank"]


def test_a_rotated_screen_starts_afresh(draw):
    upright = draw.screen(draw.page([draw.sentence(n) for n in range(3)] + [""] * 17), 0)
    perception = Perception()
    perception.see(frame(upright, 1))
    turned = np.ascontiguousarray(np.asarray(upright)[:720, :][:, :720])
    turned = np.concatenate([turned, turned[:, ::-1][:, :560]], axis=1)
    scene = perception.see(frame(turned, 2)).scene
    assert scene.size == (1280, 720)
    assert not scene.scroll
    assert all(Box(0, 0, 1280, 720).contains(line.box) for line in scene.lines)


def test_the_tree_of_another_app_is_left_aside_and_reported_once(draw, caplog):
    pixels = draw.screen(draw.page([draw.sentence(n) for n in range(5)] + [""] * 15), 0)
    tree = Tree((node(0, Box(0, 0, 720, 1280), "Home", package="com.launcher"),), time_s=1.0, asked_s=1.0)
    perception = Perception()
    for number in (1, 2):
        scene = perception.see(frame(pixels, number, tree)).scene
        assert scene.widgets == ()
        assert draw.sentence(3) in [line.text for line in scene.lines], "read from the pixels instead"
    assert len([r for r in caplog.records if "com.launcher" in r.getMessage()]) == 1


BOUND = st.integers(-(10**12), 10**12) | st.integers(-10, 730)
NODES = st.lists(
    st.tuples(
        BOUND, BOUND, BOUND, BOUND, st.sampled_from(["TextView", "ImageView", "SurfaceView", "View", ""]), st.text()
    ),
    max_size=8,
)


@settings(max_examples=12, deadline=None)
@given(NODES, st.integers(0, 300), st.lists(st.tuples(BOUND, BOUND, BOUND, BOUND), max_size=3))
def test_absurd_bounds_are_survived(draw, nodes, offset, drawn):
    tall = draw.page([draw.sentence(n) if n % 6 == 0 else "" for n in range(30)])
    widgets = tuple(node(at, Box(a, b, c, d), text, kind=kind) for at, (a, b, c, d, kind, text) in enumerate(nodes))
    perception = Perception()
    covers = [Box(*box) for box in drawn]
    for number, (at, tree) in enumerate([(0, Tree(widgets, 0.5, 0.2)), (offset, Tree(widgets, 0.5, 0.2))], start=1):
        root = node(99, Box(0, 0, 720, 1280), "root text keeps the screen from being read")
        whole = Tree((*tree.widgets, root), tree.time_s, tree.asked_s)
        scene = perception.see(frame(draw.screen(tall, at), number, whole), drawn=covers).scene
        for found in (*scene.lines, *scene.regions):
            assert found.box
            assert scene.bounds.contains(found.box)


def test_a_tree_of_twenty_thousand_nodes_is_seen(draw):
    pixels = draw.screen(draw.page([draw.sentence(n) for n in range(20)]), 0)
    texts = [node(at, Box(0, at % 1200, 700, at % 1200 + 40), f"row {at}") for at in range(20_000)]
    kinds = ("View", "ImageView")
    places = [Box(at % 300, at % 500, 400 + at % 301, 700 + at % 499) for at in range(5_000)]
    others = [node(20_000 + at, box, kind=kinds[at % 2]) for at, box in enumerate(places)]
    scene = Perception().see(frame(pixels, 1, Tree((*texts, *others), 1.0, 1.0))).scene
    assert len(scene.lines) >= 20_000


def test_odd_sizes_are_no_trouble(draw):
    for width, height in [(331, 517), (33, 32), (1079, 64)]:
        perception = Perception()
        base = draw.photograph(3, width, height)
        perception.see(frame(base, 1))
        perception.see(frame(np.roll(base, 7, axis=0), 2))
        perception.see(frame(draw.photograph(4, width, height), 3))
