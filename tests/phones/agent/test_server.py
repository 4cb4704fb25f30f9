"""frida-server on a phone, with the words that real phones say: found, started, sent, refused.

What the scripted phone answers was reported by people with such phones: AOSP's ``su`` of emulators (invalid uid/gid
'-c'), Magisk's refusal (Permission denied, exit code 13), shells without ``su`` (inaccessible or not found),
servers that do not come to listen.
"""

from __future__ import annotations

import shlex
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import AgentError, InputError
from backend.phones.agent import server as server_module
from backend.phones.agent.binary import read_binary, release_name
from backend.phones.agent.frida_library import library_version
from backend.phones.agent.root import NoRoot, Root, find_root
from backend.phones.agent.server import ensure_server, find_installed, find_running, stop_server
from backend.phones.phone import Phone
from device_agent.virtual_phone.adb import shell_protocol as v2

OURS = library_version()
NO_SU = (b"", b"/system/bin/sh: su: inaccessible or not found\n", 127)
OLD_NO_SU = (b"", b"/system/bin/sh: su: not found\n", 127)
MAGISK_NO = (b"", b"Permission denied\n", 13)
AOSP_SU = (b"", b"su: invalid uid/gid '-c'\n", 1)
ROOT_ID = b"uid=0(root) gid=0(root) groups=0(root) context=u:r:magisk:s0\n"
SHELL_ID = b"uid=2000(shell) gid=2000(shell) groups=2000(shell),3003(inet) context=u:r:shell:s0\n"
PS = b"  PID NAME\n    1 init\n  512 zygote64\n 4711 org.example\n"
HIGH = "/data/local/tmp/frida-server-99.0.0-android-arm64"
FITTING = f"/data/local/tmp/frida-server-{OURS}-android-arm64"


class RootedPhone:
    """Runs what it is told, as `su -c` or `su 0` allow; a started frida-server listens on its port."""

    def __init__(self, scripted: Any, listener: socket.socket) -> None:
        self.scripted = scripted
        self.done: list[str] = []
        self.files: dict[str, str] = {}
        self.running: str | None = None
        self.starts = True
        self.says = ""
        scripted.takes_files = True
        self._host_port = listener.getsockname()[1]
        scripted.commands |= {
            "id": SHELL_ID,
            "su -c": self._su,
            "ps -A": lambda stream: _out(stream, PS + self._ps()),
            "ls /data/local/tmp": lambda stream: _out(stream, self._names()),
            "getprop ro.product.cpu.abilist": b"arm64-v8a,armeabi-v7a,armeabi\n",
            "getprop ro.product.cpu.abi": b"arm64-v8a\n",
            "stat": (b"", b"stat: No such file or directory\n", 1),
            "chmod": b"",
            "/data/local/tmp/": lambda stream: self._run(stream, scripted.asked[-1]),
        }
        # what is asked first is found first
        for name in ("getprop ro.product.cpu.abilist", "getprop ro.product.cpu.abi"):
            scripted.commands = {name: scripted.commands.pop(name), **scripted.commands}

    def listen(self) -> None:
        self.scripted.ports[server_module.PORT] = self._host_port

    def _su(self, stream: Any) -> None:
        self._run(stream, shlex.split(self.scripted.asked[-1])[-1])

    def _run(self, stream: Any, line: str) -> None:
        self.done.append(line)
        program, _, rest = line.partition(" ")
        if line == "id":
            _out(stream, ROOT_ID)
        elif rest == "--version":
            version = self.files.get(self.running or "" if program.startswith("/proc/") else program, "")
            _out(stream, f"{version}\n".encode())
        elif rest.startswith("-D") and self.starts:
            self.running = program
            self.listen()
        elif program == "kill":
            self.running = None
            self.scripted.ports.clear()
        elif program == "cat":
            _out(stream, self.says.encode())

    def _ps(self) -> bytes:
        return f" 9001 {self.running}\n".encode() if self.running else b""

    def _names(self) -> bytes:
        return "\n".join(path.rpartition("/")[2] for path in self.files).encode()


def _out(stream: Any, data: bytes) -> None:
    stream.write(v2.encode(v2.STDOUT, data))


@pytest.fixture
def rooted(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[RootedPhone]:
    monkeypatch.setattr(server_module, "START_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield RootedPhone(scripted, listener)


# -- root -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"id": ROOT_ID}, Root("adb root")),
        ({"id": SHELL_ID, "su -c": ROOT_ID}, Root("su -c")),
        ({"id": SHELL_ID, "su -c": AOSP_SU, "su 0 id": ROOT_ID}, Root("su 0")),
        ({"id": SHELL_ID, "su -c": NO_SU}, NoRoot("there is no su")),
        ({"id": SHELL_ID, "su -c": OLD_NO_SU}, NoRoot("there is no su")),
        ({"id": SHELL_ID, "su -c": MAGISK_NO}, NoRoot("su refused: Permission denied", asked=True)),
        ({"id": SHELL_ID, "su -c": AOSP_SU, "su 0 id": SHELL_ID}, NoRoot("su: invalid uid/gid '-c'")),
    ],
)
def test_root_is_found_whoever_gave_it(scripted: Any, phone: Phone, answers: dict[str, Any], found: object) -> None:
    scripted.commands |= answers
    assert find_root(phone) == found


