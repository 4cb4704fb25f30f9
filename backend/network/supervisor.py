"""mitmproxy's life: started with its environment, watched, started again, and never left behind.

mitmproxy gets one end of a pair of sockets when it is started. Nobody else can open that link, and when the other
end closes, for whatever reason, `kill -9` of the backend included, mitmproxy ends.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from backend.errors import NetworkError
from backend.network.ca import Authority
from backend.network.environment import Environment
from backend.network.link import Link
from backend.network.messages import FlowMessage, FlowVerdict, Late, Note, ProxyState, Rules
from backend.phones.backoff import Backoff
from backend.settings import Settings

log = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[2]
_RUN = "import sys; sys.path.append(sys.argv.pop(1)); from backend.network.addon.run import main; main(sys.argv[1:])"
_START_S = 60.0
_END_S = 5.0
_CONFIGURE_S = 2.0
_LAST_WORDS = 20


class NetworkProxy:
    """An HTTP proxy on 127.0.0.1 whose flows of opted-in hosts are judged by `on_flow`.

    `on_flow` is called from several threads at once, `on_note` and `on_state` from one at a time.
    An exception of `on_flow` is logged and counts as no verdict: the flow's `Late` decides.
    `upstream_ca` is a PEM file of authorities that hosts are checked against instead of the public ones; it may be set
    until `start`.
    mitmproxy that says nothing for `silent_s` seconds is taken for hung, and started again.
    """

    def __init__(
        self,
        settings: Settings,
        on_flow: Callable[[FlowMessage], FlowVerdict],
        on_note: Callable[[Note], None] = lambda note: None,
        on_state: Callable[[ProxyState], None] = lambda state: None,
        *,
        port: int = 0,
        upstream_ca: Path | None = None,
        silent_s: int = 30,
    ) -> None:
        self._on_flow, self._on_note, self._on_state = on_flow, on_note, on_state
        self.upstream_ca, self._silent_s = upstream_ca, silent_s
        self._environment = Environment(settings.network_env or settings.home / "network" / "env")
        self._authority = Authority(settings.home / "network" / "ca")
        self._lock, self._telling = threading.Lock(), threading.RLock()
        self._rules = Rules()
        self._state = ProxyState(port=port)
        self._link: Link | None = None
        self._process: subprocess.Popen[str] | None = None
        self._ending = threading.Event()
        self._settled = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """Make the environment if need be, start mitmproxy, and return once it listens.

        Raises:
            NetworkError: the environment cannot be made, or mitmproxy does not start; says why.
        """
        if self._watcher is not None:
            return
        why = self._begin()
        if "ImportError" in why or "ModuleNotFoundError" in why:
            log.warning("mitmproxy's environment is broken (%s): making it anew", why)
            self._environment.discard()
            why = self._begin()
        if why:
            raise NetworkError(f"mitmproxy does not start: {why}", _remedy(why))

    def stop(self) -> None:
        """End mitmproxy. Nothing of it is left afterwards. May be called twice."""
        self._ending.set()
        with self._lock:
            if self._process is not None:
                _kill(self._process)
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None
            self._change(phase="stopped", pid=0)

    def configure(
        self,
        *,
        hosts: tuple[str, ...],
        types: Mapping[str, Late],
        deadline_ms: int = 1500,
        addresses: Mapping[str, str] | None = None,
        upstream_s: float = 120.0,
    ) -> None:
        """From now on: see `backend.network.messages.Rules`. May be called before `start` and at any time.

        Returns when it is in force. Connections that were made before are closed if the hosts change. Not to be
        called from within `on_note` or `on_state`.
        """
        rules = Rules(hosts, dict(types), deadline_ms, upstream_s, addresses=dict(addresses or {}))
        with self._lock:
            self._rules = rules
            link = self._link
        if link is not None and self._state.phase == "running":
            link.configure(rules, wait_s=_CONFIGURE_S)

    @property
    def port(self) -> int:
        """On 127.0.0.1; the same after restarts; 0 before the first start."""
        return self._state.port

    @property
    def state(self) -> ProxyState:
        return self._state

    @property
    def ca_certificate(self) -> Path:
        """PEM file of this installation's authority, without its key; made when first asked for."""
        return self._authority.certificate()

    def _begin(self) -> str:
        """Start the watch over mitmproxy's lives; why the first one failed, or ""."""
        self._ending.clear()
        self._settled.clear()
        try:
            self._change(phase="making", detail="", restarts=0)
            python = self._environment.ready(lambda text: self._change(detail=text))
            self._authority.certificate()
        except NetworkError as error:
            self._change(phase="stopped", detail=error.message)
            raise
        self._change(phase="starting", detail="")
        self._watcher = threading.Thread(target=self._watch, args=(python,), name="network-watch", daemon=True)
        self._watcher.start()
        self._settled.wait(_START_S)
        if self._state.phase == "running":
            return ""
        why = self._state.detail or f"it did not listen within {_START_S:g} s"
        self.stop()
        return why

    def _watch(self, python: Path) -> None:
        backoff = Backoff()
        while not self._ending.is_set():
            why = self._live(python, backoff)
            if self._ending.is_set():
                break
            first = not self._settled.is_set()
            self._change(phase="restarting", pid=0, detail=why, restarts=self._state.restarts + 1)
            self._settled.set()
            if first:
                return
            log.warning("mitmproxy ended (%s): starting it again", why)
            self._ending.wait(backoff.delay_s())
        self._settled.set()

    def _live(self, python: Path, backoff: Backoff) -> str:
        """One life of mitmproxy, from start to end; returns its last words."""
        ours, its = socket.socketpair()
        with self._lock, its:
            if self._ending.is_set():
                ours.close()
                return ""
            try:
                process = self._process = self._spawn(python, its)
            except OSError as error:
                ours.close()
                return f"{python}: {error.strerror}"

        def hello(header: dict[str, Any]) -> None:
            with self._lock:
                link.configure(self._rules)
            backoff.reset()
            self._change(pid=process.pid, port=int(header["port"]))

        def configured() -> None:
            if self._state.phase != "running":
                self._change(phase="running", detail="")
                self._settled.set()

        def silence() -> None:
            words.append(f"it failed to answer for {self._silent_s} s")
            _kill(process)

        words: deque[str] = deque(maxlen=_LAST_WORDS)
        with self._lock:
            link = self._link = Link(
                ours, hello, configured, self._on_flow, self._on_note, silence, silent_s=self._silent_s
            )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                log.debug("mitmproxy: %s", line.rstrip())
                words.append(line.strip())
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            words.append("it closed its output and did not end")
        finally:
            _kill(process)
            with self._lock:
                self._link = self._process = None
            link.close()
        return _reason(words) or f"exit status {process.returncode}"

    def _spawn(self, python: Path, its: socket.socket) -> subprocess.Popen[str]:
        options = {
            "confdir": str(self._authority.folder),
            "listen_host": "127.0.0.1",
            "listen_port": self._state.port,
        }
        if self.upstream_ca is not None:
            options["ssl_verify_upstream_trusted_ca"] = str(self.upstream_ca)
        given = [f"{name}={value}" for name, value in options.items()]
        return subprocess.Popen(
            [str(python), "-I", "-c", _RUN, str(_ROOT), str(its.fileno()), *given],
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "TMPDIR")},
            start_new_session=True,
        )

    def _change(self, **changes: Any) -> None:
        with self._telling:
            self._state = state = replace(self._state, **changes)
            self._on_state(state)


def _kill(process: subprocess.Popen[str]) -> None:
    """Its whole group, at once: it holds nothing that has to be saved."""
    with contextlib.suppress(ProcessLookupError):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait(_END_S)


def _reason(words: Iterable[str]) -> str:
    """The line that says why it ended: mitmproxy adds advice after it, Python puts it last."""
    lines = [line for line in words if line]
    return next((line for line in lines if "failed to" in line or "[Errno" in line), lines[-1] if lines else "")


def _remedy(why: str) -> str:
    if "in use" in why:
        return "end what listens on that port, or take another"
    return "run with --verbose to see its own words"
