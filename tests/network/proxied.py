"""A proxy under trial: what it was asked, what it said, and curl as its client."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from backend.network.messages import PASS, FlowMessage, FlowVerdict, Note, ProxyState
from backend.network.supervisor import NetworkProxy
from backend.settings import Settings
from tests.network.origin import Origin


class Bench:
    """A running proxy, what it said, and a judge that each test sets."""

    def __init__(self, home: Path, env: Path, origin: Origin, silent_s: int = 30) -> None:
        self.origin = origin
        self.judge: Callable[[FlowMessage], FlowVerdict] = lambda flow: PASS
        self.flows: list[FlowMessage] = []
        self.notes: list[Note] = []
        self.states: list[ProxyState] = []
        self._news = threading.Condition()
        settings = Settings(home=home, network_env=env)
        self.proxy = NetworkProxy(
            settings, self._judge, self._note, self._state, upstream_ca=origin.roots, silent_s=silent_s
        )
        self.opt_in()

    def opt_in(
        self,
        *hosts: str,
        types: dict[str, str] | None = None,
        deadline_ms: int = 5000,
        upstream_s: float = 30.0,
    ) -> None:
        """What is handed over, JSON of every host of plaza.test by default."""
        self.flows.clear()
        self.judge = lambda flow: PASS
        self.proxy.configure(
            hosts=hosts or ("*.plaza.test",),
            types=types or {"application/json": "pass"},  # type: ignore[arg-type]
            deadline_ms=deadline_ms,
            addresses={"*.test": self.origin.address},
            upstream_s=upstream_s,
        )

    def curl(self, path: str, *options: str, host: str = "api.plaza.test", ca: Path | None = None) -> bytes:
        """What curl writes to its output; raises when it fails or takes a minute."""
        roots = ca or self.proxy.ca_certificate
        command = ["curl", "-sS", "-m", "60", "-x", f"http://127.0.0.1:{self.proxy.port}", "--cacert", str(roots)]
        done = subprocess.run([*command, *options, f"https://{host}{path}"], capture_output=True, check=True)
        return done.stdout

    def until(self, true: Callable[[], bool], within_s: float = 20.0) -> None:
        """Wait for a flow, note or state that makes it true."""
        with self._news:
            assert self._news.wait_for(true, within_s), (self.notes, self.states)

    def noted(self, what: str) -> bool:
        return any(note.what == what for note in self.notes)

    def memory_mb(self) -> float:
        """Most memory that mitmproxy ever had, in megabytes."""
        for line in Path(f"/proc/{self.proxy.state.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no VmHWM")

    def _judge(self, flow: FlowMessage) -> FlowVerdict:
        with self._news:
            self.flows.append(flow)
            self._news.notify_all()
        return self.judge(flow)

    def _note(self, note: Note) -> None:
        with self._news:
            self.notes.append(note)
            self._news.notify_all()

    def _state(self, state: ProxyState) -> None:
        with self._news:
            self.states.append(state)
            self._news.notify_all()


def gone(pid: int, within_s: float = 20.0) -> bool:
    """Whether a process ends in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        threading.Event().wait(0.02)
    return False
