"""``sync:`` packet by packet: versions, failures in Android's words, and confinement to the phone's root."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_agent.virtual_phone.adb import packet as wire
from device_agent.virtual_phone.still import StillDevice


class SyncClient:
    """A sync stream of a host: `say` sends, `take` reads exactly."""

    def __init__(self, host) -> None:
        self.host = host
        self.theirs = host.open("sync:")
        self.inbound = b""

    def say(self, data: bytes) -> None:
        self.host.send(wire.WRTE, 1, self.theirs, data)
        while True:  # the daemon may answer before it acknowledges
            packet = self.host.receive()
            if packet.command == wire.WRTE:
                self.inbound += bytes(packet.payload)
                self.host.send(wire.OKAY, 1, self.theirs)
            else:
                assert packet.command == wire.OKAY
                return

    def request(self, name: bytes, path: str) -> None:
        encoded = os.fsencode(path)
        self.say(struct.pack("<4sI", name, len(encoded)) + encoded)

    def take(self, size: int) -> bytes:
        while len(self.inbound) < size:
            packet = self.host.expect(wire.WRTE, 1)
            self.inbound += bytes(packet.payload)
            self.host.send(wire.OKAY, 1, self.theirs)
        data, self.inbound = self.inbound[:size], self.inbound[size:]
        return data

    def status(self) -> tuple[bytes, str]:
        """OKAY, or FAIL with its message."""
        name, length = struct.unpack("<4sI", self.take(8))
        return name, self.take(length).decode()

    def push(self, path: str, data: bytes, mode: int = 0o100644, time: int = 1_700_000_000) -> tuple[bytes, str]:
        self.request(b"SEND", f"{path},{mode}")
        for start in range(0, len(data), 65536):
            part = data[start : start + 65536]
            self.say(struct.pack("<4sI", b"DATA", len(part)) + part)
        self.say(struct.pack("<4sI", b"DONE", time))
        return self.status()

    def pull(self, path: str) -> bytes | str:
        """The file, or the message of a failure."""
        self.request(b"RECV", path)
        data = b""
        while True:
            name, length = struct.unpack("<4sI", self.take(8))
            if name == b"FAIL":
                return self.take(length).decode()
            if name == b"DONE":
                return data
            data += self.take(length)

    def stat(self, path: str) -> tuple[int, int, int]:
        self.request(b"STAT", path)
        _, mode, size, time = struct.unpack("<4s3I", self.take(16))
        return mode, size, time

    def stat_v2(self, path: str, name: bytes = b"LST2") -> tuple[int, ...]:
        self.request(name, path)
        answer = struct.unpack("<4sIQQ4IQ3q", self.take(72))
        assert answer[0] == name
        return answer[1:]


@pytest.fixture
def sync(adb_host) -> SyncClient:
    return SyncClient(adb_host)


@pytest.fixture
def outside(still_device: StillDevice, tmp_path: Path) -> Iterator[Path]:
    """A file of the host's, and links to it on the phone: one absolute, one relative."""
    secret = tmp_path / "secret"
    secret.write_text("not the phone's")
    sdcard = still_device.root / "sdcard"
    (sdcard / "absolute").symlink_to(secret)
    (sdcard / "relative").symlink_to(os.path.relpath(secret, sdcard))
    (sdcard / "folder").symlink_to(tmp_path)
    (sdcard / "loop").symlink_to("loop")
    yield secret
    assert secret.read_text() == "not the phone's"


def test_a_pushed_file_comes_back(sync: SyncClient, still_device: StillDevice) -> None:
    data = os.urandom(200_000)
    assert sync.push("/sdcard/new/folder/file", data, 0o100640) == (b"OKAY", "")
    assert sync.pull("/sdcard/new/folder/file") == data
    assert sync.stat("/sdcard/new/folder/file") == (0o100640, 200_000, 1_700_000_000)
    assert (still_device.root / "sdcard/new/folder/file").read_bytes() == data


def test_one_stream_answers_many_requests_until_it_is_told_to_quit(sync: SyncClient) -> None:
    for number in range(5):
        assert sync.push(f"/data/local/tmp/{number}", b"%d" % number) == (b"OKAY", "")
    sync.say(struct.pack("<4sI", b"QUIT", 0))
    sync.host.expect(wire.CLSE, 1)


def test_other_names_of_the_sdcard_are_the_sdcard(sync: SyncClient) -> None:
    sync.push("/storage/emulated/0/a", b"1")
    assert sync.pull("/sdcard/a") == sync.pull("/storage/self/primary/a") == b"1"


def test_a_missing_file_has_no_mode_in_version_1_and_an_errno_in_version_2(sync: SyncClient) -> None:
    assert sync.stat("/sdcard/none") == (0, 0, 0)
    assert sync.stat_v2("/sdcard/none")[0] == 2
    assert sync.stat_v2("/data/misc/adb/adb_keys")[0] == 13


def test_version_2_tells_the_size_and_the_shell_user(sync: SyncClient) -> None:
    sync.push("/sdcard/a", b"12345")
    error, _, _, mode, _, uid, gid, size, _, modified, _ = sync.stat_v2("/sdcard/a")
    assert (error, stat.S_ISREG(mode), uid, gid, size, modified) == (0, True, 2000, 2000, 5, 1_700_000_000)


