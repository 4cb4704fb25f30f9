"""The benchmark's input: a scroll through the virtual phone's feed, recorded over ADB, frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

from backend.errors import CaptureError
from backend.phones.frame import Frame
from backend.phones.keys import host_key
from backend.phones.phone import Phone
from backend.phones.virtual import start_virtual_phone
from backend.recordings.file import Consent, RecordingWriter

FEED = "org.mindproof.feed"
_STEP = 150
_DRAGS = 8
_SETTLE_S = 20.0


def record_scroll(path: Path, frames: int, seed: int, key_dir: Path, progress: Callable[[int], None]) -> None:
    """Drag through the feed in steps of 150 pixels and keep every step with its UI tree.

    The finger moves, then the phone is left to draw, then picture and tree are taken: each frame and its tree show
    the same.
    """
    consent = Consent("nobody", datetime.now(UTC).isoformat(timespec="seconds"), "a virtual phone, no person")
    with (
        start_virtual_phone(
            port=0, size=(1080, 2220), seed=seed, trusted_keys=host_key(key_dir).public_path
        ) as virtual,
        Phone(virtual.serial, key_dir) as phone,
        RecordingWriter(path, virtual.serial, consent) as writer,
    ):
        phone.shell(f"am start -n {FEED}/.FeedActivity")
        before = _still(phone, 0, None)
        writer.add(before)
        while before.number < frames:
            phone.motion("DOWN", 540, 1700)
            for step in range(1, _DRAGS + 1):
                phone.motion("MOVE", 540, 1700 - step * _STEP)
                before = _still(phone, before.number, before)
                writer.add(before)
                progress(before.number)
            phone.motion("CANCEL", 540, 1700 - _DRAGS * _STEP)


def _still(phone: Phone, number: int, before: Frame | None) -> Frame:
    """A frame whose tree belongs to it: the picture was the same before and after the dump, and not the one before."""
    until = monotonic() + _SETTLE_S
    while monotonic() < until:
        first = phone.screenshot()
        tree = phone.tree()
        pixels = phone.screenshot()
        same = first.tobytes() == pixels.tobytes()
        moved = before is None or pixels.tobytes() != before.pixels.tobytes()
        if same and moved and tree.widgets and tree.widgets[0].package == FEED:
            app = phone.foreground()
            now = monotonic()
            return Frame(number + 1, now, phone.serial, app, pixels, replace(tree, asked_s=now, time_s=now))
        sleep(0.02)
    raise CaptureError(phone.serial, "the feed did not come to rest", "is the machine very busy?")
