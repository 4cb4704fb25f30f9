"""mitmproxy's life and end."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from backend.errors import NetworkError
from backend.network.ca import Authority
from backend.network.messages import PASS
from backend.network.supervisor import NetworkProxy
from backend.settings import Settings
from tests.network.origin import FEED, Origin
from tests.network.proxied import Bench, gone


def test_a_crash_is_followed_by_a_new_life_on_the_same_port(tmp_path: Path, network_env: Path, origin: Origin) -> None:
    bench = Bench(tmp_path, network_env, origin)
    bench.proxy.start()
    try:
        first = bench.proxy.state
        assert bench.curl("/feed") == FEED
        os.kill(first.pid, signal.SIGKILL)
        bench.until(lambda: bench.proxy.state.phase == "running" and bench.proxy.state.pid != first.pid)
        assert bench.proxy.state.port == first.port
        assert bench.proxy.state.restarts == 1
        assert bench.curl("/feed") == FEED
        assert len(bench.flows) == 2
    finally:
        bench.proxy.stop()
        bench.proxy.stop()
    assert gone(bench.proxy.state.pid or first.pid)
    assert bench.states[-1].phase == "stopped"


_BACKEND = """
import sys, time
from pathlib import Path
from backend.network.messages import PASS
from backend.network.supervisor import NetworkProxy
from backend.settings import Settings
proxy = NetworkProxy(Settings(home=Path(sys.argv[1]), network_env=Path(sys.argv[2])), lambda flow: PASS)
proxy.start()
print(proxy.state.pid, flush=True)
time.sleep(300)
"""


def test_nothing_is_left_when_the_backend_is_killed(tmp_path: Path, network_env: Path) -> None:
    command = [sys.executable, "-c", _BACKEND, str(tmp_path), str(network_env)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as backend:
        assert backend.stdout is not None
        pid = int(backend.stdout.readline())
        assert not gone(pid, within_s=0.0)
        backend.kill()
    assert gone(pid)


def test_a_frozen_proxy_is_ended_too(tmp_path: Path, network_env: Path) -> None:
    proxy = NetworkProxy(Settings(home=tmp_path, network_env=network_env), lambda flow: PASS)
    proxy.start()
    pid = proxy.state.pid
    os.kill(pid, signal.SIGSTOP)
    proxy.stop()
    assert gone(pid)


def test_a_proxy_that_hangs_is_started_again(tmp_path: Path, network_env: Path, origin: Origin) -> None:
    bench = Bench(tmp_path, network_env, origin, silent_s=3)
    bench.proxy.start()
    try:
        pid = bench.proxy.state.pid
        os.kill(pid, signal.SIGSTOP)
        bench.until(lambda: bench.proxy.state.phase == "running" and bench.proxy.state.pid != pid, within_s=40)
        assert gone(pid)
        assert any("failed to answer" in state.detail for state in bench.states)
        assert bench.curl("/feed") == FEED
    finally:
        bench.proxy.stop()


def test_a_port_that_is_taken_is_one_clear_error(tmp_path: Path, network_env: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        proxy = NetworkProxy(Settings(home=tmp_path, network_env=network_env), lambda flow: PASS, port=port)
        with pytest.raises(NetworkError, match="does not start") as caught:
            proxy.start()
    assert str(port) in caught.value.message
    assert "another" in caught.value.remedy
    assert proxy.state.phase == "stopped"
    proxy.start()  # it is free now
    assert proxy.port == port
    proxy.stop()


def test_the_key_of_the_authority_is_its_owners_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca")
    certificate = authority.certificate()
    assert b"PRIVATE" not in certificate.read_bytes()
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700
    keys = [file for file in authority.folder.iterdir() if b"PRIVATE" in file.read_bytes()]
    assert [stat.S_IMODE(file.stat().st_mode) for file in keys] == [0o600]
    before = certificate.read_bytes()
    assert authority.certificate().read_bytes() == before
    assert Authority(authority.folder).certificate().read_bytes() == before
    assert authority.forget()
    assert not authority.forget()
    assert authority.certificate().read_bytes() != before
