"""Segments that can be split and merged: what each has of the file, and whether it went."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PARTS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# Until now there was a row for each segment of the file, in the same order.
FILL = """
UPDATE segment SET parts = {parts} FROM (
    SELECT id, row_number() OVER (PARTITION BY transcript_id ORDER BY start, id) - 1 AS place
    FROM segment
) AS placed WHERE placed.id = segment.id
"""

SPLIT_OFF = """
DELETE FROM segment WHERE id IN (
    SELECT CAST(arguments ->> 'other' AS INTEGER) FROM edit WHERE command = 'split'
)
"""


def upgrade() -> None:
    removed: sa.Column[bool] = sa.Column(
        "removed", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    with op.batch_alter_table("segment") as table:
        table.add_column(sa.Column("parts", PARTS, nullable=True))
        table.add_column(removed)
    parts = "'[[' || placed.place || ', null, null]]'"
    if op.get_context().dialect.name == "postgresql":
        parts = f"CAST({parts} AS jsonb)"
    op.execute(FILL.format(parts=parts))
    with op.batch_alter_table("segment") as table:
        table.alter_column("parts", existing_type=PARTS, nullable=False)


def downgrade() -> None:
    """Rows split off go, rows merged away come back; their texts are not put together again."""
    op.execute(SPLIT_OFF)
    with op.batch_alter_table("segment") as table:
        table.drop_column("removed")
        table.drop_column("parts")
