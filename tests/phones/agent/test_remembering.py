"""What later agents are told, which apps are whose, and what is handed on."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.phones.agent.delivery import Delivery
from backend.phones.agent.memory import BATCH, Memory
from backend.phones.agent.messages import Configure, Effect, Verdict, Verdicts
from backend.phones.agent.scope import AppRef, Scope
from backend.phones.agent.starts import parse_start

keys = st.integers(0, 40).map(lambda number: f"{number:032x}")
verdicts = st.builds(Verdict, key=keys, effect=st.builds(Effect, kind=st.sampled_from(["show", "hide", "cover"])))


@given(st.lists(st.tuples(st.lists(verdicts, max_size=20), st.booleans()), max_size=10), st.integers(1, 30))
def test_the_newest_verdicts_are_told_each_once_and_no_more_than_are_kept(
    lessons: list[tuple[list[Verdict], bool]], most: int
) -> None:
    memory = Memory(most)
    newest: dict[str, Verdict] = {}
    for items, forget in lessons:
        memory.learn(items, forget)
        if forget:
            newest.clear()
        for item in items:
            newest.pop(item.key, None)
            newest[item.key] = item
    told = [item for message in memory.told() if isinstance(message, Verdicts) for item in message.items]
    assert told == list(newest.values())[-most:]
    assert memory.verdicts == len(told)


def test_an_agent_that_comes_late_hears_verdicts_before_it_is_configured() -> None:
    memory = Memory()
    memory.configure(Configure(texts=True))
    memory.learn([Verdict(key="0" * 32, effect=Effect(kind="hide"))], forget=False)
    assert [message.type for message in memory.told()] == ["verdicts", "configure"]


def test_many_verdicts_travel_in_batches_under_one_number_and_forget_once() -> None:
    memory = Memory()
    items = [Verdict(key=f"{number:032x}", effect=Effect(kind="hide")) for number in range(2 * BATCH + 1)]
    messages = memory.learn(items, forget=True)
    assert [len(message.items) for message in messages] == [BATCH, BATCH, 1]
    assert {message.seq for message in messages} == {memory.seq}
    assert [message.forget for message in messages] == [True, False, False]
    assert [message.forget for message in memory.learn([], forget=True)] == [True]
    assert memory.verdicts == 0


@pytest.mark.parametrize(
    ("package", "scope", "takes"),
    [
        ("org.example", Scope(("org.example",)), True),
        ("org.example.chat", Scope(("org.example",)), False),
        ("org.example.chat", Scope(("org.*", "com.x")), True),
        ("Org.example", Scope(("org.*",)), False),
        ("com.android.systemui", Scope(("*",)), False),
        ("com.android.systemui", Scope((), system_ui=True), True),
        ("com.android.settings", Scope(("*",)), False),
        ("system_server", Scope(("*",)), False),
    ],
)
def test_the_scope_decides_and_keeps_out_of_what_must_not_break(package: str, scope: Scope, takes: bool) -> None:
    assert scope.takes(package) == takes


@pytest.mark.parametrize(
    ("line", "app"),
    [
        (
            "I/ActivityManager( 1012): Start proc 4711:org.mindproof.feed/u0a82 for org.mindproof.feed.FeedActivity",
            AppRef("org.mindproof.feed", 4711),
        ),
        (
            "I/ActivityManager( 1523): Start proc 21034:com.example.app/u0a255 for pre-top-activity "
            "{com.example.app/com.example.app.Main} caller=com.google.android.apps.nexuslauncher",
            AppRef("com.example.app", 21034),
        ),
        ("I/ActivityManager( 1523): Start proc 99:com.example.app:push/u0a255 for service {com.example.app/.P}", None),
        ("I/ActivityManager( 1523): Start proc 77:webview_zygote/1053 [android.os.ExternalZygote] for zygote", None),
        ("I/ActivityManager( 1523): Killing 21034:com.example.app/u0a255 (adj 900): empty", None),
        ("--------- beginning of system", None),
    ],
)
def test_the_log_tells_which_app_has_started(line: str, app: AppRef | None) -> None:
    assert parse_start(line) == app or (app is None and "webview_zygote" in line)


@given(st.text())
def test_no_line_breaks_the_reader_of_starts(line: str) -> None:
    parse_start(line)


def test_tasks_run_in_order_and_a_failing_one_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    delivery, seen = Delivery("test"), list[int]()

    def fail() -> None:
        raise RuntimeError("the second")

    delivery.start()
    for task in (lambda: seen.append(1), fail, lambda: seen.append(3)):
        delivery.put(task)
    delivery.stop()
    assert seen == [1, 3]
    assert "the second" in caplog.text


def test_more_than_a_listener_takes_is_refused_counted_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    delivery, go, seen = Delivery("test", most=3), threading.Event(), list[int]()
    delivery.start()
    began = threading.Event()

    def hold() -> None:
        began.set()
        go.wait(10)

    delivery.put(hold)
    assert began.wait(10)
    for number in range(10):
        delivery.put(lambda number=number: seen.append(number))
    delivery.put(lambda: seen.append(99), must=True)
    go.set()
    delivery.stop()
    assert seen == [0, 1, 2, 99]
    assert delivery.refused == 7
    assert len(caplog.records) == 1
