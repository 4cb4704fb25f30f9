"""The daemon over a socket: handshake, streams, and peers that misbehave."""

from __future__ import annotations

import logging
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_agent.virtual_phone.adb import AdbDaemon, connection, link, server
from device_agent.virtual_phone.adb import packet as wire
from device_agent.virtual_phone.errors import VirtualPhoneError
from device_agent.virtual_phone.still import StillDevice

DEADLINE_S = 10.0


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail after a deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        threading.Event().wait(0.01)


def daemon_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("adb")]


# Handshake.


@pytest.mark.parametrize("version", [wire.VERSION_MIN, wire.VERSION_SKIP_CHECKSUM])
def test_both_protocol_versions_get_a_banner(new_host, version: int) -> None:
    host = new_host()
    answer = host.handshake(version)
    assert answer.command == wire.CNXN
    assert bytes(answer.payload).startswith(b"device::ro.product.name=still;ro.product.model=Still Phone;")
    assert b"features=shell_v2," in bytes(answer.payload)
    assert host.run("exec:echo hello") == b"hello\n"


def test_an_old_peer_gets_checksums_and_a_new_one_none(new_host) -> None:
    for version, checked in ((wire.VERSION_MIN, True), (wire.VERSION_SKIP_CHECKSUM, False)):
        host = new_host()
        host.handshake(version)
        host.open("exec:echo hello")
        header = host._exactly(wire.HEADER.size)
        assert wire.HEADER.unpack(header)[4] == (sum(b"hello\n") if checked else 0)


def test_no_packet_is_larger_than_the_peer_takes(new_host) -> None:
    host = new_host()
    host.handshake(max_payload=wire.MAX_PAYLOAD_V1)
    theirs = host.open("exec:screencap")
    sizes = []
    while (packet := host.receive()).command == wire.WRTE:
        sizes.append(len(packet.payload))
        host.send(wire.OKAY, 1, theirs)
    assert max(sizes) == wire.MAX_PAYLOAD_V1
    assert sum(sizes) == 16 + 120 * 64 * 4


def test_nothing_is_served_before_the_handshake(new_host) -> None:
    host = new_host()
    host.send(wire.OPEN, 1, 0, b"exec:echo hello\0")
    with pytest.raises(ConnectionError):
        host.receive()


def test_a_second_connect_starts_over(adb_host) -> None:
    adb_host.open("exec:sleep 1000", stream=5)
    assert adb_host.handshake().command == wire.CNXN
    assert adb_host.run("exec:echo again") == b"again\n"


def test_a_phone_that_asks_for_keys_serves_nobody_without(picture: np.ndarray, connect) -> None:
    with StillDevice(picture, "") as device, AdbDaemon(device, port=0) as daemon:
        host = connect(daemon.port)
        token = host.handshake()
        assert (token.command, token.arg0, len(token.payload)) == (wire.AUTH, wire.AUTH_TOKEN, 20)
        host.send(wire.OPEN, 1, 0, b"exec:id\0")
        with pytest.raises(ConnectionError):
            host.receive()


# Streams.


def test_many_streams_run_at_once_over_one_connection(adb_host) -> None:
    theirs = {stream: adb_host.open("exec:cat", stream) for stream in range(1, 101)}
    for stream, their_id in theirs.items():
        adb_host.send(wire.WRTE, stream, their_id, b"%d" % stream)
    for stream in theirs:
        adb_host.expect(wire.OKAY, stream)
        assert bytes(adb_host.expect(wire.WRTE, stream).payload) == b"%d" % stream


