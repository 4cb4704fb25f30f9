"""The agent arrives, says what it hooked, and answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.phones.agent import messages
from device_agent.agent.build import agent_version

ESSENTIAL = (
    "android.widget.TextView#setText(java.lang.CharSequence,android.widget.TextView$BufferType)",
    "android.widget.ImageView#setImageDrawable(android.graphics.drawable.Drawable)",
    "android.view.View#setContentDescription(java.lang.CharSequence)",
)


def test_hello_names_app_runtime_and_every_hook(inject: Callable[..., object]) -> None:
    agent = inject("feed")
    hello = messages.read(agent.wait_for("hello"))
    assert isinstance(hello, messages.Hello)
    assert (hello.package, hello.pid, hello.runtime, hello.sdk) == ("org.mindproof.feed", agent.pid, "jvm", None)
    assert hello.agent == agent_version()
    states = {hook.target: hook for hook in hello.hooks}
    assert all(states[target].state == "on" for target in ESSENTIAL)
    assert all(hook.why for hook in hello.hooks if hook.state == "missing")


def test_ping_is_answered_by_the_main_thread(inject: Callable[..., object]) -> None:
    agent = inject("feed")
    pong = messages.read(agent.settle(7))
    assert isinstance(pong, messages.Pong)
    assert pong.uptime_ms > 0


def test_leave_says_bye_and_another_agent_may_come(inject: Callable[..., object]) -> None:
    first = inject("feed")
    assert first.leave() == {"v": 1, "type": "bye", "restored": 0}
    first.close()
    assert inject(pid=first.pid).wait_for("hello")["pid"] == first.pid


def test_a_second_agent_stands_back_and_says_so(inject: Callable[..., object]) -> None:
    first = inject("feed")
    second = inject(pid=first.pid, hello=False)
    problem = second.wait_for("problem")
    assert problem["where"] == "agent"
    assert "another agent" in problem["message"]
    first.settle(1)


def test_unloading_without_leave_makes_way_for_the_next(inject: Callable[..., object]) -> None:
    first = inject("feed")
    first.close()
    inject(pid=first.pid)


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("android.widget.NoSuchView#setHint(java.lang.CharSequence)", "NoSuchView"),
        ("android.widget.TextView#setNoSuch(java.lang.CharSequence)", "no method setNoSuch"),
        ("android.widget.TextView#setHint(java.lang.Void)", "argument types do not match"),
    ],
)
def test_a_hook_whose_target_is_missing_says_so_and_the_others_work(
    inject: Callable[..., Any], agent_script: str, target: str, why: str
) -> None:
    script = agent_script.replace("android.widget.TextView#setHint(java.lang.CharSequence)", target)
    agent = inject("feed", script=script)
    hello = messages.read(agent.wait_for("hello"))
    assert isinstance(hello, messages.Hello)
    missing = next(hook for hook in hello.hooks if hook.target == target)
    assert missing.state == "missing"
    assert why in missing.why
    agent.post("configure", texts=True)
    agent.wait_for("texts")
