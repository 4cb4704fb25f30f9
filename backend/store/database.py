"""Open a database by URL and bring its schema up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from backend.errors import StoreError

BUSY_TIMEOUT_S = 2.0
"""How long a statement waits for a reader's or checkpoint's lock before the writer keeps its batch and tries again."""


def parse(url: str) -> URL:
    """A SQLAlchemy URL, or the path of a SQLite file, as a URL.

    Raises:
        StoreError: when it is neither, or is a database that lives in memory (the journal is there to last).
    """
    try:
        parsed = make_url(url) if "://" in url else URL.create("sqlite", database=url)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            f"journal: {url!r} is not a database that can be used: {error}",
            "give a file's path, sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME",
        ) from error
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError("journal: a database in memory would be lost at the end", "give a file's path")
    return parsed


def file_of(url: URL) -> Path | None:
    """The SQLite file; None for a database server."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def connect(url: URL) -> Engine:
    """An engine. Nothing is opened yet."""
    shown = url.render_as_string(hide_password=True)
    try:
        if file_of(url) is None:
            return create_engine(url, pool_pre_ping=True, hide_parameters=True)
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise StoreError(
            f"journal {shown}: the database driver {error.name!r} is not installed",
            "pip install 'mindproof[postgres]' for PostgreSQL, or use a file",
        ) from error
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL, so that readers never hold up the writer; a crash of the process then loses nothing that was committed."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision, from nothing or from any earlier one.

    Raises:
        StoreError: when the file is no database, cannot be written, or was written by a newer Mindproof.
    """
    shown = engine.url.render_as_string(hide_password=True)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                # Python's sqlite3 begins no transaction for DDL by itself: a crash would leave half a schema behind.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"journal {shown} has a schema this version does not know: {error}",
            "use the newer Mindproof that wrote it, or another database",
        ) from error
    except OperationalError as error:
        raise StoreError(
            f"journal {shown} cannot be opened for writing: {error.orig}",
            "check the folder, its rights and the space left on the disk",
        ) from error
    except DatabaseError as error:
        raise StoreError(
            f"journal {shown} is not a database this program can use: {error.orig}",
            "move that file away, or give another path",
        ) from error
