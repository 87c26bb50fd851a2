"""Where a recording has no sound, which is no silence of anybody."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("transcript", sa.Column("defects", _JSON))


def downgrade() -> None:
    op.drop_column("transcript", "defects")
