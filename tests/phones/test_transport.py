"""Lanes to a phone over the real protocol: commands, files, and everything that goes wrong on the way."""

from __future__ import annotations

import logging
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from adb_shell.auth.keygen import decode_pubkey
from adb_shell.exceptions import UsbReadFailedError
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import PhoneError, PhoneGone, PhoneUnauthorised, SettingsError
from backend.phones.keys import host_key, settings_folder
from backend.phones.serials import TcpSerial, UsbSerial, parse_serial
from backend.phones.shell_protocol import MAX_PACKET, read_shell
from backend.phones.transport import AdbTransport
from backend.phones.usb import explain_usb, open_usb
from backend.phones.wire import checksum
from device_agent.virtual_phone.adb import shell_protocol as v2
from device_agent.virtual_phone.adb.auth import TrustedHosts, decode_public_key


@pytest.fixture
def lane(scripted: Any, key_dir: Path) -> Iterator[AdbTransport]:
    transport = AdbTransport(scripted.serial, host_key(key_dir), accept_timeout_s=0.3)
    yield transport
    transport.close()


# -- keys -------------------------------------------------------------------------------------------


def test_the_host_key_is_private_and_stays(tmp_path: Path) -> None:
    first = host_key(tmp_path / "new")
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    public = first.path.with_name("adbkey.pub").read_bytes()
    decode_pubkey(public.split()[0])
    assert decode_public_key(public).public_numbers() == first.signer.rsa_key.public_key().public_numbers()
    assert host_key(tmp_path / "new").path.read_bytes() == first.path.read_bytes()
    assert not [path for path in first.path.parent.iterdir() if path.name not in ("adbkey", "adbkey.pub")]


def test_many_at_once_make_one_key(tmp_path: Path) -> None:
    made: list[bytes] = []
    threads = [threading.Thread(target=lambda: made.append(host_key(tmp_path).path.read_bytes())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1


def test_a_broken_key_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "adbkey").write_text("not a key")
    with pytest.raises(SettingsError, match="adbkey"):
        host_key(tmp_path)


def test_keys_live_under_the_settings_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings_folder() == tmp_path / "mindproof"


# -- pure parts -------------------------------------------------------------------------------------


@given(st.binary(max_size=5000))
def test_the_checksum_is_the_sum_of_bytes(data: bytes) -> None:
    assert checksum(data) == sum(data) & 0xFFFFFFFF
    assert checksum(bytearray(data)) == sum(data)


@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(0, 255), st.lists(st.integers(1, 20), min_size=1))
def test_shell_packets_survive_any_cutting(out: bytes, err: bytes, code: int, cuts: list[int]) -> None:
    wire = v2.encode(v2.STDOUT, out) + v2.encode(v2.STDERR, err) + v2.encode(v2.EXIT, bytes([code]))
    chunks, at, turn = [], 0, 0
    while at < len(wire):
        step = cuts[turn % len(cuts)]
        chunks.append(wire[at : at + step])
        at, turn = at + step, turn + 1
    result = read_shell("x", chunks)
    assert (result.out, result.err, result.code) == (
        out.decode("utf-8", "replace"),
        err.decode("utf-8", "replace"),
        code,
    )


def test_a_shell_that_breaks_off_or_boasts_is_an_error() -> None:
    with pytest.raises(PhoneError, match="without an exit code"):
        read_shell("x", [v2.encode(v2.STDOUT, b"hi")])
    with pytest.raises(PhoneError, match="announced"):
        read_shell("x", [v2.HEADER.pack(v2.STDOUT, MAX_PACKET + 1)])


@pytest.mark.parametrize(
    ("serial", "address"),
    [
        ("127.0.0.1:5555", TcpSerial("127.0.0.1", 5555)),
        ("phone.local:40001", TcpSerial("phone.local", 40001)),
        ("[fe80::1]:5555", TcpSerial("fe80::1", 5555)),
        ("emulator-5554", TcpSerial("127.0.0.1", 5555)),
        ("R58M123ABC", UsbSerial("R58M123ABC")),
        ("host:99999", UsbSerial("host:99999")),
    ],
)
def test_serials_name_addresses(serial: str, address: TcpSerial | UsbSerial) -> None:
    assert parse_serial(serial) == address


def test_usb_without_its_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.phones.usb.usb_errors", tuple)
    with pytest.raises(PhoneError, match="libusb1"):
        open_usb("R58M123ABC")


def test_libusbs_errors_are_explained() -> None:
    for code in ("BUSY", "ACCESS", "NO_DEVICE"):
        explained = explain_usb(UsbReadFailedError("Could not receive data", f"LIBUSB_ERROR_{code} [-6]"))
        assert explained is not None
        assert all(explained)
    assert explain_usb(ConnectionResetError("closed")) is None


# -- over the wire ----------------------------------------------------------------------------------


def test_a_command_gives_output_errors_and_exit_code(lane: AdbTransport, scripted: Any) -> None:
    scripted.commands["both"] = (b"out\n", b"err\n", 3)
    result = lane.shell("both")
    assert (result.out, result.err, result.code, result.ok) == ("out\n", "err\n", 3, False)
    assert lane.shell("nothing like it").code == 127


