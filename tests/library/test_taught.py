"""What was pointed at stays hidden: on the phone it was taught on, in its app, after scrolling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from interventions.library.taught.intervention import Taught
from interventions.sdk import Action, App, Block, Box, Cover, Intervention, Widget

Show = Callable[..., list[Action]]
ID = "org.example.feed:id/stories"
RULE = f"org.example.feed##viewId={ID}"
FEED = App("org.example.feed")


def bar(top: int = 100) -> Widget:
    return Widget("w0", 0, None, 0, "android.view.View", FEED.package, Box(0, top, 400, top + 90), ID)


def covers(yielded: list[Action]) -> list[Box]:
    return [action.box for action in yielded if isinstance(action, Cover)]


@pytest.fixture
def taught() -> Intervention:
    return Taught(lessons=[f"test {RULE}"])


def test_it_is_hidden_and_takes_no_touch(taught: Intervention, show: Show) -> None:
    yielded = show(taught, widgets=(bar(),), app=FEED.package)
    assert [type(action) for action in yielded] == [Cover, Block]
    assert covers(yielded) == [Box(0, 100, 400, 190)]
    assert covers(show(taught, widgets=(bar(700),), app=FEED.package)) == [Box(0, 700, 400, 790)]


def test_it_holds_in_no_other_app_and_on_no_other_phone(taught: Intervention, show: Show) -> None:
    assert show(taught, widgets=(bar(),), app="org.example.other") == []
    assert show(Taught(lessons=[f"another {RULE}"]), widgets=(bar(),), app=FEED.package) == []


def test_a_lesson_for_every_phone_and_one_that_cannot_be_read(show: Show) -> None:
    taught = Taught(lessons=["test nonsense", f"* {RULE}"])
    assert covers(show(taught, widgets=(bar(),), app=FEED.package))


def test_what_is_taken_back_is_seen_again(taught: Taught, show: Show) -> None:
    assert show(taught, widgets=(bar(),), app=FEED.package)
    taught.lessons = []
    assert show(taught, widgets=(replace(bar(), id="w1"),), app=FEED.package) == []
