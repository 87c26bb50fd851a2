"""What an undo would take back is found without reading all that its user ever edited."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["transcript_id", "user_id", "command", "revision"]
    op.create_index("ix_edit_command", "edit", columns)


def downgrade() -> None:
    op.drop_index("ix_edit_command", "edit")
