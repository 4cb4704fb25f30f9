from __future__ import annotations

from collections.abc import Callable
from typing import Any

from interventions.library.app_gate.intervention import AppGate
from interventions.sdk import Delay

Show = Callable[..., list[Any]]
FEED, OTHER = "com.instagram.android", "org.example.notes"


def test_a_listed_app_is_met_with_a_pause_that_can_be_dismissed_or_left(show: Show) -> None:
    (delay,) = show(AppGate(seconds=8, message="Wait.", again_after_minutes=10), app=FEED)
    assert isinstance(delay, Delay)
    assert (delay.seconds, delay.message, delay.again_after_s) == (8, "Wait.", 600)
    assert delay.dismiss
    assert delay.leave


def test_other_apps_open_freely(show: Show) -> None:
    assert show(AppGate(), app=OTHER) == []


def test_moving_about_inside_the_app_is_free(show: Show) -> None:
    gate = AppGate()
    assert len(show(gate, app=FEED)) == 1
    assert show(gate, app=FEED) == []
    assert list(gate.on_app(gate.scene.app)) == []


def test_each_return_is_met_again_and_counted(show: Show) -> None:
    gate = AppGate()
    messages = []
    for app in [FEED, OTHER, FEED, OTHER, FEED]:
        messages += [action.message for action in show(gate, app=app)]
    assert len(messages) == 3
    assert "times" not in messages[0]
    assert messages[2].endswith("Opened 3 times in the last 24 hours.")


def test_the_count_forgets_after_a_day(show: Show) -> None:
    gate = AppGate()
    show(gate, app=FEED, at=0.0)
    show(gate, app=OTHER, at=1.0)
    (delay,) = show(gate, app=FEED, at=90_000.0)
    assert "times" not in delay.message


def test_packages_may_be_patterns(show: Show) -> None:
    assert len(show(AppGate(packages=["org.example.*"]), app=OTHER)) == 1


def test_two_apps_have_gates_of_their_own(show: Show) -> None:
    gate = AppGate(packages=[FEED, OTHER])
    assert show(gate, app=FEED)[0].key != show(gate, app=OTHER)[0].key
