"""The thread that puts entries into the database, in batches, so that nobody who appends ever waits for a disk."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError, StatementError

from backend.store.entries import Entry, EventEntry
from backend.store.rows import rows_of

log = logging.getLogger(__name__)

BATCH = 500
GATHER_S = 0.1
"""How long entries are gathered before they are written: one transaction for many frames."""
RETRY_S = (0.5, 1.0, 2.0, 5.0, 10.0)


class Writer:
    """Entries wait in memory, at most `bound` of them, until the database takes them.

    While it does not (full disk, locked file, lost server) they stay, in order, and are tried again; past `bound` the
    newest are dropped and counted. When the database recovers, the journal says how long it was away and what was lost.
    """

    def __init__(self, engine: Engine, session: int, bound: int, written: Callable[[], None]) -> None:
        self.trouble = ""
        self._unstorable = self._overflowed = self._overflowed_told = 0
        self._engine, self._session, self._bound, self._written = engine, session, bound, written
        self._waiting: deque[Entry] = deque()
        self._changed = threading.Condition()
        self._appended = self._settled = 0
        self._closing = self._hurried = False
        self._trouble_since_s = 0.0
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> int:
        """Entries that wait in memory."""
        return len(self._waiting)

    @property
    def dropped(self) -> int:
        """Entries that will never be in the database."""
        return self._unstorable + self._overflowed

    def append(self, batch: Iterable[Entry]) -> None:
        with self._changed:
            for entry in batch:
                if self._closing or len(self._waiting) >= self._bound:
                    self._overflowed += 1
                    continue
                self._waiting.append(entry)
                self._appended += 1
            self._changed.notify_all()

    def flush(self, timeout_s: float) -> bool:
        """Whether all that was appended before this call is in the database within `timeout_s`."""
        with self._changed:
            goal = self._appended
            self._hurried = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._settled >= goal, timeout_s)

    def close(self, timeout_s: float) -> None:
        """Write what waits, then stop. What the database still refuses is counted in the log."""
        self.flush(timeout_s)
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        lost = len(self._waiting)
        if lost:
            log.error("journal: closed with %d entries unwritten: %s", lost, self.trouble)
            self._overflowed += lost

    # -- the thread ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while batch := self._gather():
            try:
                self._store(batch)
            except DBAPIError as error:
                failures += 1
                self._report(error)
                if not self._wait_to_retry(RETRY_S[min(failures, len(RETRY_S)) - 1]):
                    return
            else:
                failures = 0
                self._recovered()

    def _gather(self) -> Sequence[Entry]:
        """The next entries to write, left in the queue until they are; empty at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            if len(self._waiting) < BATCH and not self._closing:
                self._changed.wait_for(lambda: self._hurried or self._closing or len(self._waiting) >= BATCH, GATHER_S)
            self._hurried = False
            return [self._waiting[i] for i in range(min(BATCH, len(self._waiting)))]

    def _store(self, batch: Sequence[Entry]) -> None:
        """Write `batch` and take it out of the queue.

        Raises:
            DBAPIError: the database cannot take anything now. What it did not take is still in the queue.
        """
        try:
            with self._engine.begin() as connection:
                for table, rows in rows_of(batch, self._session).items():
                    connection.execute(table.insert(), rows)
        except (StatementError, ValueError, TypeError, OverflowError) as error:
            if isinstance(error, DBAPIError) and not _is_about_the_entry(error):
                raise
            if len(batch) > 1:
                # One entry that no database takes must not hold up all the others: each by itself.
                for entry in batch:
                    self._store([entry])
                return
            log.error("journal: left out a %s that cannot be stored: %s", type(batch[0]).__name__, error)
            self._unstorable += 1
        self._settle(len(batch))

    def _settle(self, count: int) -> None:
        with self._changed:
            for _ in range(count):
                self._waiting.popleft()
            self._settled += count
            self._changed.notify_all()
        self._written()

    def _report(self, error: DBAPIError) -> None:
        """Say it once, however often it is tried."""
        if not self.trouble:
            self._trouble_since_s = time.monotonic()
            log.error(
                "journal: %s does not take entries: %s. They are kept in memory (up to %d) and tried again; "
                "free space on the disk, stop what locks the file, or start its server",
                self._engine.url.render_as_string(hide_password=True),
                error.orig,
                self._bound,
            )
        self.trouble = str(error.orig)

    def _recovered(self) -> None:
        if not self.trouble:
            return
        away_s, lost = time.monotonic() - self._trouble_since_s, self._overflowed - self._overflowed_told
        reason, self.trouble, self._overflowed_told = self.trouble, "", self._overflowed
        message = f"the journal could not be written for {away_s:.0f} s ({reason}); {lost} entries were lost"
        log.warning("%s", message)
        self.append([EventEntry(event="journal.recovered", message=message, detail={"lost": lost})])

    def _wait_to_retry(self, delay_s: float) -> bool:
        with self._changed:
            return not self._changed.wait_for(lambda: self._closing, delay_s)


def _is_about_the_entry(error: DBAPIError) -> bool:
    """Whether the database refused what was written, rather than writing."""
    refused = isinstance(error, DataError | IntegrityError | InterfaceError | ProgrammingError)
    return refused and not error.connection_invalidated
