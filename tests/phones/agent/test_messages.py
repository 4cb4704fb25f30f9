"""Both halves of the protocol take the same messages and refuse the same: the examples are in ``messages.json``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.phones.agent import messages

EXAMPLES = json.loads((Path(__file__).parent / "messages.json").read_text(encoding="utf-8"))
READ = {"from": messages.read, "to": messages.read_to_agent}
Check = Callable[[str, object], Any]


def name(example: dict[str, Any]) -> str:
    return f"{example['side']}-{example['payload'].get('type')}-{example.get('why', '')}"


def dumped(example: dict[str, Any]) -> Any:
    """The message as the backend's half understands it, defaults and all, as JSON has it."""
    return json.loads(READ[example["side"]](example["payload"]).model_dump_json())


@pytest.fixture(scope="module")
def agent_check(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Check]:
    """The agent's half, running as it does in an app, in a process that has no Java."""
    frida = pytest.importorskip("frida", reason="frida is not installed; pip install 'mindproof[agent]'")
    from device_agent.agent.build import bundle

    script = bundle(tmp_path_factory.mktemp("agent"))
    waits = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        session = frida.attach(waits.pid)
        loaded = session.create_script(script)
        loaded.load()
        yield loaded.exports_sync.check
        loaded.unload()
        session.detach()
    finally:
        waits.kill()
        waits.communicate()


def test_every_message_has_an_example() -> None:
    seen = {(example["side"], example["payload"]["type"]) for example in EXAMPLES["good"]}
    for side, union in (("from", messages.FromAgent), ("to", messages.ToAgent)):
        members = union.__origin__.__args__  # type: ignore[attr-defined]
        assert {(side, member.model_fields["type"].default) for member in members} <= seen


@pytest.mark.parametrize("example", EXAMPLES["good"], ids=name)
def test_both_halves_understand_the_same(agent_check: Check, example: dict[str, Any]) -> None:
    assert agent_check(example["side"], example["payload"]) == dumped(example)


@pytest.mark.parametrize("example", EXAMPLES["bad"], ids=name)
def test_both_halves_refuse_the_same(agent_check: Check, example: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        READ[example["side"]](example["payload"])
    with pytest.raises(Exception, match=r"expected|version|unknown type"):
        agent_check(example["side"], example["payload"])


def test_the_version_of_the_other_side_is_named() -> None:
    with pytest.raises(ValueError, match="protocol version 2; this backend speaks 1"):
        messages.read({"v": 2, "type": "bye"})
