"""How voices sound, by which they are known again in other debates; people who want that not."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voice_vector",
        sa.Column("transcript_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id", "label"],
            ["speaker.transcript_id", "speaker.label"],
            name="fk_voice_vector_transcript_id",
        ),
        sa.PrimaryKeyConstraint("transcript_id", "label", name="pk_voice_vector"),
    )
    op.add_column(
        "person", sa.Column("known_again", sa.Boolean(), nullable=False, server_default=sa.true())
    )


def downgrade() -> None:
    op.drop_column("person", "known_again")
    op.drop_table("voice_vector")
