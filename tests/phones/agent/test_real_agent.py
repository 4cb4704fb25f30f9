"""The real agent in the virtual phone's apps, put there as a session does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from backend.phones.agent.host import AgentHost
from backend.phones.agent.messages import Configure, Hello, Ping
from backend.phones.agent.scope import Scope
from backend.phones.phone import Phone

KILLED = """
import sys, threading
from pathlib import Path
from backend.phones.agent.host import AgentHost
from backend.phones.agent.messages import Configure
from backend.phones.agent.scope import Scope
from backend.phones.keys import host_key
from backend.phones.phone import Phone
from backend.phones.virtual import start_virtual_phone

folder, there = Path(sys.argv[1]), threading.Event()
with start_virtual_phone(0, (540, 1110), trusted_keys=host_key(folder).public_path) as running:
    with Phone(running.serial, folder) as phone:
        scope = Scope(("org.mindproof.launcher", "org.mindproof.feed"))
        host = AgentHost(phone, scope, lambda *_: None, lambda _: there.set(), cache=folder)
        host.configure(Configure(texts=True, tree=True, touches=True))
        with host:
            phone.shell("am start -n org.mindproof.feed/.FeedActivity")
            while len(host.attached) < 2:
                there.wait(60)
                there.clear()
            print(*(app.pid for app in host.attached), flush=True)
            threading.Event().wait(60)
"""
"""A phone and its backend in one process, which says who its apps are and waits to be killed."""

FEED = "org.mindproof.feed"
pytest.importorskip("frida", reason="frida is not installed; pip install 'mindproof[agent]'")
Make = Callable[[Any], AgentHost]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("agent")


@pytest.fixture
def make(virtual: Phone, cache: Path) -> Iterator[Make]:
    """Makes hosts with the real agent, which stop at the end, and waits until they watch."""
    with ExitStack() as stack:

        def make_host(heard: Any) -> AgentHost:
            host = AgentHost(virtual, Scope((FEED,)), heard.message, heard.state, cache=cache)
            stack.enter_context(host)
            heard.until(lambda: host.state.kind == "watching", 60)
            return host

        yield make_host


def _start(phone: Phone) -> None:
    assert "Status: ok" in phone.shell(f"am start -W -n {FEED}/.FeedActivity", 30).out


def test_its_texts_come_from_the_app_that_was_held_for_it(make: Make, virtual: Phone, heard: Any) -> None:
    host = make(heard)
    host.configure(Configure(texts=True))
    _start(virtual)
    heard.until_kind("attached", FEED)
    heard.until(lambda: "texts" in heard.types())
    hello = next(m for _, m, _ in heard.messages if isinstance(m, Hello))
    assert (hello.package, hello.runtime, hello.sdk) == (FEED, "jvm", None)
    assert hello.pid == host.attached[0].pid
    assert [hook for hook in hello.hooks if hook.state == "missing"] == []
    assert host.send(FEED, Ping(seq=5))
    heard.until(lambda: any(m.type == "pong" and m.seq == 5 for _, m, _ in heard.messages))
    host.stop()
    assert heard.types()[-1] == "bye"
    assert [m for _, m, _ in heard.messages if m.type == "problem"] == []


def test_a_second_backend_is_told_of_the_first_and_takes_over_when_it_leaves(
    make: Make, virtual: Phone, heard: Any
) -> None:
    first = make(heard)
    _start(virtual)
    heard.until_kind("attached", FEED)
    later = type(heard)()
    second = make(later)
    later.until_kind("failed", FEED)
    failed = next(one for state in later.states for one in state.apps if one.kind == "failed")
    assert "another" in failed.detail
    assert failed.remedy == "end the other backend that works with this phone, or restart the app"
    assert [app.package for app in first.attached] == [FEED]
    first.stop()
    later.until_kind("attached", FEED)
    assert [app.package for app in second.attached] == [FEED]


def test_no_app_stays_behind_when_phone_and_backend_are_killed(cache: Path, eventually: Callable[..., None]) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(cache)], stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        pids = [int(word) for word in one.stdout.readline().split()]
        assert len(pids) == 2
        one.kill()
        one.wait()
    eventually(lambda: not [pid for pid in pids if Path(f"/proc/{pid}").exists()])
