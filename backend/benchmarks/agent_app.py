"""What the agent benchmark drives: an app of the virtual phone, the agent in it, and a hand of its own beside."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from backend.errors import AgentError
from backend.phones.agent.frida_library import frida_errors, library
from backend.phones.agent.link import AgentLink
from backend.phones.agent.messages import FromAgent, ToAgent
from backend.phones.agent.scope import AppRef
from backend.phones.agent.script import agent_script, script_with_java
from backend.phones.keys import host_key
from backend.phones.phone import Phone
from backend.phones.virtual import RunningPhone, start_virtual_phone

M = TypeVar("M")

FEED = "org.mindproof.feed"
WAIT_S = 30.0


@dataclass(frozen=True)
class Heard:
    """One message of the agent, and when it was here (``time.monotonic``)."""

    message: FromAgent
    at_s: float


@dataclass
class Agent:
    """The agent in one app, and all it has said."""

    link: AgentLink
    heard: list[Heard] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def send(self, message: ToAgent) -> None:
        self.link.send(message)

    def of(self, kind: type[M]) -> list[M]:
        """All messages of a kind so far."""
        with self.changed:
            return [one.message for one in self.heard if isinstance(one.message, kind)]

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait, from message to message."""
        deadline = monotonic() + WAIT_S
        with self.changed:
            while not condition():
                left = deadline - monotonic()
                if left <= 0:
                    raise AgentError(self.link.serial, f"waited {WAIT_S:.0f} s in vain for {what}", "run it again")
                self.changed.wait(left)


@dataclass(frozen=True)
class Bench:
    """A virtual phone, and the way into its apps."""

    virtual: RunningPhone
    phone: Phone
    script: str

    def open(self) -> None:
        """Start the feed anew."""
        self.close()
        self.phone.shell(f"am start -W -n {FEED}/.FeedActivity")

    def close(self) -> None:
        self.phone.shell(f"am force-stop {FEED}")

    def pid(self) -> int:
        """The feed's process id, 0 when it does not run."""
        said = self.phone.shell(f"pidof {FEED}").out.split()
        return int(said[0]) if said else 0

    def rest(self, still_s: float = 0.4) -> None:
        """Wait until nothing is drawn for so long."""
        device = self.virtual.device
        frame = device.frame_number()
        while (after := device.wait_for_frame(frame, still_s)) != frame:
            frame = after

    def scroll(self, distance: int) -> None:
        """Drag upwards by so many pixels, and let it come to rest."""
        self.virtual.device.swipe(540, 1110 + distance // 2, 540, 1110 - distance // 2, 300)
        self.rest()

    @contextmanager
    def agent(self) -> Iterator[Agent]:
        """The agent in the feed; it leaves at the end."""

        def hear(_link: AgentLink, message: FromAgent, _data: bytes | None) -> None:
            with agent.changed:
                agent.heard.append(Heard(message, monotonic()))
                agent.changed.notify_all()

        device = library(self.phone.serial).get_local_device()
        link = AgentLink(self.phone.serial, device, AppRef(FEED, self.pid()), self.script, True, hear, lambda *_: None)
        agent = Agent(link)
        link.enter()
        try:
            yield agent
        finally:
            link.leave()

    @contextmanager
    def driver(self) -> Iterator[Any]:
        """The benchmark's own script in the feed: see `agent_driver.js`."""
        frida = library(self.phone.serial)
        source = resources.files("backend.benchmarks").joinpath("agent_driver.js").read_text(encoding="utf-8")
        session = frida.attach(self.pid())
        try:
            script = session.create_script(script_with_java(self.phone.serial, source), name="driver")
            script.load()
            yield script.exports_sync
        finally:
            with suppress(*frida_errors(frida)):  # the app may be gone
                session.detach()


@contextmanager
def bench(seed: int, key_dir: Path) -> Iterator[Bench]:
    """A virtual phone of its own for as long as the block lasts."""
    keys = host_key(key_dir).public_path
    with (
        start_virtual_phone(port=0, size=(1080, 2220), seed=seed, trusted_keys=keys) as virtual,
        Phone(virtual.serial, key_dir) as phone,
    ):
        yield Bench(virtual, phone, agent_script(virtual.serial))


def resident_mib(pid: int) -> float:
    """Resident memory of a process, MiB."""
    return _status(pid, "VmRSS") / 1024


def threads(pid: int) -> int:
    """How many threads a process has; 0 when it is not there."""
    return _status(pid, "Threads")


def _status(pid: int, name: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)
    return int(found[1]) if found else 0
