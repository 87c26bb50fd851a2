"""A client id is its user's own, and the request that it was made for is known again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("edit") as table:
        table.add_column(sa.Column("asked", sa.String(length=64), nullable=True))
        table.drop_constraint("uq_edit_client_id", type_="unique")
        table.create_unique_constraint(
            "uq_edit_client_id", ["transcript_id", "user_id", "client_id"]
        )


def downgrade() -> None:
    """Of two users' edits under one client id, the later one gets an id that nobody sends."""
    op.execute(
        """
        UPDATE edit SET client_id = 'edit ' || id WHERE EXISTS (
            SELECT 1 FROM edit AS other WHERE other.transcript_id = edit.transcript_id
            AND other.client_id = edit.client_id AND other.id < edit.id
        )
        """
    )
    with op.batch_alter_table("edit") as table:
        table.drop_constraint("uq_edit_client_id", type_="unique")
        table.create_unique_constraint("uq_edit_client_id", ["transcript_id", "client_id"])
        table.drop_column("asked")
