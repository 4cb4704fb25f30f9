"""Which live tree belongs to which picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from backend.phones.capture.shot import Shot
from backend.phones.frame import Tree
from backend.phones.live import LiveTrees
from backend.phones.newest import NewestFrame
from interventions.sdk import App, Box, Widget

LAG_S = 0.05
FEED, CHAT = App("org.example.feed", "org.example.feed.Main"), App("org.example.chat", "org.example.chat.Main")


def widgets(top: int, app: App = FEED) -> tuple[Widget, ...]:
    return (Widget("v1", 0, None, 0, "android.view.View", app.package, Box(0, top, 10, top + 10)),)


class Paired:
    def __init__(self) -> None:
        self.newest = NewestFrame("x")
        self.ended = 0
        self.live = LiveTrees(self.newest, lambda: LAG_S, self._end)

    def _end(self) -> None:
        self.ended += 1

    def picture(self, time_s: float) -> Tree | None:
        self.newest.show(Shot(np.full((16, 16, 3), 9, np.uint8), time_s, 0.01, "raw"))
        self.live.picture(time_s)
        assert self.newest.frame is not None
        return self.newest.frame.tree

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 10.0
        number = 0
        while not condition():
            assert time.monotonic() < end
            frame = self.newest.wait(number, 0.1)
            number = frame.number if frame is not None else number


@pytest.fixture
def paired() -> Iterator[Paired]:
    paired = Paired()
    yield paired
    paired.live.stop()


def test_a_tree_that_has_stood_is_that_of_every_picture_that_comes(paired: Paired) -> None:
    now = time.monotonic()
    paired.live.put(FEED, widgets(5), now - 1.0)
    for later in (0.0, 0.5, 3.0):
        tree = paired.picture(now + later)
        assert tree is not None
        assert tree.widgets[0].box.top == 5
        assert tree.asked_s >= now + later, "they are said to agree"


def test_while_trees_change_fast_a_picture_gets_one_it_is_not_older_than_and_the_times_tell(paired: Paired) -> None:
    now = time.monotonic()
    for step in range(10):
        paired.live.put(FEED, widgets(step), now + 0.016 * step)
    tree = paired.picture(now + 0.016 * 9 + 0.001)
    assert tree is not None
    since_s = now + 0.016 * tree.widgets[0].box.top
    assert since_s + LAG_S <= now + 0.016 * 9 + 0.001
    assert tree.asked_s == pytest.approx(since_s + 0.016)
    assert tree.time_s == pytest.approx(tree.asked_s + LAG_S)


def test_a_picture_that_came_before_its_tree_gets_it_once_it_has_stood(paired: Paired) -> None:
    now = time.monotonic()
    paired.live.put(FEED, widgets(1), now - 1.0)
    paired.picture(now)
    paired.live.put(FEED, widgets(2), time.monotonic())

    def agrees() -> bool:
        frame = paired.newest.frame
        return frame is not None and frame.tree is not None and frame.tree.widgets[0].box.top == 2

    paired.until(agrees)
    frame = paired.newest.frame
    assert frame is not None
    assert frame.tree is not None
    assert frame.tree.asked_s >= frame.time_s


def test_an_app_behind_is_not_listened_to_until_it_comes_to_the_front(paired: Paired) -> None:
    now = time.monotonic()
    paired.live.put(FEED, widgets(1), now - 1.0)
    assert paired.live.on
    paired.live.put(CHAT, widgets(2, CHAT), now - 1.0)
    tree = paired.picture(now)
    assert tree is not None
    assert tree.widgets[0].package == FEED.package
    paired.live.begin(CHAT)
    assert not paired.live.on
    assert paired.newest.frame is not None
    assert paired.newest.frame.tree is None, "a tree of another app says nothing of this one"
    paired.live.put(CHAT, widgets(2, CHAT), now - 1.0)
    assert paired.live.on
    assert paired.newest.app == CHAT


def test_when_it_ends_somebody_else_is_told_to_look(paired: Paired) -> None:
    paired.live.put(FEED, widgets(1), time.monotonic() - 1.0)
    paired.live.end(CHAT.package)
    assert paired.live.on
    paired.live.end(FEED.package)
    assert not paired.live.on
    assert paired.ended == 1
    assert paired.picture(time.monotonic()) is None


def test_once_the_phone_says_that_another_app_is_in_front_dumps_are_asked_for_again(paired: Paired) -> None:
    paired.live.put(FEED, widgets(1), time.monotonic() - 1.0)
    paired.newest.set_app(App("com.android.systemui", "NotificationShade"))
    assert not paired.live.on