@pytest.mark.parametrize(("name", "entry", "header"), [(b"LIST", b"DENT", "<4s4I"), (b"LIS2", b"DNT2", "<4sIQQ4IQ3qI")])
def test_both_versions_list_a_folder(sync: SyncClient, name: bytes, entry: bytes, header: str) -> None:
    sync.push("/sdcard/a", b"1")
    sync.request(name, "/sdcard")
    found = []
    while True:
        fields = struct.unpack(header, sync.take(struct.calcsize(header)))
        if fields[0] == b"DONE":
            break
        assert fields[0] == entry
        found.append(sync.take(fields[-1]))
    assert found == [b"DCIM", b"Download", b"a"]


def test_a_folder_that_cannot_be_read_lists_as_empty(sync: SyncClient) -> None:
    for path in ("/data", "/none"):
        sync.request(b"LIST", path)
        assert sync.take(20) == b"DONE" + bytes(16)


def test_version_2_pushes_and_pulls(sync: SyncClient) -> None:
    sync.request(b"SND2", "/sdcard/b")
    sync.say(struct.pack("<4sII", b"SND2", 0o100644, 0) + struct.pack("<4sI", b"DATA", 3) + b"two")
    sync.say(struct.pack("<4sI", b"DONE", 5))
    assert sync.status() == (b"OKAY", "")
    sync.request(b"RCV2", "/sdcard/b")
    sync.say(struct.pack("<4sI", b"RCV2", 0))
    assert sync.take(19) == struct.pack("<4sI", b"DATA", 3) + b"two" + struct.pack("<4sI", b"DONE", 0)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/system/x", "couldn't create file: Read-only file system"),
        ("/x", "couldn't create file: Read-only file system"),
        ("/data/system/x", "couldn't create file: Permission denied"),
        ("/sdcard", "couldn't create file: Is a directory"),
        ("/sdcard/../system/x", "couldn't create file: Read-only file system"),
        ("/sdcard/../../../../../../etc/x", "couldn't create file: Read-only file system"),
    ],
)
def test_a_push_fails_in_androids_words_and_the_stream_goes_on(sync: SyncClient, path: str, message: str) -> None:
    assert sync.push(path, b"x" * 100_000) == (b"FAIL", message)
    assert sync.push("/sdcard/fine", b"fine") == (b"OKAY", "")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/sdcard/none", "open failed: No such file or directory"),
        ("/sdcard", "read failed: Is a directory"),
        ("/data/misc/adb/adb_keys", "open failed: Permission denied"),
        ("/sdcard/\0", "open failed: Invalid argument"),
    ],
)
def test_a_pull_fails_in_androids_words(sync: SyncClient, path: str, message: str) -> None:
    assert sync.pull(path) == message


def test_nothing_leads_out_of_the_phone(sync: SyncClient, outside: Path) -> None:
    for path in (
        "/sdcard/absolute",
        "/sdcard/relative",
        "/sdcard/folder/secret",
        f"/sdcard/../../../../../../../../{outside}",
        str(outside),
    ):
        assert isinstance(sync.pull(path), str)
        assert sync.push(path, b"overwritten")[0] == b"FAIL"
    assert sync.pull("/sdcard/loop") == "open failed: Too many levels of symbolic links"


def test_links_are_not_made(sync: SyncClient) -> None:
    name, message = sync.push("/sdcard/link", b"/etc/passwd\0", 0o120777)
    assert (name, message) == (b"FAIL", "couldn't create symlink: Operation not permitted")


def test_a_push_that_breaks_off_leaves_no_file(sync: SyncClient, adb_host, still_device: StillDevice) -> None:
    sync.request(b"SEND", "/sdcard/half,33188")
    sync.say(struct.pack("<4sI", b"DATA", 65536) + bytes(10))
    adb_host.send(wire.CLSE, 1, sync.theirs)
    adb_host.expect(wire.CLSE, 1)
    assert b"fine" in adb_host.run("exec:sleep 0.1; echo fine", 2)
    assert not (still_device.root / "sdcard/half").exists()


def test_unknown_and_oversize_requests_end_the_stream(new_host) -> None:
    for request, message in (
        (struct.pack("<4sI", b"WHAT", 0), "unknown command 54414857"),
        (struct.pack("<4sI", b"STAT", 2000), "path too long"),
    ):
        host = new_host()
        host.handshake()
        client = SyncClient(host)
        client.say(request)
        assert client.status() == (b"FAIL", message)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([b"STAT", b"LIST", b"RECV", b"SEND", b"LST2", b"STA2", b"LIS2", b"SND2", b"RCV2", b"DATA"]),
    st.binary(max_size=60),
    st.binary(max_size=60),
)
def test_garbage_requests_harm_nothing(new_host, outside: Path, name: bytes, path: bytes, rest: bytes) -> None:
    host = new_host()
    host.handshake()
    theirs = host.open("sync:")
    host.send(wire.WRTE, 1, theirs, struct.pack("<4sI", name, len(path)) + path + rest)
    host.send(wire.CLSE, 1, theirs)
    assert host.run("exec:echo alive", 2) == b"alive\n"
    host.close()
