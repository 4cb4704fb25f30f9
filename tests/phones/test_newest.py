"""Which tree belongs to which picture."""

from __future__ import annotations

import threading

import numpy as np

from backend.phones.capture.shot import Shot
from backend.phones.frame import Tree
from backend.phones.newest import NewestFrame
from interventions.sdk import App, Box, Widget

WIDGET = Widget("a@1", 0, None, 0, "android.view.View", "org.example", Box(0, 0, 1, 1))


def shot(time_s: float, shade: int = 90) -> Shot:
    return Shot(np.full((16, 16, 3), shade, np.uint8), time_s, 0.01, "raw")


def tree(asked_s: float, time_s: float) -> Tree:
    return Tree((WIDGET,), time_s, asked_s)


def test_a_tree_asked_for_after_the_picture_joins_it_under_a_new_number() -> None:
    newest = NewestFrame("x")
    newest.show(shot(1.0))
    first = newest.wait(0, 0)
    assert first is not None
    assert first.tree is None
    newest.add_tree(tree(2.0, 3.0))
    second = newest.wait(first.number, 0)
    assert second is not None
    assert second.tree is not None
    assert second.pixels is first.pixels
    assert second.time_s == first.time_s == 1.0
    assert second.app == App("org.example")


def test_a_tree_that_was_under_way_joins_and_its_times_tell() -> None:
    newest = NewestFrame("x")
    newest.show(shot(2.0))
    newest.add_tree(tree(1.0, 3.0))
    frame = newest.frame
    assert frame is not None
    assert frame.tree is not None
    assert frame.tree.asked_s < frame.time_s


def test_a_tree_older_than_the_picture_joins_and_says_so() -> None:
    newest = NewestFrame("x")
    newest.show(shot(4.0))
    newest.add_tree(tree(1.0, 3.0))
    assert newest.frame is not None
    assert newest.frame.tree is not None
    assert newest.frame.tree.asked_s < newest.frame.time_s


def test_a_new_picture_starts_without_a_tree_and_keeps_the_app() -> None:
    newest = NewestFrame("x")
    newest.set_app(App("org.example", "org.example.Main"))
    newest.show(shot(1.0))
    newest.add_tree(tree(2.0, 3.0))
    newest.show(shot(4.0))
    assert newest.frame is not None
    assert newest.frame.tree is None
    assert newest.frame.app == App("org.example", "org.example.Main")


def test_knowing_nothing_new_publishes_nothing() -> None:
    newest = NewestFrame("x")
    newest.show(shot(1.0))
    newest.set_app(App("a.b"))
    number = newest.frame.number if newest.frame else 0
    newest.set_app(App("a.b"))
    assert newest.wait(number, 0) is None


def test_secure_lasts_while_the_screen_is_black() -> None:
    newest = NewestFrame("x")
    newest.show(shot(1.0, 0))
    newest.set_secure()
    newest.show(shot(2.0, 0))
    assert newest.frame is not None
    assert newest.frame.secure
    newest.show(shot(3.0, 200))
    assert not newest.frame.secure


def test_a_reader_gets_the_newest_and_never_an_older_one() -> None:
    newest, seen = NewestFrame("x"), []

    def read() -> None:
        number = 0
        while number < 199 and (frame := newest.wait(number, 10)) is not None:
            assert frame.number > number
            number = frame.number
            seen.append(frame.time_s)

    reader = threading.Thread(target=read)
    reader.start()
    for moment in range(1, 200):
        newest.show(shot(float(moment)))
    reader.join(10)
    assert seen == sorted(seen)
    assert newest.frame is not None
    assert newest.frame.time_s == 199.0


def test_waking_ends_the_waiting_of_now_alone() -> None:
    newest, results = NewestFrame("x"), []
    waiter = threading.Thread(target=lambda: results.append(newest.wait(0, 30)))
    waiter.start()
    while waiter.is_alive():
        newest.wake()
        waiter.join(0.01)
    assert results == [None]
    newest.show(shot(1.0))
    assert newest.wait(0, 30) is not None
