"""The schema comes from migrations alone, from nothing or from any revision."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from backend.errors import StoreError
from backend.store import database
from backend.store.journal import Journal
from backend.store.tables import metadata


def test_migrating_from_empty_gives_exactly_the_tables(path: Path) -> None:
    engine = database.connect(database.parse(str(path)))
    try:
        database.migrate(engine)
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    finally:
        engine.dispose()


def test_migrating_twice_changes_nothing(path: Path) -> None:
    Journal.open(str(path)).close()
    with sqlite3.connect(path) as raw:
        before = raw.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    raw.close()
    Journal.open(str(path)).close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall() == before
    raw.close()


def test_a_schema_of_the_future_is_refused(path: Path) -> None:
    Journal.open(str(path)).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(StoreError, match="newer Mindproof"):
        Journal.open(str(path))


def test_a_migration_that_fails_leaves_no_half_schema(path: Path) -> None:
    path.touch()
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE verdicts (mine INTEGER)")
    raw.close()
    with pytest.raises(StoreError):
        Journal.open(str(path))
    with sqlite3.connect(path) as raw:
        tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    raw.close()
    assert tables == {"verdicts"}


def test_the_write_ahead_log_is_on(journal: Journal, path: Path) -> None:
    raw = sqlite3.connect(path)
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()
