"""The journal's tables, to which rows are only ever added (the one thing that changes is a session's end), and what
people taught.

The schema is made by the migrations, not from this file; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the key is called INTEGER.
_RowId = BigInteger().with_variant(Integer, "sqlite")

sessions = Table(
    "sessions",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("started_s", Float, nullable=False),
    Column("ended_s", Float),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", String, nullable=False),
)

frames = Table(
    "frames",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("session", _RowId, ForeignKey("sessions.id"), nullable=False, index=True),
    Column("time_s", Float, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("phone", String, nullable=False),
    Column("app", String, nullable=False),
)

stage_timings = Table(
    "stage_timings",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("session", _RowId, ForeignKey("sessions.id"), nullable=False),
    Column("phone", String, nullable=False),
    Column("frame", BigInteger, nullable=False),
    Column("stage", String, nullable=False),
    Column("seconds", Float, nullable=False),
    # A quantile is the n-th row of this index: no sorting, on any database.
    Index(None, "session", "stage", "seconds"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("session", _RowId, ForeignKey("sessions.id"), nullable=False),
    Column("time_s", Float, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("phone", String, nullable=False),
    Column("app", String, nullable=False),
    Column("intervention", String, nullable=False),
    Column("frame", BigInteger),
    Column("left", Integer),
    Column("top", Integer),
    Column("right", Integer),
    Column("bottom", Integer),
    Column("label", String, nullable=False),
    Column("score", Float),
    Column("text", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("detail", JSON, nullable=False),
    # Everything a text search looks at, case folded: databases disagree about the case of anything but ASCII.
    Column("words", Text, nullable=False),
    Index(None, "session", "intervention", "kind"),
    Index(None, "kind", "id"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("session", _RowId, ForeignKey("sessions.id"), nullable=False, index=True),
    Column("time_s", Float, nullable=False),
    Column("model", String, nullable=False),
    Column("version", String, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("cached", Integer, nullable=False),
)

taught = Table(
    "annotations",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("made_s", Float, nullable=False),
    Column("author", String, nullable=False),
    Column("phone", String, nullable=False, index=True),
    Column("app", String, nullable=False),
    Column("name", String, nullable=False),
    Column("breadth", String, nullable=False),
    Column("rule", Text, nullable=False),
    Column("crop", LargeBinary),
    Column("undone_s", Float),
    Column("undone_by", String, nullable=False, server_default=""),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("made_s", Float, nullable=False),
    Column("author", String, nullable=False),
    Column("phone", String, nullable=False, index=True),
    Column("app", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("harmful", Boolean, nullable=False),
    Column("undone_s", Float),
    Column("undone_by", String, nullable=False, server_default=""),
)
