"""The journal: the append-only record of everything seen, decided and done."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import TypeVar, Unpack

from sqlalchemy import Engine, insert, update
from sqlalchemy.exc import DatabaseError, OperationalError

from backend.errors import StoreError
from backend.store import queries
from backend.store.annotations import Annotations
from backend.store.corrections import Corrections
from backend.store.entries import Entry, Record, Summary
from backend.store.lock import DatabaseLock
from backend.store.opening import close_database, open_database
from backend.store.queries import Search
from backend.store.tables import sessions
from backend.store.writer import Writer

T = TypeVar("T")

BOUND = 100_000
"""Entries kept in memory while the database takes none: some minutes of a busy phone, some tens of megabytes."""


class Journal:
    """One backend's session in the journal. Any thread may call any method.

    `append` costs a lock and returns; a thread of its own writes. Reading sees what has been written, not what still
    waits (`flush` first where that matters).
    """

    def __init__(self, engine: Engine, lock: DatabaseLock | None, bound: int = BOUND) -> None:
        self._engine, self._lock = engine, lock
        self._news = threading.Condition()
        self._writes = 0
        self._closed = False
        self.annotations = Annotations(engine)
        """What people taught, beside the journal in the same database."""
        self.corrections = Corrections(engine)
        """Where they corrected a judge."""
        self.session = self._begin_session()
        self._writer = Writer(engine, self.session, bound, self._announce)

    @classmethod
    def open(cls, url: str, *, bound: int = BOUND) -> Journal:
        """Open a database by path or SQLAlchemy URL, bring its schema up to date, and begin a session.

        Raises:
            StoreError: when it is no database, cannot be written, is newer than this program, or is in use by another
                backend.
        """
        engine, lock = open_database(url)
        try:
            return cls(engine, lock, bound)
        except BaseException:
            close_database(engine, lock)
            raise

    # -- writing ------------------------------------------------------------------------------------------------------

    def append(self, entries: Iterable[Entry]) -> None:
        """Add `entries`, in order. Never blocks, never raises for want of a database: see `trouble`, `dropped`."""
        self._writer.append(entries)

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until all that was appended is written; False when it was not within `timeout_s`."""
        return self._writer.flush(timeout_s)

    @property
    def trouble(self) -> str:
        """Why the database takes no entries at present; empty when it does."""
        return self._writer.trouble

    @property
    def dropped(self) -> int:
        """Entries lost in this session: the database took none for too long, or can store no such entry."""
        return self._writer.dropped

    @property
    def pending(self) -> int:
        """Entries that wait in memory to be written."""
        return self._writer.pending

    # -- reading ------------------------------------------------------------------------------------------------------

    def search(self, **wanted: Unpack[queries.Wanted]) -> list[Record]:
        """Matching records, newest first; the arguments are the fields of `Search`. Raises StoreError."""
        return self._read(lambda connection: queries.search(connection, Search(**wanted)))

    def tail(self, after_id: int, limit: int = 200, timeout_s: float = 0.0) -> list[Record]:
        """Records newer than `after_id`, oldest first; waits up to `timeout_s` for the first. Raises StoreError."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            with self._news:
                seen = self._writes
            records = self._read(lambda connection: queries.tail(connection, after_id, limit))
            left_s = deadline_s - time.monotonic()
            if records or left_s <= 0:
                return records
            with self._news:
                while self._writes == seen and left_s > 0 and not self._closed:
                    self._news.wait(left_s)
                    left_s = deadline_s - time.monotonic()
                if self._closed:
                    return []

    def newest_id(self) -> int:
        """The id of the newest record; 0 for an empty journal. Raises StoreError."""
        return self._read(queries.newest_id)

    def summary(self, session: int | None = None) -> Summary:
        """One session in numbers; this one by default. Raises StoreError, also when there is no such session."""
        number = self.session if session is None else session
        found = self._read(lambda connection: queries.summary(connection, number))
        if found is None:
            raise StoreError(f"journal: there is no session {number}", f"the newest is {self.session}")
        return found

    # -- its life -----------------------------------------------------------------------------------------------------

    def announce(self, url: str) -> None:
        """Tell a second backend on the same database where this one is."""
        if self._lock is not None:
            self._lock.announce(url)

    def close(self, timeout_s: float = 10.0) -> None:
        """Write what waits, end the session, give the database free. A second call does nothing."""
        if self._closed:
            return
        self._writer.close(timeout_s)
        with self._news:
            self._closed = True
            self._news.notify_all()
        try:
            if not self._writer.trouble:
                with self._engine.begin() as connection:
                    ended = update(sessions).where(sessions.c.id == self.session)
                    connection.execute(ended.values(ended_s=time.time()))
        except OperationalError as error:
            raise _unusable(self._engine, error) from error
        finally:
            self._engine.dispose()
            if self._lock is not None:
                self._lock.release()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _begin_session(self) -> int:
        begun = insert(sessions).values(
            started_s=time.time(), host=platform.node(), pid=os.getpid(), version=_version()
        )
        try:
            with self._engine.begin() as connection:
                return int(connection.execute(begun.returning(sessions.c.id)).scalar_one())
        except DatabaseError as error:
            raise _unusable(self._engine, error) from error

    def _read(self, question: queries.Question[T]) -> T:
        try:
            with self._engine.connect() as connection:
                return question(connection)
        except DatabaseError as error:
            raise _unusable(self._engine, error) from error

    def _announce(self) -> None:
        with self._news:
            self._writes += 1
            self._news.notify_all()


def _unusable(engine: Engine, error: DatabaseError) -> StoreError:
    shown = engine.url.render_as_string(hide_password=True)
    return StoreError(f"journal {shown} cannot be used: {error.orig}", "check the disk's free space and the file")


def _version() -> str:
    try:
        return version("mindproof")
    except PackageNotFoundError:
        return "uninstalled"
