"""The phone as a whole: boots, turns, survives what its apps do, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device_agent.virtual_phone.errors import AppError, VirtualPhoneError
from device_agent.virtual_phone.phone import VirtualPhone


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until_dead(pids: list[int]) -> None:
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline, f"still running: {[pid for pid in pids if alive(pid)]}"
        time.sleep(0.02)


def test_two_phones_with_one_seed_show_the_same_pixels(hand_for: Any) -> None:
    screens = []
    for _ in range(2):
        with VirtualPhone(size=(720, 1280), seed=9) as phone:
            hand = hand_for(phone)
            phone.start_activity("org.mindproof.feed", None)
            phone.swipe(360, 1000, 360, 300, 150)
            hand.rest()
            screens.append((phone.screenshot(), phone.dump_tree()))
    assert np.array_equal(screens[0][0], screens[1][0])
    assert screens[0][1] == screens[1][1]


def test_another_seed_shows_other_content(hand: Any, hand_for: Any) -> None:
    hand.open("feed")
    with VirtualPhone(seed=2) as phone:
        phone.start_activity("org.mindproof.feed", None)
        assert hand_for(phone).find("post_text").text != hand.find("post_text").text


def test_a_turned_phone_lays_itself_out_anew(hand: Any) -> None:
    hand.open("feed")
    phone = hand.phone
    try:
        phone.settings["system"]["user_rotation"] = "1"
        hand.until(lambda: hand.find("feed_list").box[2] == 2220, "the wide layout")
        assert phone.size == (2220, 1080)
        assert phone.screenshot().shape == (1080, 2220, 4)
        assert 'rotation="1"' in phone.dump_tree()
        hand.drag(-200)
    finally:
        phone.settings["system"]["user_rotation"] = "0"
    hand.until(lambda: hand.find("feed_list").box[2] == 1080, "the upright layout")
    assert phone.screenshot().shape == (2220, 1080, 4)


def test_a_crash_is_logged_and_takes_only_the_app(hand: Any) -> None:
    hand.open("chat")
    hand.tap("conversation")
    hand.tap("message_field")
    hand.phone.text("/crash")
    _, before = hand.phone.log(0)
    hand.tap("send_button")
    hand.until(lambda: hand.activity() == "LauncherActivity", "the home screen")
    lines, _ = hand.phone.log(before)
    fatal = [line for line in lines if line.tag == "AndroidRuntime"]
    assert fatal[0].message == "FATAL EXCEPTION: main"
    assert fatal[0].level == "E"
    assert any("IllegalStateException: crashed on request" in line.message for line in fatal)
    assert any("ConversationActivity.send" in line.message for line in fatal)
    assert not [p for p in hand.phone.processes() if p.name == "org.mindproof.chat"]
    hand.phone.start_activity("org.mindproof.chat", None)
    assert hand.activity() == "ChatActivity"


def test_a_virtual_machine_that_dies_leaves_its_report_on_the_phone_and_is_logged(
    hand: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.phone.force_stop("org.mindproof.chat")
    monkeypatch.chdir(tmp_path)  # where the process begins
    hand.open("chat")
    pid = next(p.pid for p in hand.phone.processes() if p.name == "org.mindproof.chat")
    _, before = hand.phone.log(0)
    os.kill(pid, signal.SIGSEGV)
    hand.until(lambda: any(line.tag == "tombstoned" for line in hand.phone.log(before)[0]), "the log to tell")
    lines = [line for line in hand.phone.log(before)[0] if line.pid == pid]
    assert [line.message for line in lines if "SIGSEGV" in line.message and line.level == "F"]
    assert lines[-1].message == f"Tombstone written to: /data/tombstones/tombstone_{pid}"
    assert (hand.phone.root / f"data/tombstones/tombstone_{pid}").stat().st_size > 1000
    assert list(tmp_path.iterdir()) == []
    hand.until(lambda: hand.activity() == "LauncherActivity", "the home screen")


def test_a_killed_launcher_comes_back(hand: Any) -> None:
    hand.phone.key(3)
    hand.until(lambda: hand.activity() == "LauncherActivity", "the home screen")
    pid = hand.phone.foreground()[2]
    os.kill(pid, signal.SIGKILL)
    hand.until(lambda: hand.phone.foreground() is not None and hand.phone.foreground()[2] != pid, "another launcher")
    assert hand.find("clock").text


def test_force_stop_ends_the_process(hand: Any) -> None:
    hand.open("feed")
    pid = hand.phone.foreground()[2]
    hand.phone.force_stop("org.mindproof.feed")
    wait_until_dead([pid])
    assert hand.activity() == "LauncherActivity"


def test_stopping_leaves_no_process_and_no_file() -> None:
    with VirtualPhone() as phone:
        phone.start_activity("org.mindproof.feed", None)
        pids = [process.pid for process in phone.processes() if process.name.startswith("org.")]
        root = phone.root
        assert (root / "sdcard/Download").is_dir()
    wait_until_dead(pids)
    assert len(pids) == 2
    assert not root.exists()


def test_apps_die_with_a_phone_that_is_killed() -> None:
    script = (
        "import time\n"
        "from device_agent.virtual_phone.phone import VirtualPhone\n"
        "phone = VirtualPhone(); phone.start()\n"
        "print(*[p.pid for p in phone.processes() if p.name.startswith('org.')], flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        pids = [int(word) for word in host.stdout.readline().split()]
        assert pids
        assert all(alive(pid) for pid in pids)
        host.kill()
    wait_until_dead(pids)


def test_the_power_key_turns_the_screen_black(hand: Any) -> None:
    hand.open("feed")
    hand.phone.key(26)
    assert hand.phone.foreground() is None
    assert hand.phone.screenshot()[:, :, :3].max() == 0
    hand.phone.tap(540, 800)
    hand.phone.key(224)
    assert hand.activity() == "FeedActivity"
    assert hand.phone.screenshot()[:, :, :3].max() == 255


def test_an_unknown_app_or_activity_is_refused(hand: Any) -> None:
    with pytest.raises(AppError, match=r"no package org\.example is installed"):
        hand.phone.start_activity("org.example", None)
    with pytest.raises(AppError, match="does not exist"):
        hand.phone.start_activity("org.mindproof.feed", ".NoSuchActivity")
    with pytest.raises(AppError, match=r"no package org\.example"):
        hand.phone.force_stop("org.example")


def test_impossible_phones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(VirtualPhoneError, match="not possible"):
        VirtualPhone(size=(10, 10))
    with pytest.raises(VirtualPhoneError, match="content folder"):
        VirtualPhone(content_dir=tmp_path / "nothing")


def test_pictures_of_a_content_folder_are_shown(tmp_path: Path, hand_for: Any) -> None:
    from PIL import Image

    (tmp_path / "photos").mkdir()
    Image.new("RGB", (300, 200), (10, 200, 30)).save(tmp_path / "photos/green.png")
    (tmp_path / "photos/broken.jpg").write_bytes(b"not a picture")
    with VirtualPhone(content_dir=tmp_path) as phone:
        hand = hand_for(phone)
        phone.start_activity("org.mindproof.feed", None)
        greens = 0
        for _ in range(5):
            pixels = phone.screenshot()[:, :, :3].astype(int)
            greens += int((np.abs(pixels - (10, 200, 30)).sum(axis=2) < 12).sum() > 100_000)
            hand.drag(-900)
        assert greens


def test_the_phone_says_what_it_is(hand: Any) -> None:
    phone = hand.phone
    assert phone.properties["ro.build.version.sdk"] == "34"
    assert phone.settings["system"]["user_rotation"] == "0"
    assert {package.name for package in phone.packages()} >= {"org.mindproof.feed", "org.mindproof.reader"}
    names = {process.name for process in phone.processes()}
    assert {"init", "system_server", "com.android.systemui"} <= names
