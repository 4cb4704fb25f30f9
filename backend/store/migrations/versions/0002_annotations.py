"""What people pointed at on their screens: the rule that followed, and texts on which they corrected a judge."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "annotations",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("made_s", sa.Float, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("phone", sa.String, nullable=False),
        sa.Column("app", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("breadth", sa.String, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("crop", sa.LargeBinary),
        sa.Column("undone_s", sa.Float),
        sa.Column("undone_by", sa.String, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_annotations"),
    )
    op.create_index("ix_annotations_phone", "annotations", ["phone"])
    op.create_table(
        "corrections",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("made_s", sa.Float, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("phone", sa.String, nullable=False),
        sa.Column("app", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("harmful", sa.Boolean, nullable=False),
        sa.Column("undone_s", sa.Float),
        sa.Column("undone_by", sa.String, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_phone", "corrections", ["phone"])
