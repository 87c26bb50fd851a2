"""Jobs on AWS that failed, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "failed_job",
        sa.Column("job_id", sa.String(500), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("transcripts", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_failed_job_at", "failed_job", ["at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_failed_job_at", "failed_job")
    op.drop_table("failed_job")
