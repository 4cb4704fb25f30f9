"""The daemon as Google's own ``adb`` sees it, with a server, a port and a home of the tests' own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.still import StillDevice

ADB = shutil.which("adb")
TIMEOUT_S = 30.0

pytestmark = [
    pytest.mark.adb,
    pytest.mark.skipif(ADB is None, reason="Google's adb is not installed (Debian: apt install adb)"),
]


class Adb:
    """``adb`` with its own server."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.environment = {**os.environ, "HOME": str(home), "ANDROID_ADB_SERVER_PORT": str(port)}
        self.serial = ""

    def run(self, *words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        target = ["-s", self.serial] if self.serial else []
        return subprocess.run(
            [str(ADB), *target, *words],
            env=self.environment,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def wait_for_state(self, serial: str, state: str) -> None:
        """Until ``adb devices`` says so; states such as "authorizing" go by on the way."""
        deadline = time.monotonic() + TIMEOUT_S
        while f"{serial}\t{state}\n" not in (listed := self.ok("devices")):
            assert time.monotonic() < deadline, listed

    def ok(self, *words: str, stdin: bytes | None = None) -> str:
        """The output of a command that succeeds."""
        done = self.run(*words, stdin=stdin)
        assert done.returncode == 0, done
        return done.stdout.decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adb]:
    adb = Adb(tmp_path_factory.mktemp("home"))
    adb.ok("start-server")
    yield adb
    adb.serial = ""
    adb.ok("kill-server")


@pytest.fixture
def adb(server: Adb, adb_daemon: AdbDaemon) -> Iterator[Adb]:
    serial = f"127.0.0.1:{adb_daemon.port}"
    assert server.ok("connect", serial) == f"connected to {serial}\n"
    server.serial = serial
    yield server
    server.serial = ""
    server.ok("disconnect", serial)


def test_it_lists_the_phone(adb: Adb) -> None:
    line = adb.ok("devices", "-l").splitlines()[1]
    assert line.split()[:5] == [adb.serial, "device", "product:still", "model:Still_Phone", "device:still"]


def test_an_unknown_host_is_unauthorized_until_it_is_trusted(server: Adb, picture: np.ndarray, tmp_path: Path) -> None:
    keys = tmp_path / "adb_keys"
    with StillDevice(picture, "") as device, AdbDaemon(device, port=0, trusted_keys=keys) as daemon:
        serial = f"127.0.0.1:{daemon.port}"
        server.run("connect", serial)
        server.wait_for_state(serial, "unauthorized")
        keys.write_bytes(Path(server.environment["HOME"], ".android/adbkey.pub").read_bytes())
        server.run("disconnect", serial)
        server.ok("connect", serial)
        server.wait_for_state(serial, "device")
        server.run("disconnect", serial)


def test_shell_has_exit_codes_and_a_separate_error_output(adb: Adb) -> None:
    done = adb.run("shell", "echo out; nonsense; exit 5")
    assert (done.returncode, done.stdout) == (5, b"out\n")
    assert done.stderr == b"/system/bin/sh: nonsense: inaccessible or not found\n"
    assert adb.run("shell", "nonsense").returncode == 127


def test_shell_passes_input(adb: Adb) -> None:
    assert adb.ok("shell", "cat", stdin=b"from the host\n") == "from the host\n"
    assert adb.ok("shell", stdin=b"echo one\necho two\n") == "one\ntwo\n"
    assert adb.ok("shell", "-tt", "echo terminal") == "terminal\r\n"


def test_exec_out_gives_the_picture_unchanged(adb: Adb, tmp_path: Path, picture: np.ndarray) -> None:
    (tmp_path / "screen.png").write_bytes(adb.run("exec-out", "screencap", "-p").stdout)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "screen.png")), picture)


def test_the_tree_is_dumped_and_pulled(adb: Adb, still_device: StillDevice, tmp_path: Path) -> None:
    assert "UI hierchary dumped to: /sdcard/tree.xml" in adb.ok("shell", "uiautomator", "dump", "/sdcard/tree.xml")
    adb.ok("pull", "/sdcard/tree.xml", str(tmp_path / "tree.xml"))
    assert (tmp_path / "tree.xml").read_text("utf-8") == still_device.dump_tree()


def test_a_large_file_goes_both_ways(adb: Adb, tmp_path: Path) -> None:
    data = np.random.default_rng(3).bytes(20 << 20)
    (tmp_path / "large").write_bytes(data)
    assert "1 file pushed" in adb.ok("push", str(tmp_path / "large"), "/data/local/tmp/")
    assert "1 file pulled" in adb.ok("pull", "/data/local/tmp/large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == data


def test_folders_go_both_ways(adb: Adb, tmp_path: Path) -> None:
    for name in ("a", "deep/er/b", "deep/ü c"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    assert "3 files pushed" in adb.ok("push", str(tmp_path / "tree"), "/sdcard/")
    assert "3 files pulled" in adb.ok("pull", "/sdcard/tree", str(tmp_path / "back"))
    assert (tmp_path / "back/deep/ü c").read_text() == "deep/ü c"


def test_a_reversed_port_leads_to_this_machine_until_it_is_removed(adb: Adb) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = listener.getsockname()[1]
        there = int(adb.ok("reverse", "tcp:0", f"tcp:{here}"))
        assert f"tcp:{there} tcp:{here}" in adb.ok("reverse", "--list")
        with socket.create_connection(("127.0.0.1", there), TIMEOUT_S) as phone_end:
            near_end, _ = listener.accept()
            with near_end:
                phone_end.sendall(b"from the phone")
                assert near_end.recv(100) == b"from the phone"
                near_end.sendall(b"from here")
                assert phone_end.recv(100) == b"from here"
    assert b"not found" in adb.run("reverse", "--remove", "tcp:9").stderr
    adb.ok("reverse", "--remove-all")
    assert str(there) not in adb.ok("reverse", "--list")


def test_failures_are_told_in_androids_words(adb: Adb, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    done = adb.run("push", str(tmp_path / "x"), "/system/x")
    assert (done.returncode, b"couldn't create file: Read-only file system" in done.stderr + done.stdout) == (1, True)
    done = adb.run("pull", "/sdcard/none", str(tmp_path / "y"))
    assert (done.returncode, b"No such file or directory" in done.stderr + done.stdout) == (1, True)
    assert b"cannot run as root" in adb.run("root").stdout
    assert adb.run("install", str(tmp_path / "x")).returncode == 1


def test_forward_reaches_a_port_of_the_phone(adb: Adb) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(TIMEOUT_S)
        local = adb.ok("forward", "tcp:0", f"tcp:{listener.getsockname()[1]}").strip()
        with socket.create_connection(("127.0.0.1", int(local)), TIMEOUT_S) as near:
            far, _ = listener.accept()
            with far:
                near.sendall(b"ping")
                assert far.recv(4) == b"ping"
                far.sendall(b"pong")
                assert near.recv(4) == b"pong"
    adb.ok("forward", "--remove", f"tcp:{local}")


def test_logcat_prints_the_log(adb: Adb, still_device: StillDevice) -> None:
    still_device.say("I", "Feed", "opened")
    assert adb.ok("logcat", "-d", "-v", "brief").endswith("I/Feed    ( 4242): opened\n")
