"""How wrong the engines were where they were measured, and where speech has no words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("transcript", sa.Column("expected", _JSON))
    op.add_column("transcript", sa.Column("unheard", _JSON))


def downgrade() -> None:
    op.drop_column("transcript", "unheard")
    op.drop_column("transcript", "expected")