@pytest.mark.parametrize("way", ["adb root", "su -c", "su 0"])
def test_a_command_as_root_is_quoted_for_the_shell(way: Any) -> None:
    line = "echo 'a b' > /data/local/tmp/x"
    words = shlex.split(Root(way).command(line))
    assert (line in words) or way == "adb root"


def test_a_su_that_waits_for_its_owner_is_not_waited_for_without_end(
    scripted: Any, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.phones.agent.root.ASK_S", 0.2)
    scripted.commands |= {"id": SHELL_ID, "su -c": lambda stream: stream.read() and None}
    found = find_root(phone)
    assert isinstance(found, NoRoot)
    assert found.asked


# -- found, started, stopped ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["frida-server", FITTING, "/data/local/tmp/mindproof-frida-server-0123456789ab", "fridaserver", "frida-server64"],
)
def test_a_running_server_is_known_by_its_name(scripted: Any, phone: Phone, name: str) -> None:
    scripted.commands["ps -A"] = PS + f" 9001 {name}\n".encode()
    assert find_running(phone) == 9001


@pytest.mark.parametrize("name", ["org.example", "frida", "com.frida-server.app/x", "frida-helper-64"])
def test_no_other_process_is_taken_for_one(scripted: Any, phone: Phone, name: str) -> None:
    scripted.commands["ps -A"] = PS + f" 9001 {name}\n".encode()
    assert find_running(phone) is None


def test_one_that_runs_is_used_and_left_alone(rooted: RootedPhone, phone: Phone) -> None:
    rooted.files[FITTING], rooted.running = OURS, FITTING
    rooted.listen()
    server = ensure_server(phone)
    assert (server.pid, server.version, server.ours) == (9001, OURS, False)
    stop_server(phone, server)
    assert rooted.running == FITTING


def test_one_of_another_major_version_that_runs_is_an_error_that_names_both(rooted: RootedPhone, phone: Phone) -> None:
    rooted.files[HIGH], rooted.running = "99.0.0", HIGH
    rooted.listen()
    with pytest.raises(AgentError, match=r"99\.0\.0") as error:
        ensure_server(phone)
    assert OURS in error.value.message
    assert release_name("arm64-v8a", OURS) in error.value.remedy


def test_one_that_lies_there_is_started_and_stopped(rooted: RootedPhone, phone: Phone) -> None:
    rooted.files |= {HIGH: "99.0.0", FITTING: OURS}
    server = ensure_server(phone)
    assert (server.version, server.ours) == (OURS, True)
    assert any(line.startswith(f"{FITTING} -D -l 127.0.0.1:27042 ") for line in rooted.done)
    stop_server(phone, server)
    assert rooted.running is None
    assert any(line.startswith("kill 9001") for line in rooted.done)


def test_those_of_another_major_version_are_not_started(rooted: RootedPhone, phone: Phone) -> None:
    rooted.files[HIGH] = "99.0.0"
    with pytest.raises(AgentError, match="none of what is on the phone fits"):
        ensure_server(phone)
    assert rooted.running is None


def test_none_at_all_names_the_file_to_get_and_downloads_nothing(rooted: RootedPhone, phone: Phone) -> None:
    with pytest.raises(AgentError, match="no frida-server in /data/local/tmp") as error:
        ensure_server(phone)
    assert f"frida-server-{OURS}-android-arm64.xz" in error.value.remedy
    assert "MINDPROOF_FRIDA_SERVER" in error.value.remedy


@pytest.mark.parametrize(
    ("says", "remedy"),
    [
        ("Unable to start: Error binding to address 127.0.0.1:27042: Address already in use\n", "another program"),
        ("Unable to load SELinux policy from the kernel: Permission denied\n", "SELinux policy"),
        ("", "docs/real-phones.md"),
    ],
)
def test_one_that_does_not_begin_to_listen_is_quoted(rooted: RootedPhone, phone: Phone, says: str, remedy: str) -> None:
    rooted.files[FITTING], rooted.starts, rooted.says = OURS, False, says
    with pytest.raises(AgentError, match="did not begin to listen") as error:
        ensure_server(phone)
    assert says.strip() in error.value.message
    assert remedy in error.value.remedy


@pytest.mark.parametrize(
    ("answer", "what", "remedy"),
    [(NO_SU, "there is no su", "root the phone"), (MAGISK_NO, "su refused", "superuser app")],
)
def test_without_root_it_says_which_kind_and_what_to_do(
    scripted: Any, phone: Phone, answer: Any, what: str, remedy: str
) -> None:
    scripted.commands |= {"id": SHELL_ID, "su -c": answer}
    with pytest.raises(AgentError, match=what) as error:
        ensure_server(phone)
    assert remedy in error.value.remedy


