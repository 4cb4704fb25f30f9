"""The doctor and the listing, on a phone that is well and on one that is not."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.phones.doctor import CheckResult, run_doctor
from backend.phones.doctor.registry import Finding
from backend.phones.listing import list_phones
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.adb.auth import TrustedHosts
from device_agent.virtual_phone.still import StillDevice


@pytest.fixture
def well(scripted: Any) -> Iterator[str]:
    picture = np.full((256, 192, 4), 200, np.uint8)
    with (
        StillDevice(picture, scripted.tree_xml().decode()) as device,
        AdbDaemon(device, port=0, accept_first=True) as adb,
    ):
        yield f"127.0.0.1:{adb.port}"


def by_name(results: list[CheckResult]) -> dict[str, CheckResult]:
    return {result.name: result for result in results}


def test_a_well_phone_passes_everything(well: str, key_dir: Path) -> None:
    heard: list[CheckResult] = []
    results = run_doctor(well, key_dir, on_result=heard.append)
    assert heard == results
    assert results[0].name == "ADB link"
    expected = {"root": "skip", "Frida on the phone": "skip", "acts on": "skip"}
    assert {r.name: r.status for r in results if r.status != "ok"} == expected
    assert "Still Phone, Android 14" in by_name(results)["Android version"].found


def test_a_dead_phone_fails_once_and_skips_the_rest(key_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    link, *rest = run_doctor(f"127.0.0.1:{port}", key_dir)
    assert (link.status, {result.status for result in rest}) == ("fail", {"skip"})
    assert link.remedy


def test_an_unaccepted_key_is_a_failed_link(scripted: Any, key_dir: Path, tmp_path: Path) -> None:
    scripted.trusted = TrustedHosts(tmp_path / "adb_keys", accept_first=False)
    link, *_ = run_doctor(scripted.serial, key_dir)
    assert link.status == "fail"
    assert "Always allow" in link.remedy


AMISS: list[tuple[str, dict[str, Any], str, str]] = [
    ("Android version", {"getprop": b"[ro.build.version.sdk]: [24]\n"}, "fail", "SDK 24"),
    ("pictures", {"screencap": b"Capture failed: status -1"}, "fail", "Capture failed"),
    ("video", {"screenrecord": b""}, "warn", "without a picture"),
    ("UI tree", {"uiautomator": b"ERROR: could not get idle state.\n"}, "warn", "never comes to rest"),
    ("UI tree", {"uiautomator": b"<hierarchy><node bounds='[0,0][1,1]' /></hierarchy>"}, "warn", "0 with text"),
    (
        "secure windows",
        {
            "dumpsys window windows": b"  Window #5 Window{1a2b3c u0 org.example/.M}:\n      fl=SECURE\n"
            b"  mCurrentFocus=Window{1a2b3c u0 org.example/org.example.M}\n"
        },
        "warn",
        "forbids capture",
    ),
    ("touches and keys", {"input": (b"", b"SecurityException: no\n", 255)}, "fail", "SecurityException"),
    ("screen", {"dumpsys power": b"  mWakefulness=Asleep\n"}, "warn", "asleep"),
    (
        "screen",
        {"dumpsys power": b"  mWakefulness=Awake\n", "dumpsys window policy": b"    isKeyguardShowing=true\n"},
        "warn",
        "locked",
    ),
    ("root", {"id": b"uid=0(root) gid=0(root)\n"}, "ok", "rooted"),
    ("proxy", {"settings get global http_proxy": b"10.0.0.2:8080\n"}, "warn", "10.0.0.2:8080"),
    ("clock", {"date": b"1000000000\n"}, "warn", "from this computer"),
    ("battery", {"dumpsys battery": b"  AC powered: false\n  level: 4\n"}, "warn", "4 %"),
]


@pytest.mark.parametrize(("name", "answers", "status", "found"), AMISS)
def test_says_what_is_amiss_and_how_to_mend_it(
    scripted: Any, key_dir: Path, name: str, answers: dict[str, Any], status: str, found: str
) -> None:
    scripted.commands = {**answers, **scripted.commands, **answers}
    result = by_name(run_doctor(scripted.serial, key_dir))[name]
    assert (result.status, found in result.found) == (status, True), result
    assert result.remedy or status == "ok"


def test_a_phone_that_goes_meanwhile_does_not_stop_the_doctor(scripted: Any, key_dir: Path) -> None:
    def vanish(_phone: object) -> Finding:
        scripted.stop()
        return Finding("ok", "")

    def ask(phone: Any) -> Finding:
        return Finding("ok", phone.shell("getprop").out)

    results = by_name(run_doctor(scripted.serial, key_dir, {"vanish": vanish, "ask": ask}))
    assert results["ask"].status == "fail"
    assert "nothing listens" in results["ask"].found


def test_lists_named_phones_however_they_are_and_others_only_if_they_are_phones(
    scripted: Any, key_dir: Path, tmp_path: Path, well: str
) -> None:
    scripted.trusted = TrustedHosts(tmp_path / "adb_keys", accept_first=False)
    port = int(scripted.serial.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        quiet = silent.getsockname()[1]
        silent.close()
        listed = list_phones([well, f"127.0.0.1:{quiet}"], key_dir, ports=[port, quiet])
    assert [(phone.serial, phone.state) for phone in listed] == [
        (well, "ready"),
        (f"127.0.0.1:{quiet}", "gone"),
        (scripted.serial, "unauthorised"),
    ]
    assert (listed[0].model, listed[0].android) == ("Still Phone", "14")
    assert listed[2].remedy


def test_another_service_on_an_emulators_port_is_no_phone(key_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        listener.settimeout(0.1)
        began = time.monotonic()
        assert list_phones((), key_dir, ports=[port]) == []
        assert time.monotonic() - began < 60
