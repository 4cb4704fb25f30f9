"""What the tests of the agent's link enter: processes that do nothing, a phone's frida-server, a phone with apps."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from backend.phones.agent.messages import FromAgent
from backend.phones.agent.scope import AppRef
from backend.phones.agent.state import HostState
from backend.phones.keys import host_key
from backend.phones.phone import Phone
from backend.phones.virtual import start_virtual_phone

AGENT = """
send({ v: 1, type: "hello", agent: "test", package: "PACKAGE", pid: Process.id, runtime: "jvm" });
(function listen() {
    recv((message) => {
        listen();
        if (message.type === "leave") {
            send({ v: 1, type: "bye", restored: 7 });
        } else if (message.type === "ping" && message.seq === 13) {
            throw new Error("thirteen");
        } else if (message.type === "ping" && message.seq === 14) {
            send({ v: 1, type: "pong", seq: "fourteen" });
        } else {
            const heard = JSON.stringify(message);
            send({ v: 1, type: "problem", where: message.type, message: heard }, new Uint8Array([7]).buffer);
        }
    });
})();
"""
"""Speaks the protocol, and says of every message that it has heard it."""


class Heard:
    """Messages and states, as a host or a link tells them."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, FromAgent, bytes | None]] = []
        self.states: list[HostState] = []
        self.ends: list[str] = []
        self._changed = threading.Condition()

    def message(self, app: AppRef | Any, message: FromAgent, data: bytes | None) -> None:
        with self._changed:
            self.messages.append((getattr(app, "app", app).package, message, data))
            self._changed.notify_all()

    def state(self, state: HostState) -> None:
        with self._changed:
            self.states.append(state)
            self._changed.notify_all()

    def end(self, _link: object, why: str) -> None:
        with self._changed:
            self.ends.append(why)
            self._changed.notify_all()

    def types(self, package: str | None = None) -> list[str]:
        return [message.type for name, message, _ in self.messages if package in (None, name)]

    def echoes(self, package: str | None = None) -> list[str]:
        """The types of what the test agent in `package` says it has heard."""
        return [m.where for name, m, _ in self.messages if m.type == "problem" and package in (None, name)]

    def until(self, condition: Callable[[], object], within_s: float = 20.0) -> None:
        """Wait until `condition` holds, looking after everything that is heard."""
        deadline = time.monotonic() + within_s
        with self._changed:
            while not condition():
                assert time.monotonic() < deadline, (self.types(), self.states[-1:], self.ends)
                self._changed.wait(0.1)

    def until_kind(self, kind: str, package: str, times: int = 1) -> None:
        """Wait until the agent in `package` has been `kind` so many times."""
        self.until(lambda: self.kinds(package).count(kind) >= times)

    def kinds(self, package: str) -> list[str]:
        """How it went with `package`, without repetition."""
        seen: list[tuple[AppRef, str]] = []
        for state in list(self.states):
            for one in state.apps:
                if one.app.package == package and (not seen or seen[-1] != (one.app, one.kind)):
                    seen.append((one.app, one.kind))
        return [kind for _, kind in seen]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def frida() -> Any:
    return pytest.importorskip("frida", reason="frida is not installed; pip install 'mindproof[agent]'")


@pytest.fixture
def spawn() -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts processes of this machine that do nothing, and let themselves be traced."""
    with ExitStack() as stack:

        def start() -> subprocess.Popen[bytes]:
            one = stack.enter_context(
                subprocess.Popen([sys.executable, "-c", _IDLE], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
            )
            stack.callback(one.kill)
            assert one.stdout is not None
            assert one.stdout.readline()
            return one

        yield start


@pytest.fixture
def process(spawn: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    return spawn()


_IDLE = """
import ctypes, sys
try:
    ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)  # PR_SET_PTRACER, PR_SET_PTRACER_ANY
except (OSError, AttributeError):
    pass
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def running_phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A virtual phone with its apps, shared by a module: its serial, and the folder of the key it knows."""
    keys = tmp_path_factory.mktemp("keys")
    with start_virtual_phone(0, (540, 1110), trusted_keys=host_key(keys).public_path) as running:
        yield running.serial, keys


@pytest.fixture
def virtual(running_phone: tuple[str, Path]) -> Iterator[Phone]:
    """The virtual phone, at home, with no other app running."""
    serial, keys = running_phone
    with Phone(serial, keys) as phone:
        _tidy(phone)
        yield phone
        _tidy(phone)


def _tidy(phone: Phone) -> None:
    for name in ("feed", "chat", "reader", "shorts"):
        phone.shell(f"am force-stop org.mindproof.{name}")
    phone.shell("input keyevent HOME")
    phone.shell("am clear-debug-app")


@pytest.fixture
def agent() -> str:
    """The test agent's script."""
    return AGENT
