"""How far jobs elsewhere are, what failures were told, a number that changes with the queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    report = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("submission", sa.Column("report", report))
    for table, at in (("submission", "finished_at"), ("failed_job", "at")):
        op.add_column(table, sa.Column("told_at", sa.DateTime(timezone=True)))
        op.execute(f"UPDATE {table} SET told_at = {at}")  # noqa: S608 - what is over is no news
    made = op.create_table(
        "queue_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_queue_revision"),
    )
    op.bulk_insert(made, [{"id": 1, "number": 0}])


def downgrade() -> None:
    op.drop_table("queue_revision")
    with op.batch_alter_table("submission") as table:
        table.drop_column("report")
        table.drop_column("told_at")
    with op.batch_alter_table("failed_job") as table:
        table.drop_column("told_at")
