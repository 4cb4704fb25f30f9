"""``mindproof network``: a real backend process with real mitmproxy, a phone, and what is left when it is killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from backend.network.sockets import parse_sockets
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.still import StillDevice

ROOT = Path(__file__).parents[2]
USER_STORE = "data/misc/user/0/cacerts-added"


def until(condition: Callable[[], object], within_s: float = 60.0) -> None:
    until_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until_s, "it did not come to be in time"
        time.sleep(0.05)


@dataclass
class Bench:
    """A phone that is not on this machine, as far as it tells, and the command line."""

    device: StillDevice
    serial: str
    environment: dict[str, str]
    started: list[subprocess.Popen[str]]

    @property
    def proxy(self) -> str:
        return self.device.settings["global"].get("http_proxy", "")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-c", "from backend.cli import main; main()", "network", *words]

    def run(self, *words: str) -> str:
        done = subprocess.run(
            self.command(*words), cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def on(self) -> subprocess.Popen[str]:
        """A backend process that leads the phone through its proxy."""
        process = subprocess.Popen(
            self.command("on", self.serial, "--hosts", "plaza.test"),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.started.append(process)
        until(lambda: self.proxy or process.poll() is not None)
        assert process.poll() is None
        return process


@pytest.fixture
def bench(tmp_path: Path, network_env: Path) -> Iterator[Bench]:
    environment = {**os.environ, "MINDPROOF_HOME": str(tmp_path / "home"), "MINDPROOF_NETWORK_ENV": str(network_env)}
    started: list[subprocess.Popen[str]] = []
    with (
        StillDevice(np.zeros((128, 96, 4), np.uint8), "<hierarchy/>") as device,
        AdbDaemon(device, "127.0.0.1", 0, tmp_path / "trusted", True) as daemon,
    ):
        (device.root / USER_STORE).mkdir(parents=True)
        yield Bench(device, f"127.0.0.1:{daemon.port}", environment, started)
        for process in started:
            process.kill()
            process.communicate()


def children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_phone_has_its_network_back_after_kill_9_of_the_backend(bench: Bench) -> None:
    process = bench.on()
    helpers = children(process.pid)
    assert len(helpers) >= 2  # mitmproxy, and the guard
    process.kill()
    until(lambda: not bench.proxy)
    until(lambda: not any(alive(pid) for pid in helpers))


def test_off_ends_whoever_leads_the_phone_and_the_proxy_is_gone(bench: Bench) -> None:
    process = bench.on()
    port = int(bench.proxy.rpartition(":")[2])
    told = json.loads(bench.run("status", bench.serial, "--json"))
    assert (told["proxy"], told["ours"]) == (bench.proxy, True)
    assert "uses no proxy" in bench.run("off", bench.serial)
    out, _ = process.communicate(timeout=60)
    assert "proxy is as it was" in re.sub(r"\s+", " ", out)
    assert bench.proxy == ""
    listening = [one for one in parse_sockets(Path("/proc/net/tcp").read_text()) if one.state == 10]
    assert port not in [one.local_port for one in listening]


def test_ctrl_c_gives_the_phone_back_what_it_had(bench: Bench) -> None:
    bench.device.settings["global"]["http_proxy"] = "proxy.example:3128"
    process = subprocess.Popen(
        bench.command("on", bench.serial, "--hosts", "plaza.test"),
        cwd=ROOT,
        env=bench.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    bench.started.append(process)
    until(lambda: bench.proxy.startswith("127.0.0.1"))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert (process.returncode, bench.proxy) == (0, "proxy.example:3128")


def test_without_a_host_nothing_is_started(bench: Bench) -> None:
    done = subprocess.run(
        bench.command("on", bench.serial), cwd=ROOT, env=bench.environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, "no host is opted in" in done.stderr, bench.proxy) == (1, True, "")


def test_a_proxy_of_the_phones_own_is_taken_away_only_by_force(bench: Bench) -> None:
    bench.device.settings["global"]["http_proxy"] = "proxy.example:3128"
    assert "which is its own" in bench.run("off", bench.serial)
    assert bench.proxy == "proxy.example:3128"
    bench.run("off", bench.serial, "--force")
    assert bench.proxy == ""


def test_the_authority_is_installed_and_removed_with_its_key(bench: Bench, tmp_path: Path) -> None:
    store = bench.device.root / USER_STORE
    assert "trusts" in bench.run("ca", bench.serial, "install")
    assert len(list(store.iterdir())) == 1
    bench.run("ca", bench.serial, "remove", "--forget")
    assert list(store.iterdir()) == []
    assert not (tmp_path / "home" / "network" / "ca").exists()
