"""What `mindproof bench network` measures with: an origin, mitmproxy alone, our proxy, and curl as the client."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine
from backend.errors import InputError, NetworkError
from backend.network.environment import Environment
from backend.network.judge import FLOW_HANDLERS, FlowJudge
from backend.network.supervisor import NetworkProxy
from backend.serving.host import ModelHost
from backend.settings import Settings

INTERVENTIONS = ("hate_speech", "demetrication")
OPTED_IN, TUNNELLED = "localhost", "127.0.0.2"
"""Two names of the same origin; mitmproxy also looks at the address that a name leads to, so they differ in it."""
_ALONE = "from mitmproxy.tools.main import mitmdump; mitmdump()"
_START_S = 60.0


@dataclass(frozen=True)
class Bench:
    """`alone` and `ours` are ports of proxies; `judge` is behind ours."""

    origin: int
    alone: int
    ours: int
    judge: FlowJudge
    certificates: Path

    def latencies(self, proxy: int, host: str, pages: Sequence[int]) -> list[float]:
        """Seconds of each request, one after the other over one connection."""
        return [float(line) for line in self._curl(proxy, host, pages, "-w", "%{time_total}\\n").split()]

    def rate(self, proxy: int, host: str, pages: Sequence[int], at_once: int) -> float:
        """Answers a second, `at_once` at a time."""
        began = time.perf_counter()
        self._curl(proxy, host, pages, "-Z", "--parallel-max", str(at_once))
        return len(pages) / (time.perf_counter() - began)

    def _curl(self, proxy: int, host: str, pages: Sequence[int], *options: str) -> str:
        each = 'url = "https://{}:{}/feed/{}"\noutput = "/dev/null"\n'
        config = "".join(each.format(host, self.origin, page) for page in pages)
        command = ["curl", "-sS", "--fail", "-x", f"http://127.0.0.1:{proxy}", "--cacert", str(self.certificates)]
        done = subprocess.run(
            [*command, *options, "-K", "-"], input=config, capture_output=True, text=True, check=False, timeout=300
        )
        if done.returncode:
            raise NetworkError(f"curl through the proxy failed: {done.stderr.strip().splitlines()[-1:]}")
        return done.stdout


@contextmanager
def bench(seed: int, pages: int, settings: Settings, say: Callable[[str], None]) -> Iterator[Bench]:
    """Everything running: our proxy with the shipped interventions, mitmproxy alone, and the origin.

    Raises:
        InputError: there is no curl.
        NetworkError: mitmproxy cannot be made or started.
    """
    try:
        subprocess.run(["curl", "--version"], capture_output=True, check=True)
    except OSError as error:
        raise InputError("curl is not installed", "sudo apt-get install curl") from error
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = Environment(settings.network_env or settings.home / "network" / "env").ready(say)
        with _origin(folder, seed, pages) as origin, _judge() as judge:
            ours = NetworkProxy(
                Settings(home=folder / "ours", network_env=python.parents[2]),
                judge.judge,
                upstream_ca=folder / "origin.pem",
            )
            ours.configure(hosts=(OPTED_IN,), types=judge.types(), deadline_ms=30_000)
            ours.start()
            try:
                with _alone(python, folder) as alone:
                    certificates = folder / "all.pem"
                    parts = (ours.ca_certificate, folder / "alone" / "mitmproxy-ca-cert.pem", folder / "origin.pem")
                    certificates.write_bytes(b"".join(part.read_bytes() for part in parts))
                    yield Bench(origin, alone, ours.port, judge, certificates)
            finally:
                ours.stop()


@contextmanager
def _judge() -> Iterator[FlowJudge]:
    engine = Engine(Catalog(), ModelHost().load, soft_deadline_s=None, handlers=FLOW_HANDLERS)
    try:
        for name in INTERVENTIONS:
            engine.enable(name, {}, apps=["*"])
        yield FlowJudge(engine, lambda entries: None)
    finally:
        engine.close()


@contextmanager
def _origin(folder: Path, seed: int, pages: int) -> Iterator[int]:
    command = [sys.executable, "-m", "backend.benchmarks.network_origin", str(folder), str(seed), str(pages)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


@contextmanager
def _alone(python: Path, folder: Path) -> Iterator[int]:
    """mitmproxy as it comes, silent, with the second host ignored."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    options = {
        "confdir": folder / "alone",
        "listen_host": "127.0.0.1",
        "listen_port": port,
        "ignore_hosts": f"^{TUNNELLED}:",
        "ssl_verify_upstream_trusted_ca": folder / "origin.pem",
    }
    command = [str(python), "-I", "-c", _ALONE, "-q"]
    for name, value in options.items():
        command += ["--set", f"{name}={value}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield port
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NetworkError(f"mitmproxy alone does not listen within {_START_S:g} s")