def test_what_does_not_say_its_version_is_made_runnable_first(rooted: RootedPhone, phone: Phone) -> None:
    rooted.files[FITTING] = ""
    with pytest.raises(AgentError, match="does not run"):
        ensure_server(phone)
    assert f"chmod 755 {FITTING}" in rooted.done
    assert find_installed(phone) == {FITTING: ""}


# -- sent -------------------------------------------------------------------------------------------------------------


def elf(machine: int = 183, interpreter: bytes = b"/system/bin/linker64\0", wide: bool = True) -> bytes:
    """The beginning of a program: ELF header, one program header, the interpreter's name."""
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1, 1]) + bytes(9)
    if wide:
        head = struct.pack("<16sHHIQQQIHHHHHH", ident, 3, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
        table = struct.pack("<IIQQQQQQ", 3, 4, 120, 0, 0, len(interpreter), 0, 1)
    else:
        head = struct.pack("<16sHHIIIIIHHHHHH", ident, 3, machine, 1, 0, 52, 0, 0, 52, 32, 1, 0, 0, 0)
        table = struct.pack("<IIIIIIII", 3, 84, 0, 0, len(interpreter), 0, 4, 1)
    return head + table + interpreter + bytes(1000)


@pytest.fixture
def supplied(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "frida-server"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    ("machine", "wide", "abi"),
    [(183, True, "arm64-v8a"), (40, False, "armeabi-v7a"), (62, True, "x86_64"), (3, False, "x86")],
)
def test_the_abi_of_a_program_is_read(supplied: Any, machine: int, wide: bool, abi: str) -> None:
    assert read_binary(supplied(elf(machine, b"/system/bin/linker\0", wide))).abi == abi


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (b"\xfd7zXZ\0rest", "still compressed", "unxz"),
        (b"", "does not begin as an ELF file", "Frida's releases"),
        (b"#!/bin/sh\n", "does not begin as an ELF file", "Frida's releases"),
        (elf(8), "machine type 8", "Frida's releases"),
        (elf(interpreter=b"/lib64/ld-linux-x86-64.so.2\0"), "is made for /lib64/ld-linux", "Frida's releases"),
        (elf()[:70], "no program that a phone can run", "Frida's releases"),
    ],
)
def test_what_is_no_program_for_android_is_refused_before_anything_is_sent(
    supplied: Any, content: bytes, what: str, remedy: str
) -> None:
    with pytest.raises(InputError, match=what) as error:
        read_binary(supplied(content))
    assert remedy in error.value.remedy


def test_a_library_is_no_server(supplied: Any) -> None:
    gadget = bytearray(elf())
    gadget[64:68] = struct.pack("<I", 1)  # its program header is a segment to load, no interpreter
    with pytest.raises(InputError, match="is a library"):
        read_binary(supplied(bytes(gadget)))


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_binary(tmp_path / "none")


@given(st.binary(max_size=200), st.binary(max_size=4))
def test_no_file_whatever_is_in_it_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, head: bytes
) -> None:
    path = tmp_path_factory.mktemp("noise") / "file"
    path.write_bytes(elf()[: 4 + len(head)] + noise)
    try:
        read_binary(path)
    except InputError as error:
        assert str(path) in error.message  # noqa: PT017


def test_a_supplied_program_is_sent_once_and_started(rooted: RootedPhone, phone: Phone, supplied: Any) -> None:
    path = supplied(elf())
    binary = read_binary(path)
    remote = f"/data/local/tmp/{binary.remote_name}"
    rooted.files[remote] = OURS
    server = ensure_server(phone, path)
    assert server.ours
    assert (rooted.scripted.folder / remote.lstrip("/")).read_bytes() == path.read_bytes()
    stop_server(phone, server)
    rooted.scripted.commands["stat"] = f"{binary.size}\n".encode()
    (rooted.scripted.folder / remote.lstrip("/")).unlink()
    ensure_server(phone, path)
    assert not (rooted.scripted.folder / remote.lstrip("/")).exists()


def test_one_of_another_abi_is_not_sent(rooted: RootedPhone, phone: Phone, supplied: Any) -> None:
    path = supplied(elf(62))
    with pytest.raises(AgentError, match="made for x86_64, and the phone is arm64-v8a") as error:
        ensure_server(phone, path)
    assert release_name("arm64-v8a", OURS) in error.value.remedy
    assert not list(rooted.scripted.folder.rglob("mindproof-frida-server*"))


def test_a_supplied_one_of_another_version_is_not_started(rooted: RootedPhone, phone: Phone, supplied: Any) -> None:
    path = supplied(elf())
    rooted.files[f"/data/local/tmp/{read_binary(path).remote_name}"] = "16.4.10"
    with pytest.raises(AgentError, match=r"is 16\.4\.10"):
        ensure_server(phone, path)
    assert rooted.running is None


def test_a_supplied_one_that_does_not_run_is_quoted(rooted: RootedPhone, phone: Phone, supplied: Any) -> None:
    with pytest.raises(AgentError, match="does not run there"):
        ensure_server(phone, supplied(elf()))
