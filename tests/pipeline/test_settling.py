"""When a frame may be shown."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np

from backend.engine.decision import Decision
from backend.phones.frame import Frame, Tree
from backend.pipeline.settling import confirms, held_back, with_tree
from backend.pipeline.way import Passed
from interventions.sdk import App, Box, Scene, Widget

SIZE = (100, 200)
PIXELS = np.zeros((200, 100, 3), np.uint8)


def tree(asked_s: float, text: str = "same") -> Tree:
    return Tree((Widget("w", 0, None, 0, "TextView", "org.a", Box(0, 0, 100, 50), text=text),), asked_s + 0.1, asked_s)


def frame(number: int, time_s: float, of: Tree | None) -> Frame:
    return Frame(number, time_s, "p", App("org.a"), PIXELS, of)


def passed(of: Frame, *adrift: Box, moved: bool = False) -> Passed:
    scene = Scene(of.number, of.time_s, "p", of.app, SIZE)
    return Passed(of, scene, Decision(scene), {}, {}, adrift=adrift, moved=moved)


def test_a_frame_mostly_newer_than_its_tree_waits_but_not_for_ever():
    half = passed(frame(1, 1.0, tree(0.9)), Box(0, 0, 100, 100))
    assert held_back(half, 0.1)
    assert not held_back(half, 1.0)
    assert not held_back(passed(frame(1, 1.0, tree(0.9)), Box(0, 0, 100, 10)), 0.1)


def test_an_equal_tree_asked_for_later_confirms_a_picture():
    held = passed(frame(1, 1.0, tree(0.9)), Box(0, 0, 100, 200))
    assert confirms(frame(2, 1.3, tree(1.2)), held)
    assert not confirms(frame(2, 1.3, tree(0.95)), held), "asked for before the picture came"
    assert not confirms(frame(2, 1.3, tree(1.2, "other")), held), "it tells of another layout"
    assert not confirms(frame(2, 1.3, None), held)
    assert not confirms(frame(2, 1.3, tree(1.2)), passed(held.frame, moved=True)), "the screen scrolled meanwhile"


class Source:
    """Hands out its frames one by one."""

    def __init__(self, *frames: Frame, trees: int = 1, problem: str = "") -> None:
        self._frames = list(frames)
        self.stats = SimpleNamespace(trees=trees, tree_ms=50.0, tree_problem=problem)
        self.asked = 0

    def newest(self, after: int, timeout_s: float) -> Frame | None:
        self.asked += 1
        return self._frames.pop(0) if self._frames else None


def test_the_tree_is_waited_for_where_the_phone_gives_one():
    bare, empty, full = frame(1, 1.0, None), frame(2, 1.0, Tree((), 1.1, 1.0)), frame(3, 1.0, tree(1.0))
    assert with_tree(Source(empty, full), bare, threading.Event()) is full


def test_no_tree_is_waited_for_where_the_phone_gives_none():
    source = Source(problem="no uiautomator")
    bare = frame(1, 1.0, None)
    assert with_tree(source, bare, threading.Event()) is bare
    assert source.asked == 0
