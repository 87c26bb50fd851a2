"""Who made a one-time link, so that it ends with them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_COLUMN, _KEY, _INDEX = "maker_id", "fk_one_time_link_maker_id", "ix_one_time_link_maker_id"


def upgrade() -> None:
    """Links of before end: whoever made one may not be an administrator any more."""
    op.execute("DELETE FROM one_time_link")
    with op.batch_alter_table("one_time_link") as table:
        table.add_column(sa.Column(_COLUMN, sa.Integer()))
        table.create_foreign_key(_KEY, "user", [_COLUMN], ["id"])
        table.create_index(_INDEX, [_COLUMN])


def downgrade() -> None:
    with op.batch_alter_table("one_time_link") as table:
        table.drop_index(_INDEX)
        table.drop_constraint(_KEY, type_="foreignkey")
        table.drop_column(_COLUMN)
