"""A phone's traffic, judged and led: what its apps get, and what is left alone so that they go on working."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine
from backend.network.addon.hosts import Hosts, with_ports
from backend.network.judge import FLOW_HANDLERS
from backend.network.plan import NetworkPlan
from backend.network.probe import judge_host
from backend.phones.phone import Phone
from backend.pipeline.in_network import InNetwork
from backend.serving.host import ModelHost
from backend.settings import Settings
from backend.store.entries import Entry, EventEntry
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.still import StillDevice
from tests.network.origin import Origin

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl (apt-get install curl)")


def until(condition: Callable[[], object], within_s: float = 60.0) -> None:
    until_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until_s, "it did not come to be in time"
        time.sleep(0.02)


class Led:
    """A phone led through a real proxy, and an app of it: curl."""

    def __init__(self, way: InNetwork, device: StillDevice, origin: Origin, entries: list[Entry]) -> None:
        self.way, self.device, self.origin, self.entries = way, device, origin, entries

    @property
    def proxy(self) -> str:
        return self.device.settings["global"].get("http_proxy", "")

    def curl(self, trusting: Path) -> subprocess.CompletedProcess[bytes]:
        command = ["curl", "-sS", "-m", "30", "-x", f"http://{self.proxy}", "--cacert", str(trusting)]
        return subprocess.run([*command, "https://api.plaza.test/feed"], capture_output=True, check=False)

    def told(self, event: str) -> bool:
        return any(isinstance(entry, EventEntry) and entry.event == event for entry in self.entries)


@pytest.fixture
def led(tmp_path: Path, network_env: Path, origin: Origin) -> Iterator[Led]:
    entries: list[Entry] = []
    settings = Settings(home=tmp_path / "home", network_env=network_env)
    plan = NetworkPlan(("*.plaza.test",), addresses={"*.test": origin.address}, upstream_ca=origin.roots)
    with (
        StillDevice(np.zeros((128, 96, 4), np.uint8), "<hierarchy/>") as device,
        AdbDaemon(device, "127.0.0.1", 0, tmp_path / "trusted", True) as daemon,
        Phone(f"127.0.0.1:{daemon.port}", settings.key_folder) as phone,
    ):
        engine = Engine(Catalog(), ModelHost().load, soft_deadline_s=None, handlers=FLOW_HANDLERS)
        engine.enable("demetrication")
        way = InNetwork(phone, settings, plan, engine, entries.append)
        way.start()
        assert way.settled(60)
        yield Led(way, device, origin, entries)
        way.stop()
        assert device.settings["global"].get("http_proxy", "") == ""


@needs_curl
def test_an_app_gets_what_interventions_leave_of_an_answer(led: Led) -> None:
    assert led.way.state.kind == "on"
    got = led.curl(led.way.proxy.ca_certificate)
    assert got.returncode == 0
    assert b'"like_count": 49' not in got.stdout
    assert b"a post of many words, number 49" in got.stdout
    assert led.way.replaced["demetrication"] >= 49
    assert judge_host(led.way.traffic.of("api.plaza.test"), True)[0] == "readable"


@needs_curl
def test_an_app_that_refuses_to_be_read_is_left_alone_and_works_again(led: Led) -> None:
    assert led.curl(led.origin.roots).returncode != 0
    for _ in range(2):
        led.curl(led.origin.roots)
    until(lambda: led.told("network.left_alone"))
    until(lambda: led.curl(led.origin.roots).returncode == 0)
    assert judge_host(led.way.traffic.of("api.plaza.test"), True)[0] in ("pinned", "distrusts")


@needs_curl
def test_while_it_is_paused_nothing_is_decrypted(led: Led) -> None:
    led.way.pause(True)
    until(lambda: led.curl(led.origin.roots).returncode == 0)


def test_a_host_can_be_taken_out_of_what_is_opted_in() -> None:
    hosts = Hosts(["*.plaza.test", "!api.plaza.test"])
    assert "cdn.plaza.test" in hosts
    assert "api.plaza.test" not in hosts
    assert "x.api.plaza.test" in hosts
    assert len(with_ports(["*.plaza.test", "!api.plaza.test"])) == 1


@given(st.lists(st.sampled_from(["a.test", "b.a.test", "c.test"])), st.lists(st.sampled_from(["a.test", "c.test"])))
def test_what_is_taken_out_is_never_in(wanted: list[str], out: list[str]) -> None:
    hosts = Hosts([*wanted, *(f"!{host}" for host in out)])
    for host in ("a.test", "b.a.test", "c.test"):
        assert (host in hosts) == (host in wanted and host not in out)
