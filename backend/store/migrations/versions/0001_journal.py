"""The journal: sessions, frames, stage timings, entries, verdicts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
APPEND_ONLY = ("frames", "stage_timings", "entries", "verdicts")


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("started_s", sa.Float, nullable=False),
        sa.Column("ended_s", sa.Float),
        sa.Column("host", sa.String, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    _create_frames()
    _create_entries()
    op.create_table(
        "verdicts",
        sa.Column("id", ROW_ID, nullable=False),
        _session("verdicts"),
        sa.Column("time_s", sa.Float, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("cached", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_session", "verdicts", ["session"])
    if op.get_bind().dialect.name == "sqlite":
        _forbid_changes()


def _create_frames() -> None:
    op.create_table(
        "frames",
        sa.Column("id", ROW_ID, nullable=False),
        _session("frames"),
        sa.Column("time_s", sa.Float, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("phone", sa.String, nullable=False),
        sa.Column("app", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_frames"),
    )
    op.create_index("ix_frames_session", "frames", ["session"])
    op.create_table(
        "stage_timings",
        sa.Column("id", ROW_ID, nullable=False),
        _session("stage_timings"),
        sa.Column("phone", sa.String, nullable=False),
        sa.Column("frame", sa.BigInteger, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stage_timings"),
    )
    op.create_index("ix_stage_timings_session_stage_seconds", "stage_timings", ["session", "stage", "seconds"])


def _create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", ROW_ID, nullable=False),
        _session("entries"),
        sa.Column("time_s", sa.Float, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("phone", sa.String, nullable=False),
        sa.Column("app", sa.String, nullable=False),
        sa.Column("intervention", sa.String, nullable=False),
        sa.Column("frame", sa.BigInteger),
        sa.Column("left", sa.Integer),
        sa.Column("top", sa.Integer),
        sa.Column("right", sa.Integer),
        sa.Column("bottom", sa.Integer),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
    )
    op.create_index("ix_entries_time_s", "entries", ["time_s"])
    op.create_index("ix_entries_session_intervention_kind", "entries", ["session", "intervention", "kind"])
    op.create_index("ix_entries_kind_id", "entries", ["kind", "id"])


def _session(table: str) -> sa.Column[int]:
    return sa.Column("session", ROW_ID, sa.ForeignKey("sessions.id", name=f"fk_{table}_session"), nullable=False)


def _forbid_changes() -> None:
    """What is written stays as it was written, whoever opens the file."""
    for table in APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )
