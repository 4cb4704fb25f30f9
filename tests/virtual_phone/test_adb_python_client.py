"""The daemon as the ``adb-shell`` library sees it: protocol version 0x01000000, checksums verified."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from adb_shell.adb_device import AdbDeviceTcp
from adb_shell.auth.keygen import keygen
from adb_shell.auth.sign_pythonrsa import PythonRSASigner
from adb_shell.exceptions import AdbCommandFailureException, AdbTimeoutError, DeviceAuthError, TcpTimeoutException
from PIL import Image

from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.still import StillDevice

TIMEOUT_S = 10.0


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> list[PythonRSASigner]:
    """Two hosts' keys."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("first", "second"):
        keygen(str(folder / name))
    return [PythonRSASigner.FromRSAKeyPath(str(folder / name)) for name in ("first", "second")]


@pytest.fixture
def client(adb_daemon: AdbDaemon) -> Iterator[AdbDeviceTcp]:
    device = AdbDeviceTcp("127.0.0.1", adb_daemon.port, default_transport_timeout_s=TIMEOUT_S)
    device.connect()
    yield device
    device.close()


@pytest.fixture
def locked_device(picture: np.ndarray) -> Iterator[StillDevice]:
    """A phone that asks who connects."""
    with StillDevice(picture, "<hierarchy/>") as device:
        yield device


def connects(port: int, signer: PythonRSASigner, timeout_s: float = TIMEOUT_S) -> bool:
    """Whether that host gets in, and gets an answer."""
    device = AdbDeviceTcp("127.0.0.1", port, default_transport_timeout_s=timeout_s)
    try:
        device.connect(rsa_keys=[signer], auth_timeout_s=timeout_s, read_timeout_s=timeout_s)
        return device.shell("echo hello") == "hello\n"
    except (AdbTimeoutError, TcpTimeoutException):
        return False
    finally:
        device.close()


def test_a_host_without_a_key_is_turned_away(locked_device: StillDevice) -> None:
    with AdbDaemon(locked_device, port=0) as daemon, pytest.raises(DeviceAuthError):
        AdbDeviceTcp("127.0.0.1", daemon.port).connect()


def test_an_unknown_host_stays_outside_and_a_trusted_one_gets_in(
    locked_device: StillDevice, signers: list[PythonRSASigner], tmp_path: Path
) -> None:
    first, second = signers
    keys = tmp_path / "adb_keys"
    with AdbDaemon(locked_device, port=0, trusted_keys=keys) as daemon:
        assert not connects(daemon.port, first, timeout_s=0.3)
        keys.write_text(first.GetPublicKey() + "\n")
        assert connects(daemon.port, first)
        assert not connects(daemon.port, second, timeout_s=0.3)


def test_a_host_accepted_once_gets_in_by_its_signature(
    locked_device: StillDevice, signers: list[PythonRSASigner]
) -> None:
    with AdbDaemon(locked_device, port=0, accept_first=True) as daemon:
        assert connects(daemon.port, signers[0])
    with AdbDaemon(locked_device, port=0) as daemon:
        assert connects(daemon.port, signers[0])
        assert not connects(daemon.port, signers[1], timeout_s=0.3)


def test_the_raw_picture_is_the_screen(client: AdbDeviceTcp, picture: np.ndarray) -> None:
    data = client.exec_out("screencap", decode=False)
    width, height, pixel_format, colours = np.frombuffer(data[:16], "<u4")
    assert (width, height, pixel_format, colours) == (64, 120, 1, 1)
    assert np.array_equal(np.frombuffer(data[16:], np.uint8).reshape(height, width, 4), picture)


def test_the_png_picture_is_the_screen(client: AdbDeviceTcp, picture: np.ndarray) -> None:
    image = Image.open(io.BytesIO(client.exec_out("screencap -p", decode=False)))
    assert (image.format, image.mode) == ("PNG", "RGBA")
    assert np.array_equal(np.asarray(image), picture)


def test_the_tree_is_dumped_to_a_file_and_pulled(
    client: AdbDeviceTcp, still_device: StillDevice, tmp_path: Path
) -> None:
    assert client.shell("uiautomator dump") == "UI hierchary dumped to: /sdcard/window_dump.xml\n"
    client.pull("/sdcard/window_dump.xml", str(tmp_path / "tree.xml"))
    assert (tmp_path / "tree.xml").read_text("utf-8") == still_device.dump_tree()
    said = client.exec_out("uiautomator dump /dev/tty")
    assert said == still_device.dump_tree() + "UI hierchary dumped to: /dev/tty\n"


def test_touches_arrive(client: AdbDeviceTcp, still_device: StillDevice) -> None:
    client.shell("input tap 10 20; input swipe 1 2 3 4 50; input keyevent BACK; input text 'a%sb'")
    assert still_device.touches == [("tap", 10, 20), ("swipe", 1, 2, 3, 4, 50), ("key", 4, False), ("text", "a b")]


def test_files_go_both_ways(client: AdbDeviceTcp, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(np.random.default_rng(1).bytes(300_000))
    client.push(str(source), "/sdcard/Download/file", mtime=1_700_000_000)
    client.pull("/sdcard/Download/file", str(tmp_path / "target"))
    assert (tmp_path / "target").read_bytes() == source.read_bytes()
    assert client.stat("/sdcard/Download/file")[1:] == (300_000, 1_700_000_000)
    assert {bytes(file.filename) for file in client.list("/sdcard")} == {b"DCIM", b"Download"}
    with pytest.raises(AdbCommandFailureException, match="No such file"):
        client.pull("/sdcard/none", str(tmp_path / "none"))


def test_two_hosts_work_at_once(adb_daemon: AdbDaemon) -> None:
    answers: dict[int, list[str]] = {0: [], 1: []}

    def work(number: int) -> None:
        device = AdbDeviceTcp("127.0.0.1", adb_daemon.port, default_transport_timeout_s=TIMEOUT_S)
        device.connect()
        answers[number] = [device.shell(f"echo {number}-{turn}") for turn in range(20)]
        device.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT_S)
    assert answers == {n: [f"{n}-{turn}\n" for turn in range(20)] for n in (0, 1)}


def test_the_screen_streams_as_video(client: AdbDeviceTcp, still_device: StillDevice) -> None:
    grey, white = np.full((120, 64, 4), 128, np.uint8), np.full((120, 64, 4), 255, np.uint8)
    still_device.show(grey)
    stream = client.streaming_shell("screenrecord --output-format=h264 -", decode=False)
    decoder = av.CodecContext.create("h264", "r")

    def next_frame() -> np.ndarray:
        while True:
            for packet in decoder.parse(next(stream)):
                for frame in decoder.decode(packet):
                    return frame.to_ndarray(format="rgb24")

    assert abs(int(next_frame().mean()) - 128) < 4
    still_device.show(white)  # one change is one frame at once, although the screen is still after it
    assert next_frame().mean() > 250


def test_a_phone_gone_in_the_middle_of_a_command_is_an_error_at_the_host(still_device: StillDevice) -> None:
    daemon = AdbDaemon(still_device, port=0)
    daemon.start()
    device = AdbDeviceTcp("127.0.0.1", daemon.port, default_transport_timeout_s=TIMEOUT_S)
    device.connect()
    lines = device.streaming_shell("echo started; sleep 1000", transport_timeout_s=0.3, read_timeout_s=0.3)
    assert next(lines) == "started\n"
    daemon.stop()
    with pytest.raises((ConnectionError, AdbTimeoutError, TcpTimeoutException)):
        next(lines)
    device.close()
