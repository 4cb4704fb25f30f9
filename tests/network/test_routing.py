"""A phone through our proxy, and back to exactly what it was, whoever ends and however."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import PhoneError, SettingsError
from backend.network import proxy_setting
from backend.network.lease import LeaseFile, settle_left_behind
from backend.network.routing import Routing
from backend.phones.phone import Phone
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.still import StillDevice

ROOT = Path(__file__).parents[2]
ABSENT: dict[str, str] = {}
MANUAL = {
    "http_proxy": "proxy.example:3128",
    "global_http_proxy_host": "proxy.example",
    "global_http_proxy_port": "3128",
    "global_http_proxy_exclusion_list": "*.local,10.0.0.1",
}
CLEARED = {"http_proxy": ":0", "global_http_proxy_host": "", "global_http_proxy_port": "0"}
BACKEND = """
import sys
from pathlib import Path
from backend.network.routing import Routing
from backend.phones.phone import Phone
home, serial, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with Phone(serial, home / "keys") as phone:
    routing = Routing(phone, port, home, home / "keys").open()
    print(routing.guard_pid, flush=True)
    sys.stdin.read()
"""


def eventually(condition: Callable[[], object], within_s: float = 30.0) -> None:
    until_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until_s, "it did not come to be in time"
        time.sleep(0.02)


@dataclass
class Bench:
    """A phone that is not on this machine, as far as it tells, with its daemon."""

    device: StillDevice
    daemon: AdbDaemon
    home: Path
    phone: Phone

    @property
    def table(self) -> dict[str, str]:
        """The phone's settings that matter here."""
        settings_now = self.device.settings["global"]
        return {key: settings_now[key] for key in proxy_setting.KEYS if key in settings_now}

    def set(self, values: dict[str, str]) -> None:
        for key in proxy_setting.KEYS:
            self.device.settings["global"].pop(key, None)
        self.device.settings["global"].update(values)

    def routing(self, port: int) -> Routing:
        return Routing(self.phone, port, self.home, self.home / "keys")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with (
        StillDevice(np.zeros((128, 96, 4), np.uint8), "<hierarchy/>") as device,
        AdbDaemon(device, "127.0.0.1", 0, tmp_path / "trusted", True) as daemon,
        Phone(f"127.0.0.1:{daemon.port}", tmp_path / "keys") as phone,
    ):
        yield Bench(device, daemon, tmp_path, phone)


@pytest.fixture
def proxy() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        yield listener


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


@pytest.mark.parametrize("before", [ABSENT, MANUAL, CLEARED], ids=["none", "another proxy", "one taken away"])
def test_a_phone_reaches_the_proxy_and_is_afterwards_exactly_as_it_was(
    bench: Bench, proxy: socket.socket, before: dict[str, str]
) -> None:
    bench.set(before)
    with bench.routing(port_of(proxy)) as routing:
        host, _, port = bench.table["http_proxy"].partition(":")
        assert (host, routing.reaches) == ("127.0.0.1", True)
        with socket.create_connection((host, int(port)), 10) as app:
            app.sendall(b"CONNECT plaza.test:443")
            near, _ = proxy.accept()
            with near:
                assert near.recv(100) == b"CONNECT plaza.test:443"
    assert bench.table == before
    assert not list((bench.home / "network" / "leases").glob("*.json"))


def test_what_somebody_else_set_meanwhile_is_left(bench: Bench, proxy: socket.socket) -> None:
    bench.set(ABSENT)
    with bench.routing(port_of(proxy)):
        bench.set(MANUAL)
    assert bench.table == MANUAL


def test_two_do_not_route_one_phone(bench: Bench, proxy: socket.socket) -> None:
    with bench.routing(port_of(proxy)), pytest.raises(PhoneError, match="routed by another process"):
        bench.routing(port_of(proxy)).open()