def test_a_host_may_open_only_so_many_streams(adb_host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_STREAMS", 2)
    adb_host.open("exec:cat", 1)
    adb_host.open("exec:cat", 2)
    adb_host.send(wire.OPEN, 3, 0, b"exec:cat\0")
    assert adb_host.expect(wire.CLSE, 3).arg0 == 0


def test_an_unknown_service_is_closed_at_once(adb_host) -> None:
    for service in (b"nonsense:", b"host:devices", b"localabstract:x", b"shell", b"", b"\xff\xfe", b"tcp:0", b"tcp:x"):
        adb_host.send(wire.OPEN, 9, 0, service + b"\0")
        assert adb_host.expect(wire.CLSE, 9).arg0 == 0
    assert adb_host.run("exec:echo still here") == b"still here\n"


def test_the_daemon_waits_for_the_acknowledgement_of_every_packet(adb_host) -> None:
    theirs = adb_host.open("exec:echo one; echo two", 1)
    assert bytes(adb_host.expect(wire.WRTE, 1).payload) == b"one\n"
    assert adb_host.run("exec:echo other stream", 2) == b"other stream\n"
    assert not [packet for packet in adb_host.waiting if packet.arg1 == 1]
    adb_host.send(wire.OKAY, 1, theirs)
    assert bytes(adb_host.expect(wire.WRTE, 1).payload) == b"two\n"


def test_a_host_that_does_not_wait_for_acknowledgements_is_disconnected(adb_host, new_host) -> None:
    theirs = adb_host.open("exec:sleep 1000")  # never reads its input, and so acknowledges one packet and takes one

    def flood() -> None:
        for _ in range(5000):
            adb_host.send(wire.WRTE, 1, theirs, b"x" * 4096)

    with pytest.raises(ConnectionError):
        flood()
    other = new_host()
    other.handshake()
    assert other.run("exec:echo fine") == b"fine\n"


def test_closing_a_stream_ends_its_command(adb_host) -> None:
    theirs = adb_host.open("exec:sleep 1000")
    adb_host.send(wire.CLSE, 1, theirs)
    adb_host.expect(wire.CLSE, 1)
    eventually(lambda: not any("'exec'" in name for name in daemon_threads()))


def test_packets_for_streams_that_are_gone_are_ignored(adb_host) -> None:
    for command in (wire.OKAY, wire.WRTE, wire.CLSE):
        adb_host.send(command, 7, 4711, b"")
    assert adb_host.run("exec:echo fine") == b"fine\n"


def test_two_hosts_do_not_see_each_other(new_host) -> None:
    hosts = [new_host(), new_host()]
    for host in hosts:
        host.handshake()
    theirs = [host.open("exec:cat", 1) for host in hosts]
    hosts[0].close()
    hosts[1].send(wire.WRTE, 1, theirs[1], b"mine")
    hosts[1].expect(wire.OKAY, 1)
    assert bytes(hosts[1].expect(wire.WRTE, 1).payload) == b"mine"


# Forwarding.


def test_a_tcp_stream_reaches_a_port_on_loopback(adb_host) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = adb_host.open(f"tcp:{listener.getsockname()[1]}")
        peer, _ = listener.accept()
        with peer:
            adb_host.send(wire.WRTE, 1, theirs, b"ping")
            assert peer.recv(4) == b"ping"
            adb_host.expect(wire.OKAY, 1)
            peer.sendall(b"pong")
            assert bytes(adb_host.expect(wire.WRTE, 1).payload) == b"pong"
            adb_host.send(wire.OKAY, 1, theirs)
        adb_host.expect(wire.CLSE, 1)


def test_a_tcp_stream_to_a_closed_port_is_refused(adb_host) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    adb_host.send(wire.OPEN, 1, 0, b"tcp:%d\0" % port)
    adb_host.expect(wire.CLSE, 1)


def test_a_reverse_to_a_port_that_is_none_fails_in_words(adb_host) -> None:
    answer = adb_host.run("reverse:forward:tcp:99999;tcp:2").decode()
    assert answer[:4] == "FAIL"
    assert int(answer[4:8], 16) == len(answer) - 8


# Misbehaviour.


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.booleans(), data=st.binary(min_size=1, max_size=400))
def test_garbage_ends_its_own_connection_at_most(new_host, before: bool, data: bytes) -> None:
    bad, good = new_host(), new_host()
    if before:
        bad.handshake()
    bad.sock.sendall(data)
    bad.close()
    good.handshake()
    assert good.run("exec:echo alive") == b"alive\n"
    good.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([wire.OPEN, wire.OKAY, wire.WRTE, wire.CLSE, wire.CNXN, wire.AUTH, 0x12345678]),
            st.integers(0, 3),
            st.integers(0, 3),
            st.one_of(
                st.binary(max_size=50),
                st.sampled_from([b"exec:cat\0", b"sync:\0", b"shell,v2,raw:\0", b"shell:\0", b"exec:ls | (\0"]),
            ),
        ),
        max_size=12,
    )
)
def test_well_formed_nonsense_ends_its_own_connection_at_most(new_host, packets) -> None:
    bad, good = new_host(), new_host()
    bad.handshake()
    try:
        for packet in packets:
            bad.send(*packet)
    except ConnectionError:
        pass  # it was thrown out already
    bad.close()
    good.handshake()
    assert good.run("exec:echo alive") == b"alive\n"
    good.close()


