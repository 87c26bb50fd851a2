"""Signing out ends the session on the server too: who is signed in, and in which browser."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Everyone has to sign in again: the cookies of before name no row."""
    op.create_table(
        "signed_in",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_signed_in_user_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_signed_in"),
    )
    op.create_index("ix_signed_in_user_id", "signed_in", ["user_id"])
    # Addresses and names as they were typed are kept as digests only.
    op.execute("DELETE FROM failed_sign_in")


def downgrade() -> None:
    op.drop_table("signed_in")
    op.execute("DELETE FROM failed_sign_in")
