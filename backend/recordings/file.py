"""The recording file: frames without loss, UI trees, touches and their times, in one SQLite database.

SQLite because a recording must survive a crash half-way: what was committed is readable, whatever happens
next. Layout, version 2 (``PRAGMA application_id`` 0x4d50524f):

- ``meta``: ``key``, ``value``: version, phone, consent_by, consent_at, consent_to
- ``picture``: ``digest`` (BLAKE2b of the pixels), ``png``; equal screens are stored once
- ``tree``: ``digest``, ``json`` (zlib): rotation and the widgets
- ``frame``: ``number``, ``time_s``, ``package``, ``activity``, ``picture``, ``tree``, ``asked_s``, ``dumped_s``,
  ``secure``
- ``touch``: ``time_s``, ``action`` (DOWN, MOVE, UP), ``x``, ``y`` in screen pixels, ``finger`` (a number of its own
  for each finger that is down; version 1 had none)

Times are seconds since the recording began, which is its first frame.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from pydantic import TypeAdapter

from backend.errors import RecordingError
from backend.phones.frame import Frame, Tree
from backend.phones.touches import Touch
from interventions.sdk import App, Pixels, Widget

_APPLICATION_ID = 0x4D50524F
_VERSION = "2"
_TABLES = """
create table meta (key text primary key, value text not null);
create table picture (digest text primary key, png blob not null);
create table tree (digest text primary key, json blob not null);
create table frame (
    number integer primary key, time_s real not null, package text not null, activity text not null,
    picture text not null references picture, tree text references tree,
    asked_s real, dumped_s real, secure integer not null
);
create table touch (
    time_s real not null, action text not null, x integer not null, y integer not null, finger integer not null
);
"""
_WIDGETS = TypeAdapter(tuple[Widget, ...])


@dataclass(frozen=True, slots=True)
class Consent:
    """Who agreed to what, when (ISO 8601). A recording holds everything that was on a screen; nobody records
    without it."""

    by: str
    at: str
    to: str


class RecordingWriter:
    """Writes a new recording, from any thread. What is given is committed when a method returns."""

    def __init__(self, path: Path, phone: str, consent: Consent) -> None:
        if path.exists():
            raise RecordingError(f"{path} exists already", "choose another --out, or remove it")
        try:
            self._db = sqlite3.connect(path, check_same_thread=False)
            self._db.executescript(f"pragma application_id = {_APPLICATION_ID};" + _TABLES)
        except sqlite3.Error as error:
            raise RecordingError(
                f"{path} cannot be written: {error}", "check the folder and the free disk space"
            ) from error
        self.path = path
        meta = {
            "version": _VERSION,
            "phone": phone,
            "consent_by": consent.by,
            "consent_at": consent.at,
            "consent_to": consent.to,
        }
        self._db.executemany("insert into meta values (?, ?)", meta.items())
        self._db.commit()
        self._first_s: float | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def add(self, frame: Frame) -> None:
        """Store a frame. Raises RecordingError (a full disk, say); what was stored before stays readable."""
        if self._first_s is None:
            self._first_s = frame.time_s
        begin = self._first_s
        try:
            with self._lock, self._db:
                picture = self._picture(frame.pixels)
                tree = self._tree(frame.tree) if frame.tree else None
                asked = frame.tree.asked_s - begin if frame.tree else None
                dumped = frame.tree.time_s - begin if frame.tree else None
                self._db.execute(
                    "insert into frame values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (frame.number, frame.time_s - begin, frame.app.package, frame.app.activity, picture, tree,
                    asked, dumped,
                     int(frame.secure)),
                )  # fmt: skip
        except sqlite3.Error as error:
            raise RecordingError(
                f"{self.path}: frame {frame.number} could not be stored: {error}", "free some disk space"
            ) from error

    def touch(self, *touches: Touch) -> None:
        """Store touches; their times are on the frames' clock. Those before the first frame are left out.

        Raises RecordingError, as `add` does.
        """
        begin = self._first_s
        if begin is None:
            return
        rows = [(one.time_s - begin, one.action, one.x, one.y, one.finger) for one in touches if one.time_s >= begin]
        try:
            with self._lock, self._db:
                self._db.executemany("insert into touch values (?, ?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise RecordingError(
                f"{self.path}: {len(rows)} touches could not be stored: {error}", "free some disk space"
            ) from error

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _picture(self, pixels: Pixels) -> str:
        digest = hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=16).hexdigest()
        if self._db.execute("select 1 from picture where digest = ?", (digest,)).fetchone() is None:
            bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
            done, png = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])
            if not done:
                raise RecordingError(f"a frame of shape {pixels.shape} could not be compressed")
            self._db.execute("insert into picture values (?, ?)", (digest, png.tobytes()))
        return digest

    def _tree(self, tree: Tree) -> str:
        content = json.dumps({"rotation": tree.rotation, "widgets": [asdict(widget) for widget in tree.widgets]})
        data = content.encode()
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        self._db.execute("insert or ignore into tree values (?, ?)", (digest, zlib.compress(data)))
        return digest


class Recording:
    """An existing recording, read frame by frame."""

    def __init__(self, path: Path) -> None:
        """Raises RecordingError when `path` is missing or is no recording of a version known here."""
        if not path.is_file():
            raise RecordingError(f"there is no recording {path}", "make one with `mindproof record`")
        self.path = path
        try:
            self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            (found,) = self._db.execute("pragma application_id").fetchone()
            self.meta = dict(self._db.execute("select key, value from meta")) if found == _APPLICATION_ID else {}
        except sqlite3.Error as error:
            raise RecordingError(f"{path} cannot be read: {error}") from error
        if self.meta.get("version") != _VERSION:
            self._db.close()
            raise RecordingError(
                f"{path} is not a recording of version {_VERSION}", "record it again with this version"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._db.close()

    def __len__(self) -> int:
        (count,) = self._db.execute("select count(*) from frame").fetchone()
        return int(count)

    @property
    def phone(self) -> str:
        return str(self.meta["phone"])

    def frames(self) -> Iterator[Frame]:
        """The frames in order. Raises RecordingError naming the frame that is damaged."""
        query = """select number, time_s, package, activity, png, tree.json, asked_s, dumped_s, secure from frame
                   join picture on picture.digest = frame.picture left join tree on tree.digest = frame.tree
                   order by number"""
        with closing(self._db.execute(query)) as rows:
            for number, time_s, package, activity, png, tree, asked_s, dumped_s, secure in rows:
                yield Frame(
                    number, time_s, self.phone, App(package, activity), self._pixels(number, png),
                    self._widgets(tree, asked_s, dumped_s) if tree is not None else None, "file", bool(secure),
                )  # fmt: skip

    def touches(self) -> list[Touch]:
        """In the order of their times."""
        query = "select time_s, action, x, y, finger from touch order by time_s, rowid"
        return [Touch(*row) for row in self._db.execute(query)]

    def _pixels(self, number: int, png: bytes) -> Pixels:
        bgr = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
        if bgr is None:
            raise RecordingError(f"{self.path}: the picture of frame {number} is damaged")
        pixels: Pixels = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
        pixels.flags.writeable = False
        return pixels

    def _widgets(self, data: bytes, asked_s: float, dumped_s: float) -> Tree:
        content = json.loads(zlib.decompress(data))
        return Tree(_WIDGETS.validate_python(content["widgets"]), dumped_s, asked_s, content["rotation"])
