"""How far jobs elsewhere are, and a number that says whether anything in the queue has changed."""

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
