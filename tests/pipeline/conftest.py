"""A phone with one screen behind the real ADB protocol, and a backend that watches it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import cv2
import numpy as np
import pytest
from font_roboto import Roboto
from PIL import Image, ImageDraw, ImageFont

from backend.pipeline.runtime import BackendRuntime
from backend.settings import Settings
from backend.store.journal import Journal
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.still import StillDevice

SIZE = (720, 1280)
INSULT = "you are a worthless stupid bitch"
KIND = "what a lovely morning it is"
NODE = (
    '<node index="{index}" text="{text}" resource-id="org.example:id/line{index}" class="android.widget.TextView" '
    'package="org.mindproof.still" content-desc="" checkable="false" checked="false" clickable="false" enabled="true" '
    'focusable="false" focused="false" scrollable="false" long-clickable="false" password="false" selected="false" '
    'bounds="[{left},{top}][{right},{bottom}]" />'
)


def screen(*lines: str) -> tuple[np.ndarray, str]:
    """A picture with `lines` of text, 100 pixels apart from y=200 on, and the UI tree that belongs to it."""
    picture = Image.new("RGBA", SIZE, (250, 250, 248, 255))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(Roboto, 36)
    nodes = []
    for index, text in enumerate(lines):
        place = (40, 200 + 100 * index)
        draw.text(place, text, font=font, fill=(20, 20, 24, 255))
        left, top, right, bottom = (int(v) for v in draw.textbbox(place, text, font=font))
        nodes.append(NODE.format(index=index, text=escape(text), left=left, top=top, right=right, bottom=bottom))
    tree = f"<?xml version='1.0' encoding='UTF-8' ?><hierarchy rotation=\"0\">{''.join(nodes)}</hierarchy>"
    return np.asarray(picture).copy(), tree


class Watched:
    """A backend and the phone it watches."""

    def __init__(self, folder: Path, device: StillDevice, daemon: AdbDaemon) -> None:
        self.device, self.daemon = device, daemon
        self.folder = folder
        self.settings = Settings(home=folder, port=0, mirror_width=SIZE[0])
        self.journal = Journal.open(f"sqlite:///{folder / 'journal.sqlite3'}")
        self.runtime = BackendRuntime(self.settings, self.journal)
        self.serial = f"127.0.0.1:{daemon.port}"
        self.runtime.start()

    def watch(self) -> None:
        self.runtime.add_phone(self.serial)

    def ink(self, line: int) -> float:
        """How dark the darkest pixel of a line's row is in the picture that a browser gets, 0 (paper) to 255."""
        image = self.runtime.mirror(self.serial).newest(0, 20.0)
        assert image is not None, "the mirror shows nothing"
        grey = cv2.imdecode(np.frombuffer(image.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        row = grey[200 + 100 * line : 240 + 100 * line, 40:600]
        return float(row.max()) - float(row.min())


def until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Wait for `condition`; an AssertionError when it does not come."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    device = StillDevice(*screen(KIND, INSULT))
    with AdbDaemon(device, port=0, accept_first=True) as daemon:
        watched = Watched(tmp_path, device, daemon)
        yield watched
        watched.runtime.close()
