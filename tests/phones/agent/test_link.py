"""The agent in one process: in, out, and everything that may go wrong between."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.errors import AgentError
from backend.phones.agent import link as link_module
from backend.phones.agent.frida_library import LinkLost
from backend.phones.agent.link import APP_ENDED, AgentLink
from backend.phones.agent.messages import Bye, Configure, Ping, Problem
from backend.phones.agent.scope import AppRef

SERIAL = "test"
SILENT = "recv('leave', () => {});"
Make = Callable[..., AgentLink]


@pytest.fixture
def make(frida: Any, heard: Any, process: subprocess.Popen[bytes], agent: str) -> Iterator[Make]:
    """Makes links to the idle process, and takes them out at the end."""
    made: list[AgentLink] = []

    def make_link(script: str = agent, pid: int = process.pid) -> AgentLink:
        app = AppRef("org.example", pid)
        made.append(AgentLink(SERIAL, frida.get_local_device(), app, script, True, heard.message, heard.end))
        return made[-1]

    yield make_link
    for link in made:
        link.leave(0)


def test_it_enters_says_hello_hears_and_leaves(make: Make, heard: Any) -> None:
    link = make()
    link.enter()
    heard.until(lambda: link.hello)
    assert link.send(Configure(texts=True))
    heard.until(lambda: heard.echoes() == ["configure"])
    assert heard.messages[-1][2] == b"\x07"
    assert link.leave()
    assert heard.types()[-1] == "bye"
    assert not link.send(Ping(seq=1))
    assert heard.ends == []


def test_what_is_sent_at_once_is_heard_by_an_agent_that_listens_late(make: Make, heard: Any, agent: str) -> None:
    link = make(f"setTimeout(() => {{ {agent} }}, 100);")
    link.enter()
    for seq in (1, 2, 3):
        link.send(Ping(seq=seq))
    heard.until(lambda: heard.echoes() == ["ping"] * 3)


def test_an_agent_that_does_not_say_goodbye_is_taken_out_all_the_same(
    make: Make, process: subprocess.Popen[bytes]
) -> None:
    link = make(SILENT)
    link.enter()
    assert not link.leave(0.05)
    again = make()
    again.enter()
    assert process.poll() is None


def test_messages_that_are_none_are_dropped_counted_and_reported_once(make: Make, heard: Any) -> None:
    link = make()
    link.enter()
    for _ in range(3):
        link.send(Ping(seq=14))
    link.send(Ping(seq=1))
    heard.until(lambda: "ping" in heard.echoes())
    assert link.dropped == 3
    reports = [m for _, m, _ in heard.messages if isinstance(m, Problem) and m.where == "message"]
    assert len(reports) == 1
    assert "seq" in reports[0].message


@pytest.mark.parametrize(
    "sent", ["1", "null", "{v: 2, type: 'bye'}", "{v: 1, type: 'nonsense'}", "'x'.repeat(1000000)"]
)
def test_no_message_however_strange_breaks_the_link(make: Make, heard: Any, agent: str, sent: str) -> None:
    link = make(f"send({sent});{agent}")
    link.enter()
    heard.until(lambda: link.hello)
    assert link.dropped == 1


def test_what_the_agent_throws_is_a_problem_and_it_goes_on(make: Make, heard: Any) -> None:
    link = make()
    link.enter()
    link.send(Ping(seq=13))
    link.send(Ping(seq=1))
    heard.until(lambda: "ping" in heard.echoes())
    assert any(m.type == "problem" and "thirteen" in m.message for _, m, _ in heard.messages)


def test_an_agent_that_finds_another_refuses(make: Make, heard: Any) -> None:
    link = make("send({v: 1, type: 'problem', where: 'agent', message: 'another is here'});")
    link.enter()
    heard.until(lambda: link.refusal == "another is here")
    assert link.hello is None


def test_the_end_of_the_app_is_told_in_plain_words(make: Make, heard: Any, process: subprocess.Popen[bytes]) -> None:
    link = make()
    link.enter()
    process.kill()
    heard.until(lambda: heard.ends == [APP_ENDED])
    assert not link.send(Ping(seq=1))
    link.leave(0)
    assert heard.ends == [APP_ENDED]


def test_a_process_that_is_not_there_cannot_be_entered(make: Make) -> None:
    with pytest.raises(AgentError, match="has ended"):
        make(pid=2**22 - 1).enter()


def test_a_script_that_does_not_parse_is_an_error_and_leaves_nothing(make: Make, heard: Any) -> None:
    with pytest.raises(AgentError, match="entering"):
        make("this is no script").enter()
    assert heard.ends == []
    make().enter()


def test_an_app_that_never_lets_it_in_costs_only_the_deadline(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "ENTER_S", 0.3)
    monkeypatch.setattr(link_module, "OUT_S", 0.3)
    with pytest.raises(AgentError, match=r"did not finish within 0\.3 s"):
        make("while (true) {}").enter()


def test_a_lost_link_is_told_apart(frida: Any) -> None:
    from backend.phones.agent.frida_library import explain

    assert isinstance(explain(SERIAL, "x", 1, frida.TransportError("closed")), LinkLost)
    assert isinstance(explain(SERIAL, "x", 1, frida.ServerNotRunningError("closed")), LinkLost)
    assert not isinstance(explain(SERIAL, "x", 1, frida.ProcessNotFoundError("gone")), LinkLost)


def test_bye_is_told_to_the_listener_too(make: Make, heard: Any) -> None:
    link = make()
    link.enter()
    link.leave()
    assert any(isinstance(message, Bye) and message.restored == 7 for _, message, _ in heard.messages)
