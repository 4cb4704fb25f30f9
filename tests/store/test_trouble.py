"""A full disk, a locked file, a second backend, a crash: one clear error each, and what can be kept is kept."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event

from backend.errors import StoreError
from backend.store.entries import EventEntry
from backend.store.journal import Journal


def events(count: int, start: int = 0, size: int = 400) -> list[EventEntry]:
    return [EventEntry(event="test", message="x" * size, frame=start + i) for i in range(count)]


def until(true: Callable[[], bool], deadline_s: float = 20.0) -> None:
    end = time.monotonic() + deadline_s
    while not true():
        assert time.monotonic() < end, "it never became true"
        threading.Event().wait(0.01)


class Disk:
    """Makes SQLite itself run out of pages, as on a full disk."""

    def __init__(self, journal: Journal) -> None:
        self.full = False
        event.listen(journal._engine, "begin", self._limit)

    def _limit(self, connection: object) -> None:
        cursor = connection.connection.cursor()  # type: ignore[attr-defined]
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages if self.full else 1_000_000}")
        cursor.close()


def test_a_full_disk_keeps_the_entries_and_writes_them_when_there_is_space(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk(journal)
    disk.full = True
    with caplog.at_level(logging.ERROR):
        journal.append(events(200))
        until(lambda: bool(journal.trouble))
    assert "full" in journal.trouble
    assert journal.pending == 200
    assert not journal.flush(timeout_s=0.1)
    journal.append(events(10, start=200))  # nobody who appends notices
    told = [record for record in caplog.records if record.name.startswith("backend.store")]
    assert len(told) == 1
    assert "free space" in told[0].getMessage()
    disk.full = False
    assert journal.flush(timeout_s=20)
    until(lambda: journal.trouble == "")
    until(lambda: journal.search(name="journal.recovered") != [])
    assert [record.frame for record in journal.search(name="test", limit=1000)] == list(reversed(range(210)))
    (recovered,) = journal.search(name="journal.recovered")
    assert recovered.detail == {"lost": 0}


def test_past_the_bound_entries_are_dropped_and_counted(path: Path) -> None:
    with Journal.open(str(path), bound=50) as journal:
        disk = Disk(journal)
        disk.full = True
        journal.append(events(80, size=4000))
        until(lambda: bool(journal.trouble))
        assert (journal.pending, journal.dropped) == (50, 30)
        disk.full = False
        until(lambda: journal.search(name="journal.recovered") != [])
        (recovered,) = journal.search(name="journal.recovered")
        assert recovered.detail == {"lost": 30}
        assert len(journal.search(name="test")) == 50


def test_reading_goes_on_while_the_disk_is_full(journal: Journal) -> None:
    journal.append(events(1))
    assert journal.flush()
    disk = Disk(journal)
    disk.full = True
    journal.append(events(200, start=1))
    until(lambda: bool(journal.trouble))
    assert [record.frame for record in journal.search()] == [0]
    disk.full = False
    assert journal.flush(timeout_s=20)


def test_a_file_locked_by_another_program_is_waited_for(journal: Journal, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        journal.append(events(5))
        until(lambda: "locked" in journal.trouble)
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert journal.flush(timeout_s=20)
    assert len(journal.search(name="test")) == 5


def test_a_second_backend_is_refused_and_told_who_is_first(journal: Journal, path: Path) -> None:
    journal.announce("http://127.0.0.1:8765/")
    opening = f"from backend.store.journal import Journal; Journal.open({str(path)!r})"
    second = subprocess.run([sys.executable, "-c", opening], capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode != 0
    assert "StoreError" in second.stderr
    assert "at http://127.0.0.1:8765/" in second.stderr
    with pytest.raises(StoreError, match="is in use by process"):
        Journal.open(str(path))
    journal.append(events(1))
    assert journal.flush()


def test_a_crashed_backend_leaves_neither_a_lock_nor_a_loss(path: Path) -> None:
    crash = (
        "import os, sys\n"
        "from backend.store.journal import Journal\n"
        "from backend.store.entries import EventEntry\n"
        f"journal = Journal.open({str(path)!r})\n"
        "journal.append(EventEntry(event='test', frame=i) for i in range(1000))\n"
        "journal.flush()\n"
        "os._exit(9)\n"
    )
    crashed = subprocess.run([sys.executable, "-c", crash], capture_output=True, text=True, timeout=60, check=False)
    assert crashed.returncode == 9, crashed.stderr
    assert path.with_name("journal.sqlite3.lock").exists()
    with Journal.open(str(path)) as journal:
        assert len(journal.search(name="test", limit=1000)) == 1000
        assert journal.summary(journal.session - 1).ended_s is None


def test_a_lock_file_full_of_nonsense_is_taken_over(path: Path) -> None:
    path.with_name("journal.sqlite3.lock").write_text("{not json")
    Journal.open(str(path)).close()


def test_closing_with_a_full_disk_says_what_was_lost(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal.open(str(path))
    Disk(journal).full = True
    journal.append(events(200))
    until(lambda: bool(journal.trouble))
    with caplog.at_level(logging.ERROR):
        journal.close(timeout_s=0.1)
    assert "200 entries unwritten" in caplog.text
    assert journal.dropped == 200
    Journal.open(str(path)).close()
