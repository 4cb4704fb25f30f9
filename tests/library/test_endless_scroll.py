from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.library.endless_scroll.intervention import EndlessScroll
from interventions.library.endless_scroll.progress import Progress
from interventions.sdk import Answer, Ask, Dim, Flow, FlowList, KeepFirst, Press, Refuse, Scroll, SetQuery
from interventions.sdk.testing import flow

Show = Callable[..., list[Any]]
HEIGHT = 2220


def scrolled(screens: float) -> Scroll:
    return Scroll(dy=-100, distance=round(screens * HEIGHT), streak=1)


def darkness(actions: list[Any]) -> float:
    return sum(action.amount for action in actions if isinstance(action, Dim))


def asked(actions: list[Any]) -> list[Ask]:
    return [action for action in actions if isinstance(action, Ask)]


def test_it_darkens_step_by_step_and_then_asks(show: Show) -> None:
    intervention = EndlessScroll(screens=3, step=0.2, most=0.6)
    seen = [show(intervention, scroll=scrolled(n)) for n in (1, 2.9, 3.1, 4.1, 5.1, 6.1, 9)]
    assert [darkness(actions) for actions in seen] == pytest.approx([0, 0, 0.2, 0.4, 0.6, 0.6, 0.6])
    assert [bool(asked(actions)) for actions in seen] == [False] * 4 + [True] * 3


def test_it_stays_dark_while_nothing_moves(show: Show) -> None:
    intervention = EndlessScroll(screens=1, step=0.3)
    show(intervention, scroll=scrolled(1.5))
    assert darkness(show(intervention)) == pytest.approx(0.3)


def test_going_on_grants_as_much_again(show: Show) -> None:
    intervention = EndlessScroll(screens=2, step=0.7)
    (question,) = asked(show(intervention, scroll=scrolled(2.5)))
    assert list(intervention.on_answer(Answer(question.key, intervention.go_on))) == []
    assert darkness(show(intervention, scroll=scrolled(4.4))) == 0
    assert darkness(show(intervention, scroll=scrolled(4.6))) > 0


def test_stopping_leaves_the_app(show: Show) -> None:
    intervention = EndlessScroll(screens=1, step=0.7)
    (question,) = asked(show(intervention, scroll=scrolled(2)))
    (press,) = intervention.on_answer(Answer(question.key, intervention.stop))
    assert isinstance(press, Press)
    assert press.key == "home"


def test_snoozing_is_for_the_time_that_was_promised(show: Show) -> None:
    intervention = EndlessScroll(screens=1, step=0.7, snooze_minutes=10)
    (question,) = asked(show(intervention, scroll=scrolled(2), at=0.0))
    list(intervention.on_answer(Answer(question.key, intervention.snooze)))
    assert show(intervention, scroll=scrolled(20), at=599.0) == []
    assert darkness(show(intervention, scroll=scrolled(21), at=601.0)) > 0


def test_dismissing_the_question_is_going_on(show: Show) -> None:
    intervention = EndlessScroll(screens=1, step=0.7)
    (question,) = asked(show(intervention, scroll=scrolled(2)))
    assert list(intervention.on_answer(Answer(question.key, "dismiss"))) == []
    assert show(intervention, scroll=scrolled(2.5)) == []


def test_leaving_the_app_starts_anew(show: Show) -> None:
    intervention = EndlessScroll(screens=1, step=0.2)
    assert darkness(show(intervention, scroll=scrolled(5))) > 0
    assert show(intervention, app="org.example.home") == []
    assert show(intervention, scroll=scrolled(0.5)) == []


def test_another_interventions_answer_is_not_ours(show: Show) -> None:
    intervention = EndlessScroll(screens=1, step=0.7)
    show(intervention, scroll=scrolled(2))
    list(intervention.on_answer(Answer("elsewhere", intervention.go_on)))
    assert darkness(show(intervention)) > 0


def test_time_counts_too_but_resting_does_not(show: Show) -> None:
    intervention = EndlessScroll(screens=1000, minutes=1)
    for second in range(0, 60, 5):
        assert show(intervention, scroll=scrolled(1), at=float(second)) == []
    assert show(intervention, scroll=scrolled(1), at=1000.0) == []
    assert show(intervention, scroll=scrolled(1), at=1005.0) == []
    assert darkness(show(intervention, scroll=scrolled(1), at=1010.0)) > 0


def test_without_a_question_it_only_darkens(show: Show) -> None:
    assert asked(show(EndlessScroll(screens=1, step=0.9, question=""), scroll=scrolled(9))) == []


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 30)), max_size=20), st.floats(0, 100))
def test_progress_never_runs_backwards(moves: list[tuple[float, float]], granted: float) -> None:
    progress, screens, now, steps = Progress(granted_screens=granted), 0.0, 0.0, 0
    for further, later in moves:
        screens, now = screens + further, now + later
        progress.moved(screens, now)
        assert progress.steps_over(1.0, 0) >= steps
        steps = progress.steps_over(1.0, 0)
        assert (steps > 0) == (screens > granted)
        assert 0 <= progress.seconds <= now


def on_flow(seen: Flow, **values: object) -> list[Any]:
    return list(EndlessScroll(**values).on_flow(seen))


@pytest.mark.parametrize("name", ["limit", "count", "first", "page_size", "pageSize", "per_page"])
def test_apps_ask_for_short_pages(name: str) -> None:
    asked = flow(direction="request", url=f"https://api.example.org/feed?{name}=50&after=abc&limit_to=900")
    (change,) = on_flow(asked, page_size=8)
    assert isinstance(change, SetQuery)
    assert (change.name, change.value) == (name, "8")
    assert on_flow(asked, page_size=0) == []
    assert on_flow(flow(direction="request", url=f"https://api.example.org/feed?{name}=8"), page_size=8) == []
    assert on_flow(flow(direction="request", url=f"https://api.example.org/feed?{name}=all"), page_size=8) == []


def test_a_long_page_is_cut_and_what_is_no_feed_is_not() -> None:
    posts = [{"text": "hello", "comments": [{"text": "hi"}] * 30}] * 12
    found = on_flow(flow({"feed": {"items": posts}, "countries": [{"name": "x"}] * 200}))
    assert [(change.path, change.count) for change in found if isinstance(change, KeepFirst)] == [("$.feed.items", 10)]
    assert [change.path for change in on_flow(flow(posts)) if isinstance(change, KeepFirst)] == ["$"]
    assert on_flow(flow({"items": posts[:10]})) == []


def test_nothing_is_fetched_ahead_unless_that_is_allowed() -> None:
    ahead = flow(direction="request", headers=(("sec-purpose", "prefetch;prerender"),))
    (refused,) = on_flow(ahead)
    assert isinstance(refused, Refuse)
    assert on_flow(ahead, prefetch=True) == []
    manifest = flow({"hints": [{}]}, kind="manifest", lists=(FlowList("$.hints", "hints", 1),))
    assert [(change.path, change.count) for change in on_flow(manifest)] == [("$.hints", 0)]
    assert on_flow(manifest, prefetch=True) == []
    assert on_flow(flow(kind="manifest")) == []


def test_it_runs_on_a_flow_in_a_trial(trial: Any) -> None:
    shown = trial(EndlessScroll, page_size=2).flow(flow({"posts": [{"text": "hello"}] * 3}))
    assert shown.of(KeepFirst) == [KeepFirst("$.posts", 2, why="pages of 2", label="endless scroll")]
