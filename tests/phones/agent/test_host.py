"""The agent's host with a virtual phone's apps: who is entered, when, and that nothing stays behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.phones.agent.host import AgentHost
from backend.phones.agent.link import SCRIPT_ENDED
from backend.phones.agent.messages import Configure, Effect, Effects, Ping, Verdict
from backend.phones.agent.scope import Scope
from backend.phones.foreground import SYSTEM_UI
from backend.phones.phone import Phone

FEED, CHAT, LAUNCHER = "org.mindproof.feed", "org.mindproof.chat", "org.mindproof.launcher"
KEY = "0123456789abcdef0123456789abcdef"
Make = Callable[..., AgentHost]


@pytest.fixture
def make(frida: Any, virtual: Phone, heard: Any, agent: str) -> Iterator[Make]:
    """Makes hosts for the virtual phone, starts them, waits until they watch, and stops them at the end."""
    made: list[AgentHost] = []

    def make_host(*apps: str, script: str = agent, system_ui: bool = False, **more: Any) -> AgentHost:
        scope = Scope(apps, system_ui)
        host = AgentHost(virtual, scope, heard.message, heard.state, script=lambda: script, **more)
        made.append(host.start())
        heard.until(lambda: heard.states and heard.states[-1].kind == "watching")
        return host

    before = set(threading.enumerate())
    yield make_host
    for host in made:
        host.stop()
    ours = [t for t in set(threading.enumerate()) - before if "agent" in t.name or "app " in t.name]
    assert ours == []


def _start(phone: Phone, package: str) -> None:
    activity = {FEED: "FeedActivity", CHAT: "ChatActivity"}[package]
    result = phone.shell(f"am start -W -n {package}/.{activity}", 30)
    assert "Status: ok" in result.out


def _pid(phone: Phone, package: str) -> int:
    return int(phone.shell(f"pidof {package}").out)


def test_an_app_is_entered_before_it_shows_anything(make: Make, virtual: Phone, heard: Any) -> None:
    host = make(FEED)
    host.configure(Configure(texts=True))
    host.verdicts([Verdict(key=KEY, effect=Effect(kind="hide"))])
    _start(virtual, FEED)  # returns with the first frame
    assert heard.types(FEED)[:1] == ["hello"]
    assert heard.echoes(FEED) == ["verdicts", "configure"]
    assert [app.pid for app in host.attached] == [_pid(virtual, FEED)]


def test_only_apps_in_scope_are_entered(make: Make, virtual: Phone, heard: Any) -> None:
    host = make("org.*.chat")
    _start(virtual, FEED)
    _start(virtual, CHAT)
    heard.until_kind("attached", CHAT)
    assert [app.package for app in host.attached] == [CHAT]
    assert heard.kinds(FEED) == []
    assert not host.send(FEED, Ping(seq=1))


def test_an_app_that_runs_already_is_entered_too(make: Make, virtual: Phone, heard: Any) -> None:
    _start(virtual, FEED)
    make(FEED)
    heard.until_kind("attached", FEED)


def test_several_apps_at_once_each_hear_what_is_for_them(make: Make, virtual: Phone, heard: Any) -> None:
    host = make(FEED, CHAT)
    _start(virtual, FEED)
    _start(virtual, CHAT)
    heard.until(lambda: len(host.attached) == 2)
    host.effects(FEED, Effects(seq=1))
    assert host.send(CHAT, Ping(seq=2))
    host.configure(Configure(tree=True))
    heard.until(lambda: heard.echoes(FEED)[-2:] == ["effects", "configure"])
    heard.until(lambda: heard.echoes(CHAT)[-2:] == ["ping", "configure"])


def test_a_restarted_app_is_entered_again_and_told_everything(make: Make, virtual: Phone, heard: Any) -> None:
    host = make(FEED)
    host.configure(Configure(texts=True))
    _start(virtual, FEED)
    first = _pid(virtual, FEED)
    host.verdicts([Verdict(key=KEY, effect=Effect(kind="hide"))])
    virtual.shell(f"am force-stop {FEED}")
    heard.until_kind("lost", FEED)
    _start(virtual, FEED)
    heard.until(lambda: heard.types(FEED).count("hello") == 2)
    heard.until(lambda: heard.echoes(FEED)[-2:] == ["verdicts", "configure"])
    assert [app.pid for app in host.attached] == [_pid(virtual, FEED)] != [first]
    assert heard.kinds(FEED) == ["entering", "attached", "lost", "entering", "attached"]


def test_an_agent_that_ends_is_put_in_again(make: Make, virtual: Phone, heard: Any, frida: Any) -> None:
    host = make(FEED)
    _start(virtual, FEED)
    heard.until_kind("attached", FEED)
    link = next(iter(host._agents._links.values()))  # the seat of the fault: only a broken agent ends by itself
    link._script.unload()
    heard.until_kind("lost", FEED)
    heard.until_kind("attached", FEED, times=2)
    assert SCRIPT_ENDED in {one.detail for state in heard.states for one in state.apps}


def test_stopping_leaves_every_app_and_the_phone_as_they_were(make: Make, virtual: Phone, heard: Any) -> None:
    before = virtual.shell("settings list global").out
    host = make(FEED, CHAT)
    assert "debug_app=" in virtual.shell("settings list global").out
    _start(virtual, FEED)
    host.stop()
    assert heard.types(FEED)[-1] == "bye"
    assert host.attached == ()
    assert host.state.kind == "stopped"
    assert virtual.shell("settings list global").out == before
    assert virtual.foreground().package == FEED


def test_an_agent_that_never_begins_is_given_up_and_the_app_goes_on(
    make: Make, virtual: Phone, heard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.phones.agent.host.HELLO_S", 0.3)
    host = make(FEED, script="recv(() => {});")
    _start(virtual, FEED)
    heard.until_kind("failed", FEED)
    failed = next(one for state in heard.states for one in state.apps if one.kind == "failed")
    assert "did not begin" in failed.detail
    assert host.attached == ()
    assert virtual.foreground().package == FEED


def test_an_app_whose_agent_refuses_goes_on_and_it_is_said_why(make: Make, virtual: Phone, heard: Any) -> None:
    make(FEED, script="send({v: 1, type: 'problem', where: 'agent', message: 'another is here'});")
    _start(virtual, FEED)
    heard.until_kind("failed", FEED)
    state = next(s for s in reversed(heard.states) if s.apps and s.apps[-1].kind == "failed").apps[-1]
    assert "another is here" in state.detail
    assert "the other backend" in state.remedy


def test_what_a_listener_raises_loses_no_further_message(
    frida: Any, virtual: Phone, heard: Any, agent: str, caplog: pytest.LogCaptureFixture
) -> None:
    def listen(*told: Any) -> None:
        heard.message(*told)
        raise RuntimeError("a fault of the listener's")

    with AgentHost(virtual, Scope((FEED,)), listen, heard.state, script=lambda: agent) as host:
        heard.until(lambda: heard.states and heard.states[-1].kind == "watching")
        _start(virtual, FEED)
        host.send(FEED, Ping(seq=1))
        heard.until(lambda: "ping" in heard.echoes(FEED))
    assert "a fault of the listener's" in caplog.text


def test_a_phone_that_is_not_there_is_a_state_and_tried_again(
    frida: Any, heard: Any, agent: str, tmp_path: Any
) -> None:
    phone = Phone("127.0.0.1:1", tmp_path)
    with AgentHost(phone, Scope(), heard.message, heard.state, script=lambda: agent) as host:
        heard.until(lambda: host.state.kind == "unavailable")
        assert "nothing listens there" in host.state.detail
        assert host.state.remedy
        host.configure(Configure())
        assert not host.send(FEED, Ping(seq=1))
    assert host.state.kind == "stopped"


def test_what_a_backend_left_that_was_killed_is_not_put_back(make: Make, virtual: Phone) -> None:
    virtual.shell(f"settings put global debug_app {FEED},{CHAT}")
    virtual.shell("settings put global wait_for_debugger 1")
    make(FEED).stop()
    assert "debug_app" not in virtual.shell("settings list global").out


def test_what_somebody_set_before_is_put_back(make: Make, virtual: Phone) -> None:
    virtual.shell("am set-debug-app --persistent org.mindproof.reader")
    make(FEED).stop()
    assert virtual.shell("settings get global debug_app").out.strip() == "org.mindproof.reader"


def test_system_ui_is_entered_only_when_overlays_are_wanted(make: Make, virtual: Phone, heard: Any) -> None:
    host = make("*")
    heard.until_kind("attached", LAUNCHER)
    assert SYSTEM_UI not in {app.package for app in host.attached}
    host.stop()
    host = make(system_ui=True)
    heard.until_kind("attached", SYSTEM_UI)
    assert [app.package for app in host.attached] == [SYSTEM_UI]


def test_an_app_killed_while_the_agent_begins_is_entered_when_it_starts_again(
    make: Make, virtual: Phone, heard: Any, agent: str
) -> None:
    make(FEED, script=f"setTimeout(() => {{ {agent} }}, 700);")
    virtual.shell(f"am start -n {FEED}/.FeedActivity")
    heard.until_kind("entering", FEED)
    virtual.shell(f"am force-stop {FEED}")
    heard.until(lambda: {"lost", "failed"} & set(heard.kinds(FEED)))
    _start(virtual, FEED)
    heard.until_kind("attached", FEED)


def test_apps_are_held_again_when_the_phone_has_stopped_it(
    make: Make, virtual: Phone, heard: Any, eventually: Callable[..., None]
) -> None:
    make(FEED)
    virtual.shell("am clear-debug-app")
    eventually(lambda: virtual.shell("settings get global debug_app").out.strip() == FEED)
    _start(virtual, FEED)
    assert heard.types(FEED)[:1] == ["hello"]


def test_another_scope_leaves_what_is_out_enters_what_is_new_and_touches_nothing_else(
    make: Make, virtual: Phone, heard: Any
) -> None:
    host = make(FEED, LAUNCHER)
    _start(virtual, CHAT)
    _start(virtual, FEED)
    heard.until_kind("attached", FEED)
    heard.until_kind("attached", LAUNCHER)
    host.configure(Configure(texts=True))
    host.rescope(Scope((LAUNCHER, CHAT)))
    heard.until_kind("attached", CHAT)
    heard.until_kind("left", FEED)
    assert {app.package for app in host.attached} == {LAUNCHER, CHAT}
    assert heard.types(LAUNCHER).count("hello") == 1
    assert heard.kinds(LAUNCHER) == ["entering", "attached"]
    assert heard.echoes(CHAT)[-1] == "configure"
    told = next(one for one in host.state.apps if one.app.package == FEED)
    assert (told.kind, told.detail) == ("left", "")
    host.rescope(Scope((FEED, LAUNCHER)))
    heard.until_kind("attached", FEED, times=2)
    virtual.shell(f"am force-stop {CHAT}")
    _start(virtual, CHAT)
    assert heard.kinds(CHAT)[-1] in ("left", "lost")