def test_a_malformed_packet_costs_one_line_of_log(new_host, caplog: pytest.LogCaptureFixture) -> None:
    host = new_host()
    host.handshake()
    with caplog.at_level(logging.WARNING):
        host.sock.sendall(b"\0" * 24)
        with pytest.raises(ConnectionError):
            host.receive()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "broke the protocol and is disconnected" in caplog.text


def test_a_peer_that_says_nothing_is_dropped(new_host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "POLL_S", 0.02)
    monkeypatch.setattr(connection, "HANDSHAKE_TIMEOUT_S", 0.05)
    with pytest.raises(ConnectionError):
        new_host().receive()


@pytest.mark.parametrize(
    "beginning",
    [
        struct.pack("<3I", wire.WRTE, 1, 1),
        wire.encode_header(wire.Packet(wire.WRTE, 1, 1, b"never comes"), with_checksum=True),
    ],
)
def test_a_peer_that_stops_in_the_middle_of_a_packet_is_dropped(
    new_host, beginning: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "POLL_S", 0.02)
    monkeypatch.setattr(link, "STALL_TIMEOUT_S", 0.05)
    host = new_host()
    host.handshake()
    host.sock.sendall(beginning)
    with pytest.raises(ConnectionError):
        host.receive()


def test_a_peer_that_does_not_read_holds_up_nobody_and_is_dropped(
    new_host, still_device: StillDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "POLL_S", 0.02)
    monkeypatch.setattr(link, "STALL_TIMEOUT_S", 0.5)
    (still_device.root / "sdcard/big").write_bytes(bytes(1 << 20))
    slow, quick = new_host(), new_host()
    slow.handshake()
    quick.handshake()
    for stream in range(1, 129):  # 32 MiB wait to be read: more than any socket buffers
        slow.send(wire.OPEN, stream, 0, b"exec:cat /sdcard/big\0")
    assert len(quick.run("exec:cat /sdcard/big")) == 1 << 20
    eventually(lambda: not any("'exec'" in name for name in daemon_threads()))
    assert quick.run("exec:echo fine") == b"fine\n"


def test_only_so_many_hosts_may_connect(new_host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 2)
    hosts = [new_host() for _ in range(2)]
    for host in hosts:
        host.handshake()
    with pytest.raises(ConnectionError):
        new_host().handshake()
    hosts[0].close()

    def let_in() -> bool:
        host = new_host()
        try:
            return host.handshake().command == wire.CNXN
        except ConnectionError:
            return False

    eventually(let_in)


# Life.


def test_a_port_in_use_is_named_with_what_to_do(adb_daemon: AdbDaemon, still_device: StillDevice) -> None:
    second = AdbDaemon(still_device, port=adb_daemon.port)
    with pytest.raises(VirtualPhoneError, match=rf"port {adb_daemon.port} .* in use; .*--port"):
        second.start()


def test_a_daemon_that_does_not_run_has_no_port(still_device: StillDevice) -> None:
    with pytest.raises(VirtualPhoneError, match="not running"):
        _ = AdbDaemon(still_device, port=0).port


def test_stopping_ends_every_thread(still_device: StillDevice, tmp_path: Path) -> None:
    with AdbDaemon(still_device, port=0) as daemon:
        sock = socket.create_connection(("127.0.0.1", daemon.port), DEADLINE_S)
        packet = wire.Packet(wire.CNXN, wire.VERSION_MIN, 4096, b"host::\0")
        sock.sendall(wire.encode_header(packet, with_checksum=True) + packet.payload)
        for number, service in enumerate((b"exec:sleep 1000", b"shell:", b"sync:", b"exec:logcat"), 1):
            packet = wire.Packet(wire.OPEN, number, 0, service + b"\0")
            sock.sendall(wire.encode_header(packet, with_checksum=True) + packet.payload)
    assert not daemon_threads()
    sock.close()
    daemon.stop()  # harmless again


def test_a_stopped_daemon_starts_again_on_the_same_port(still_device: StillDevice) -> None:
    daemon = AdbDaemon(still_device, port=0)
    daemon.start()
    port = daemon.port
    daemon.stop()
    with AdbDaemon(still_device, port=port) as again:
        assert again.port == port
