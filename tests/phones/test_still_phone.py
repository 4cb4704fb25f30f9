"""The whole way to a phone whose commands are not ours: the embedded phone's own daemon and shell."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.errors import PhoneError
from backend.phones.phone import Phone
from backend.phones.source import FrameSource
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.still import StillDevice

SIZE = (360, 740)


def screen(shade: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.full((size[1], size[0], 4), shade, np.uint8)


def tree(scripted: Any, text: str, rotation: int = 0) -> str:
    """A tree of the app that this phone has in front."""
    xml: bytes = scripted.tree_xml(text, rotation)
    return xml.decode().replace("org.example", "org.mindproof.still")


@pytest.fixture
def device(scripted: Any) -> Iterator[StillDevice]:
    with StillDevice(screen(100), tree(scripted, "first")) as still:
        yield still


@pytest.fixture
def adb(device: StillDevice) -> Iterator[AdbDaemon]:
    with AdbDaemon(device, port=0, accept_first=True) as daemon:
        yield daemon


@pytest.fixture
def still(adb: AdbDaemon, key_dir: Path) -> Iterator[Phone]:
    with Phone(f"127.0.0.1:{adb.port}", key_dir) as phone:
        yield phone


def test_connects_captures_reads_and_touches(still: Phone, device: StillDevice) -> None:
    assert still.info.size == SIZE
    assert still.foreground().package == "org.mindproof.still"
    assert still.screenshot()[0, 0].tolist() == [100, 100, 100]
    assert still.tree().widgets[0].text == "first"
    still.tap(5, 6)
    still.swipe(1, 2, 3, 4, 10)
    still.text("it's 50% off & more")
    still.key("back")
    assert device.touches == [
        ("tap", 5, 6),
        ("swipe", 1, 2, 3, 4, 10),
        ("text", "it's 50% off & more"),
        ("key", 4, False),
    ]


def test_files_travel_both_ways(still: Phone, tmp_path: Path) -> None:
    content = os.urandom(300_000)
    still.push(content, "/data/local/tmp/blob")
    assert still.pull("/data/local/tmp/blob") == content
    (tmp_path / "here").write_bytes(b"from a file")
    still.push(tmp_path / "here", "/sdcard/there")
    assert still.shell("cat /sdcard/there").out == "from a file"
    with pytest.raises(PhoneError, match="reading /sdcard/none failed"):
        still.pull("/sdcard/none")
    assert still.shell("echo on").out == "on\n"


@pytest.mark.parametrize("method", ["raw", "h264"])
def test_the_source_follows_it_and_survives_a_restart(
    still: Phone, device: StillDevice, adb: AdbDaemon, scripted: Any, eventually: Any, method: Any
) -> None:
    def shows(shade: int, text: str) -> bool:
        frame = source.newest(0, 0.2)
        return (
            frame is not None
            and abs(int(frame.pixels[50, 50, 0]) - shade) < 8
            and frame.tree is not None
            and frame.tree.widgets[0].text == text
        )

    port = adb.port
    with FrameSource(still, method, tree_interval_s=0.01) as source:
        eventually(lambda: shows(100, "first"))
        device.show(screen(30), tree(scripted, "second"))
        eventually(lambda: shows(30, "second"))
        adb.stop()
        eventually(lambda: source.state.kind == "lost")
        device.show(screen(200), tree(scripted, "third"))
        with AdbDaemon(device, port=port, accept_first=True):
            eventually(lambda: shows(200, "third"))
            assert source.state.kind == "live"


def test_a_rotation_mid_video_changes_the_frames(
    still: Phone, device: StillDevice, scripted: Any, eventually: Any
) -> None:
    with FrameSource(still, "h264", tree_interval_s=0.01) as source:
        eventually(lambda: source.newest(0, 0.2) is not None and source.stats.trees > 0)
        device.show(screen(60, (740, 360)), tree(scripted, "turned", rotation=1))

        def turned() -> bool:
            frame = source.newest(0, 0.2)
            return frame is not None and frame.size == (740, 360)

        eventually(turned)


@pytest.mark.adb
@pytest.mark.skipif(shutil.which("adb") is None, reason="needs Google's adb")
def test_our_key_is_one_that_googles_client_reads(key_dir: Path, tmp_path: Path) -> None:
    """Google's client derives the public key from our private one, and it is the one we wrote."""
    from backend.phones.keys import host_key

    path = host_key(key_dir).path
    derived = subprocess.run(
        ["adb", "pubkey", str(path)], capture_output=True, check=True, env={**os.environ, "HOME": str(tmp_path)}
    ).stdout
    assert derived.split()[0] == path.with_name("adbkey.pub").read_bytes().split()[0]