def test_binary_output_arrives_unchanged(lane: AdbTransport, scripted: Any) -> None:
    content = bytes(range(256)) * 20_000  # five packets
    scripted.commands["blob"] = content
    assert lane.exec_out("blob") == content


def test_an_unknown_service_is_refused_at_once(lane: AdbTransport) -> None:
    with pytest.raises(PhoneError, match="no service 'sync'"):
        lane.pull("/sdcard/x")
    assert lane.shell("getprop").ok


def test_a_late_command_is_an_error_and_the_next_one_works(lane: AdbTransport, scripted: Any) -> None:
    released = threading.Event()
    scripted.commands["sleep"] = lambda stream: released.wait(10)
    with pytest.raises(PhoneError, match=r"did not finish within 0\.2 s") as caught:
        lane.shell("sleep", timeout_s=0.2)
    assert not isinstance(caught.value, PhoneGone)
    assert lane.shell("getprop").ok
    released.set()


def test_nobody_there(key_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(PhoneGone, match="nothing listens") as caught:
        AdbTransport(f"127.0.0.1:{port}", host_key(key_dir)).connect()
    assert "debugging" in caught.value.remedy


@pytest.mark.parametrize(
    ("greeting", "says"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not ADB"),
        (b"STLS" + bytes(16) + b"\xac\xb3\xab\xb3", "encrypted"),
        (b"", "link broke"),
    ],
)
def test_something_else_answers(key_dir: Path, greeting: bytes, says: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(24)
                connection.sendall(greeting)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(PhoneError, match=says):
            AdbTransport(f"127.0.0.1:{listener.getsockname()[1]}", host_key(key_dir)).connect()
        thread.join()


def test_a_lane_recovers_when_the_phone_comes_back(lane: AdbTransport, scripted: Any) -> None:
    assert lane.shell("getprop").ok
    scripted.stop()
    with pytest.raises(PhoneGone):
        lane.shell("getprop")
    scripted.start()
    assert lane.shell("getprop").ok


def test_a_restart_between_two_commands_is_not_noticed(lane: AdbTransport, scripted: Any) -> None:
    assert lane.shell("getprop").ok
    scripted.stop()
    scripted.start()
    assert lane.shell("getprop").ok


def test_an_unaccepted_key_says_what_to_do(lane: AdbTransport, scripted: Any, tmp_path: Path) -> None:
    scripted.trusted = TrustedHosts(tmp_path / "adb_keys", accept_first=False)
    with pytest.raises(PhoneUnauthorised, match="Always allow"):
        lane.connect()
    scripted.trusted = TrustedHosts(tmp_path / "adb_keys", accept_first=True)
    lane.connect()
    scripted.trusted = TrustedHosts(tmp_path / "adb_keys", accept_first=False)  # remembered now
    lane.interrupt()
    assert lane.shell("getprop").ok


def test_closing_ends_a_waiting_reader(lane: AdbTransport, scripted: Any, eventually: Any) -> None:
    begun, released, ended = threading.Event(), threading.Event(), []

    def wait(stream: Any) -> None:
        stream.write(b"first")
        begun.set()
        released.wait(20)

    def read() -> None:
        with pytest.raises(PhoneGone) as caught:
            list(lane.stream("wait", 5, 0.01))
        ended.append(caught.value)

    scripted.commands["wait"] = wait
    reader = threading.Thread(target=read)
    reader.start()
    assert begun.wait(10)
    lane.close()
    reader.join(10)
    assert len(ended) == 1
    released.set()


def test_many_threads_share_a_lane(lane: AdbTransport, scripted: Any) -> None:
    scripted.commands["say a"], scripted.commands["say b"] = b"a" * 100_000, b"b" * 100_000
    results: list[bool] = []

    def ask(letter: str) -> None:
        results.extend(lane.exec_out(f"say {letter}") == letter.encode() * 100_000 for _ in range(5))

    threads = [threading.Thread(target=ask, args=(letter,)) for letter in "abab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [True] * 20


def test_a_file_that_is_not_there_is_not_the_phones_fault(lane: AdbTransport, tmp_path: Path) -> None:
    with pytest.raises(PhoneError, match="no such file"):
        lane.push(tmp_path / "none", "/sdcard/x")
    assert lane.shell("getprop").ok


def test_an_error_does_not_repeat_what_was_typed(lane: AdbTransport, scripted: Any) -> None:
    released = threading.Event()
    scripted.commands["input text"] = lambda stream: released.wait(10)
    scripted.commands = {"input text": scripted.commands["input text"], **scripted.commands}
    with pytest.raises(PhoneError) as caught:
        lane.shell("input text 'my%ssecret'", timeout_s=0.1)
    assert "'input text ...'" in caught.value.message
    assert "secret" not in caught.value.message
    released.set()


def test_no_packet_reaches_the_log(lane: AdbTransport, scripted: Any, caplog: pytest.LogCaptureFixture) -> None:
    scripted.commands["whisper"] = b"a private message"
    with caplog.at_level(logging.DEBUG):
        assert lane.exec_out("whisper") == b"a private message"
    assert "private" not in caplog.text
