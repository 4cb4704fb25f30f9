"""A recording keeps frames without loss, with consent, and survives bad ends."""

from __future__ import annotations

import sqlite3
import threading

import numpy as np
import pytest

from backend.errors import RecordingError
from backend.phones.frame import Frame, Tree
from backend.phones.touches import Touch
from backend.recordings.file import Consent, Recording, RecordingWriter
from interventions.sdk import App, Box, Widget

CONSENT = Consent("P07", "2026-01-01T10:00:00+00:00", "everything shown")


def frame(number, value, tree=None):
    pixels = np.random.default_rng(value).integers(0, 256, (80, 40, 3), dtype=np.uint8)
    return Frame(number, 100.0 + number, "virtual", App("org.a", ".Main"), pixels, tree)


def tree():
    widget = Widget("w1", 0, None, 0, "android.widget.TextView", "org.a", Box(0, 0, 40, 20), text="hello")
    return Tree((widget,), 101.5, 101.2, 0)


def test_what_is_written_is_read_bit_for_bit(tmp_path):
    path = tmp_path / "a.mindproof"
    frames = [frame(1, 1, tree()), frame(2, 2), frame(3, 1, tree())]
    with RecordingWriter(path, "virtual", CONSENT) as writer:
        for one in frames:
            writer.add(one)
        writer.touch(Touch(102.0, "DOWN", 3, 4), Touch(102.0, "DOWN", 30, 40, 1))
    with Recording(path) as recording:
        read = list(recording.frames())
        assert recording.touches() == [Touch(1.0, "DOWN", 3, 4), Touch(1.0, "DOWN", 30, 40, 1)]
        assert (recording.meta["consent_by"], len(recording)) == ("P07", 3)
    for one, other in zip(frames, read, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
        assert (one.number, one.app) == (other.number, other.app)
        assert (one.tree.widgets if one.tree else None) == (other.tree.widgets if other.tree else None)
    assert [round(one.time_s, 6) for one in read] == [0.0, 1.0, 2.0]
    assert read[0].tree.asked_s == pytest.approx(0.2)


def test_equal_screens_are_stored_once(tmp_path):
    path = tmp_path / "a.mindproof"
    with RecordingWriter(path, "virtual", CONSENT) as writer:
        for number in range(1, 6):
            writer.add(frame(number, 1, tree()))
    with sqlite3.connect(path) as db:
        assert db.execute("select count(*) from picture").fetchone() == (1,)
        assert db.execute("select count(*) from tree").fetchone() == (1,)
    db.close()


def test_an_interrupted_recording_is_readable_up_to_its_last_frame(tmp_path):
    path = tmp_path / "a.mindproof"
    writer = RecordingWriter(path, "virtual", CONSENT)
    writer.add(frame(1, 1))
    writer.add(frame(2, 2))
    with Recording(path) as recording:  # the writer never came to close it
        assert len(list(recording.frames())) == 2
    writer.close()


def test_frames_and_touches_may_come_from_two_threads(tmp_path):
    path = tmp_path / "a.mindproof"
    with RecordingWriter(path, "virtual", CONSENT) as writer:
        writer.add(frame(1, 1))
        touching = threading.Thread(
            target=lambda: [writer.touch(Touch(101.0 + n / 100, "MOVE", n, n)) for n in range(100)]
        )
        touching.start()
        for number in range(2, 40):
            writer.add(frame(number, number))
        touching.join(10)
    with Recording(path) as recording:
        assert len(recording) == 39
        assert [touch.x for touch in recording.touches()] == list(range(100))


def test_touches_before_the_first_frame_are_left_out(tmp_path):
    path = tmp_path / "a.mindproof"
    with RecordingWriter(path, "virtual", CONSENT) as writer:
        writer.touch(Touch(90.0, "DOWN", 3, 4))
        writer.add(frame(1, 1))
        writer.touch(Touch(100.5, "MOVE", 3, 4), Touch(101.0, "UP", 3, 4))
    with Recording(path) as recording:
        assert recording.touches() == [Touch(0.0, "UP", 3, 4)]


def test_a_full_disk_is_one_clear_error_and_loses_nothing_before_it(tmp_path):
    path = tmp_path / "a.mindproof"
    with RecordingWriter(path, "virtual", CONSENT) as writer:
        writer.add(frame(1, 1))
        (pages,) = writer._db.execute("pragma page_count").fetchone()
        writer._db.execute(f"pragma max_page_count = {pages}")
        with pytest.raises(RecordingError, match=r"frame 2 could not be stored: database or disk is full"):
            writer.add(frame(2, 2))
        with pytest.raises(RecordingError, match=r"500 touches could not be stored: database or disk is full"):
            writer.touch(*(Touch(102.0, "MOVE", n, n) for n in range(500)))
    with Recording(path) as recording:
        assert [one.number for one in recording.frames()] == [1]


@pytest.mark.parametrize("content", [b"", b"PNG is not SQLite", None])
def test_what_is_no_recording_is_refused(tmp_path, content):
    path = tmp_path / "a.mindproof"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"a\.mindproof"):
        Recording(path)


def test_an_existing_file_is_never_written_over(tmp_path):
    path = tmp_path / "a.mindproof"
    path.write_text("precious")
    with pytest.raises(RecordingError, match="exists already"):
        RecordingWriter(path, "virtual", CONSENT)
    assert path.read_text() == "precious"


def test_a_damaged_picture_is_named(tmp_path):
    path = tmp_path / "a.mindproof"
    with RecordingWriter(path, "virtual", CONSENT) as writer:
        writer.add(frame(1, 1))
    with sqlite3.connect(path) as db:
        db.execute("update picture set png = x'00'")
    db.close()
    with Recording(path) as recording, pytest.raises(RecordingError, match="picture of frame 1 is damaged"):
        list(recording.frames())
