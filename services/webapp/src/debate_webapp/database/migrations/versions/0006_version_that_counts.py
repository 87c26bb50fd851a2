"""Which version of a debate counts: not always the newest, and never two."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_LISTING = "ix_transcript_listing"
_ONE = "uq_transcript_counts"


def upgrade() -> None:
    """Until now the newest version of a debate was the one that counted."""
    _exchange("superseded", "counts", sa.true())
    where = sa.text("counts")
    op.create_index(
        _ONE, "transcript", ["key"], unique=True, sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    """A version that waits is hidden again, as replaced ones are."""
    op.drop_index(_ONE, "transcript")
    _exchange("counts", "superseded", sa.false())


def _exchange(old: str, new: str, default: sa.ColumnElement[bool]) -> None:
    """Put a column in the place of the one that says the opposite.

    Not as a batch, which makes the table anew: other tables point to it.
    """
    op.drop_index(_LISTING, "transcript")
    column: sa.Column[bool] = sa.Column(new, sa.Boolean(), server_default=default, nullable=False)
    op.add_column("transcript", column)
    op.execute(f"UPDATE transcript SET {new} = NOT {old}")  # noqa: S608 - names of ours
    op.drop_column("transcript", old)
    op.create_index(_LISTING, "transcript", [new, "published", "id"])
