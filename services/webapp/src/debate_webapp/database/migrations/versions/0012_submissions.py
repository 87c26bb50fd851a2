"""What people submit in the browser, and who works the queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_EMPTY = sa.text("''")


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("wishes", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("username", sa.String(80), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("queued_at", _TIME, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("finished_at", _TIME),
        sa.Column("job_id", sa.String(120), server_default=_EMPTY, nullable=False),
        sa.Column("message", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("page", sa.String(80), server_default=_EMPTY, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_submission_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sa.UniqueConstraint("handle", name="uq_submission_handle"),
    )
    op.create_index("ix_submission_state", "submission", ["state", "queued_at", "id"])
    op.create_table(
        "queue_lease",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("holder", sa.String(120), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_queue_lease"),
    )


def downgrade() -> None:
    op.drop_table("queue_lease")
    op.drop_table("submission")
