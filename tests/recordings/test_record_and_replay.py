"""A session on a phone is recorded over ADB with its touches, and replayed the same each time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import av
import numpy as np
import pytest
from font_roboto import Roboto
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner, Result

from backend.cli import app
from backend.phones.phone import Phone
from backend.phones.source import FrameSource
from backend.phones.touches import Touch
from backend.recordings.file import Consent, Recording, RecordingWriter
from backend.recordings.recorder import record
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.still import StillDevice

SIZE = (720, 1280)
INSULT = "you are a worthless stupid bitch"
KIND = "what a lovely morning it is"
CONSENT = Consent("P07", "2026-01-01T10:00:00+00:00", "everything shown")
Run = Callable[..., Result]


def screen(*lines: str) -> tuple[np.ndarray, str]:
    """A picture with `lines` of text, and the UI tree that belongs to it."""
    picture = Image.new("RGBA", SIZE, (250, 250, 248, 255))
    draw, font = ImageDraw.Draw(picture), ImageFont.truetype(Roboto, 36)
    nodes = []
    for index, text in enumerate(lines):
        place = (40, 200 + 100 * index)
        draw.text(place, text, font=font, fill=(20, 20, 24, 255))
        left, top, right, bottom = (int(value) for value in draw.textbbox(place, text, font=font))
        nodes.append(
            f'<node index="{index}" text="{escape(text)}" resource-id="org.example:id/line{index}" '
            f'class="android.widget.TextView" package="org.mindproof.still" content-desc="" '
            f'bounds="[{left},{top}][{right},{bottom}]" />'
        )
    return np.asarray(picture).copy(), f"<?xml version='1.0' ?><hierarchy rotation=\"0\">{''.join(nodes)}</hierarchy>"


@pytest.fixture
def device() -> Iterator[StillDevice]:
    with StillDevice(*screen(KIND, INSULT)) as still:
        yield still


@pytest.fixture
def serial(device: StillDevice) -> Iterator[str]:
    with AdbDaemon(device, port=0, accept_first=True) as daemon:
        yield f"127.0.0.1:{daemon.port}"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command with a home of its own."""
    monkeypatch.setenv("MINDPROOF_HOME", str(tmp_path / "home"))
    return lambda *args: CliRunner().invoke(app, [str(arg) for arg in args], catch_exceptions=False)


class Observer:
    """A hand on the phone, and what the recording holds meanwhile."""

    def __init__(self, path: Path, phone: Phone) -> None:
        self._path, self.phone = path, phone

    def recorded(self) -> list[Touch]:
        with Recording(self._path) as recording:
            return recording.touches() if len(recording) else []

    def wait_until_touches_are_heard(self) -> None:
        """Tap here and there until the recording has a tap with its end."""
        until_s, number = time.monotonic() + 20, 0
        while not self.recorded():
            assert time.monotonic() < until_s, "no touch was recorded"
            number += 1
            self.phone.tap(number % 90, 1000 + number % 90)


def test_a_swipe_while_recording_is_kept_with_its_times_and_pixels(
    device: StillDevice, serial: str, tmp_path: Path
) -> None:
    path, ended = tmp_path / "session.mindproof", threading.Event()
    during_s: list[float] = []

    def use() -> None:
        try:
            observer = Observer(path, phone)
            observer.wait_until_touches_are_heard()
            during_s.append(time.monotonic())
            phone.swipe(200, 900, 500, 300, 240)
            device.show(*screen(KIND))
            until_s = time.monotonic() + 20
            while observer.recorded()[-1].y != 300 and time.monotonic() < until_s:
                ended.wait(0.05)
            during_s.append(time.monotonic())
        finally:
            ended.set()

    with Phone(serial, tmp_path / "keys") as phone, RecordingWriter(path, serial, CONSENT) as writer:
        user = threading.Thread(target=use)
        with FrameSource(phone) as source:
            user.start()
            frames = record(source, writer, ended)
            user.join(30)
        first_s = writer._first_s
    with Recording(path) as recording:
        texts = [{w.text for w in frame.tree.widgets} for frame in recording.frames() if frame.tree]
        touches = [touch for touch in recording.touches() if touch.y <= 900]
    assert len(texts) <= frames
    assert {KIND, INSULT} in texts
    assert first_s is not None
    assert [touch.action for touch in touches] == ["DOWN", *["MOVE"] * 15, "UP"]
    assert (touches[0].x, touches[0].y) == (200, 900)
    assert (touches[-1].x, touches[-1].y) == (500, 300)
    for touch in touches:  # on the line from one end to the other
        assert abs((touch.x - 200) * 2 - (900 - touch.y)) <= 4
    times = [first_s + touch.time_s for touch in touches]
    begun_s, seen_s = during_s
    assert begun_s - 0.001 <= times[0]  # getevent tells microseconds
    assert times == sorted(times)
    assert times[-1] <= seen_s
    assert times[-1] - times[0] >= 0.1  # of 0.24 s: the clocks may have been matched better meanwhile


def test_a_recording_is_made_and_replayed_the_same_each_time(run: Run, serial: str, tmp_path: Path) -> None:
    path = tmp_path / "session.mindproof"
    made = run("record", serial, "--out", path, "--consent", "P07", "--seconds", "2")
    assert made.exit_code == 0, made.output
    with Recording(path) as recording:
        assert recording.meta["consent_by"] == "P07"
        assert len(recording) >= 1
    replays = [run("replay", path, "--with", "hate_speech", "--json") for _ in range(2)]
    assert [replay.exit_code for replay in replays] == [0, 0]
    one, other = (json.loads(replay.stdout) for replay in replays)
    assert one == other
    covered = [action for frame in one["frames"] for action in frame["actions"]]
    assert {action["action"] for action in covered} == {"Cover"}
    assert all(270 <= action["box"][1] <= 310 for action in covered)  # the second line, not the first


def test_two_versions_side_by_side_make_a_video_with_two_panes(run: Run, serial: str, tmp_path: Path) -> None:
    path, video = tmp_path / "session.mindproof", tmp_path / "both.mp4"
    assert run("record", serial, "--out", path, "--consent", "P07", "--seconds", "2").exit_code == 0
    compared = run(
        "replay", path, "--with", "hate_speech", "--against", "demetrication", "--out", video, "--json"
    )  # fmt: skip
    assert compared.exit_code == 0, compared.output
    frames = json.loads(compared.stdout)["frames"]
    assert any(frame["differs"] for frame in frames)
    with av.open(str(video)) as container:
        pictures = [picture.to_ndarray(format="rgb24") for picture in container.decode(video=0)]
    assert len(pictures) == len(frames)
    assert pictures[-1].shape == (960, 2 * 540, 3)
    left, right = np.hsplit(pictures[-1].astype(int), 2)
    rows = slice(960 * 295 // 1280, 960 * 345 // 1280)  # where the insult stands
    assert np.abs(left[rows] - right[rows]).mean() > 10
    assert np.abs(left[500:] - right[500:]).mean() < 2
