"""Opening the journal's database: one backend at a time, with its schema up to date."""

from __future__ import annotations

from sqlalchemy import Engine

from backend.errors import StoreError
from backend.store.database import connect, file_of, migrate, parse
from backend.store.lock import DatabaseLock


def open_database(url: str) -> tuple[Engine, DatabaseLock | None]:
    """The database at a path or SQLAlchemy URL, and the lock that keeps other backends out where it is a file.

    Whoever opens it disposes of the engine and releases the lock.

    Raises:
        StoreError: when it is no database, cannot be written, is newer than this program, or is in use by another
            backend.
    """
    parsed = parse(url)
    file, lock = file_of(parsed), None
    if file is not None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"journal {file}: its folder cannot be made: {error.strerror}", "choose another path"
            ) from error
        lock = DatabaseLock(file)
        lock.take()
    engine = None
    try:
        engine = connect(parsed)
        migrate(engine)
    except BaseException:
        close_database(engine, lock)
        raise
    return engine, lock


def close_database(engine: Engine | None, lock: DatabaseLock | None) -> None:
    if engine is not None:
        engine.dispose()
    if lock is not None:
        lock.release()
