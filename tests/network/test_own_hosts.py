"""The hosts of a virtual phone that runs in another process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from backend.network.own_hosts import completed
from backend.network.plan import NetworkPlan
from backend.phones.phone import Phone
from device_agent.virtual_phone import host
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.network import HOSTS, PORT_PROPERTY, SYSTEM_STORE
from device_agent.virtual_phone.still import StillDevice

PLAN = NetworkPlan(("*.test",))


@contextmanager
def phone(folder: Path, **properties: str) -> Iterator[Phone]:
    with (
        StillDevice(np.zeros((32, 32, 4), np.uint8), "<hierarchy/>", properties=properties) as device,
        AdbDaemon(device, "127.0.0.1", 0, folder / "trusted", True) as daemon,
    ):
        (device.root / SYSTEM_STORE).mkdir(parents=True)
        (device.root / SYSTEM_STORE / "1.0").write_text("one authority\n")
        (device.root / SYSTEM_STORE / "2.0").write_text("another\n")
        (device.root / HOSTS).write_text("127.0.0.1 localhost\n127.0.0.1 api.plaza.test\n")
        with Phone(f"127.0.0.1:{daemon.port}", folder / "keys") as link:
            yield link


def test_an_online_virtual_phone_of_this_machine_tells_where_its_hosts_are(tmp_path: Path) -> None:
    with phone(tmp_path, **{PORT_PROPERTY: "4443", host.PROPERTY: host.mark()}) as link:
        plan = completed(PLAN, link, tmp_path / "network")
    assert dict(plan.addresses) == {"api.plaza.test": "127.0.0.1:4443"}
    assert plan.upstream_ca is not None
    assert plan.upstream_ca.read_text() == "one authority\nanother\n"


def test_a_phone_elsewhere_is_not_believed(tmp_path: Path) -> None:
    with phone(tmp_path, **{PORT_PROPERTY: "22", host.PROPERTY: "another machine"}) as link:
        assert completed(PLAN, link, tmp_path / "network") is PLAN


def test_a_phone_that_is_not_online_changes_nothing(tmp_path: Path) -> None:
    with phone(tmp_path, **{host.PROPERTY: host.mark()}) as link:
        assert completed(PLAN, link, tmp_path / "network") is PLAN