def test_a_phone_that_refuses_is_an_error_and_unchanged(
    bench: Bench, proxy: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.set(ABSENT)
    routing = bench.routing(port_of(proxy))
    monkeypatch.setitem(bench.device.settings, "global", _Refusing())  # type: ignore[arg-type]
    with pytest.raises(PhoneError, match=r"it was given the proxy .* but says none"):
        routing.open()
    assert bench.table == ABSENT
    assert routing.guard_pid == 0


class _Refusing(dict[str, str]):
    def __setitem__(self, key: str, value: str) -> None:
        """As where a device owner decides: taken, and not kept."""


Kill = Callable[..., int]


@pytest.fixture
def killed(bench: Bench, proxy: socket.socket) -> Iterator[Kill]:
    """Starts a backend process that routes the phone, and kills it with -9; gives the pid of its guard.

    What `first` does with that pid comes just before.
    """
    guards: list[int] = []
    started: list[subprocess.Popen[bytes]] = []

    def kill(first: Callable[[int], object] = lambda guard: None) -> int:
        command = [sys.executable, "-c", BACKEND, str(bench.home), bench.phone.serial, str(port_of(proxy))]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        guards.append(int(process.stdout.readline()))
        assert bench.table["http_proxy"].startswith("127.0.0.1:")
        first(guards[-1])
        process.kill()
        process.wait(10)
        return guards[-1]

    yield kill
    for process in started:
        process.kill()
        process.communicate()
    for pid in guards:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


def end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("before", [ABSENT, MANUAL], ids=["none", "another proxy"])
def test_the_proxy_is_restored_after_kill_9_of_the_backend(bench: Bench, killed: Kill, before: dict[str, str]) -> None:
    bench.set(before)
    guard = killed()
    eventually(lambda: bench.table == before)
    eventually(lambda: not alive(guard))
    assert not list((bench.home / "network" / "leases").glob("*.json"))


def test_the_guard_waits_for_a_phone_that_is_away(bench: Bench, killed: Kill, tmp_path: Path) -> None:
    bench.set(ABSENT)
    port = bench.daemon.port
    guard = killed(first=lambda _: bench.daemon.stop())
    assert bench.table != ABSENT
    assert alive(guard)
    with AdbDaemon(bench.device, "127.0.0.1", port, tmp_path / "trusted", True):
        eventually(lambda: bench.table == ABSENT)
        eventually(lambda: not alive(guard))


def test_the_next_start_restores_what_a_guard_could_not(bench: Bench, killed: Kill) -> None:
    bench.set(MANUAL)
    guard = killed(first=end)
    eventually(lambda: not alive(guard))
    assert list((bench.home / "network" / "leases").glob("*.json"))
    assert bench.table["http_proxy"] != MANUAL["http_proxy"]
    told = settle_left_behind(bench.home, bench.home / "keys")
    assert bench.table == MANUAL
    assert [bench.phone.serial in line for line in told] == [True]
    assert settle_left_behind(bench.home, bench.home / "keys") == []


def test_routing_again_takes_what_was_before_the_crash_for_the_phones_own(
    bench: Bench, killed: Kill, proxy: socket.socket
) -> None:
    bench.set(MANUAL)
    killed(first=end)
    with bench.routing(port_of(proxy)):
        assert bench.table["http_proxy"] != MANUAL["http_proxy"]
    assert bench.table == MANUAL


def test_another_phone_at_the_same_address_owes_nothing(bench: Bench, killed: Kill) -> None:
    bench.set(MANUAL)
    killed(first=end)
    file = LeaseFile(bench.home, bench.phone.serial)
    lease = file.read()
    assert lease is not None
    file.write(replace(lease, identity="another/phone"))
    ours = bench.table
    assert settle_left_behind(bench.home, bench.home / "keys") == []
    assert bench.table == ours
    assert file.read() is None


def test_a_file_that_is_no_lease_is_an_error_that_names_it(tmp_path: Path) -> None:
    file = LeaseFile(tmp_path, "127.0.0.1:5555")
    file.path.write_text('{"serial": "127.0.0.1:5555"}')
    with pytest.raises(SettingsError, match=r"5555\.json does not say what the proxy"):
        file.read()
    assert settle_left_behind(tmp_path, tmp_path / "keys") == []


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=20), min_size=2, max_size=2, unique=True))
def test_two_serials_never_share_a_lease(serials: list[str]) -> None:
    names = {LeaseFile.name_of(serial) for serial in serials}
    assert len(names) == 2
    assert all("/" not in name and not name.startswith(".") for name in names)
