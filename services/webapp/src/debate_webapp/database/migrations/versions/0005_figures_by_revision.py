"""Figures kept with the revision they belong to; how many segments there are and are reviewed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OWN_PERSON = sa.text("person_id IS NOT NULL")
COUNTS = ("content_revision", "segment_count", "reviewed_count")

COUNT = """
UPDATE transcript SET content_revision = revision,
    segment_count = (
        SELECT count(*) FROM segment WHERE transcript_id = transcript.id AND NOT removed
    ),
    reviewed_count = (
        SELECT count(*) FROM segment
        WHERE transcript_id = transcript.id AND NOT removed AND reviewed
    )
"""


def upgrade() -> None:
    """Figures are computed when they are first asked for, or by `debate-webapp figures`."""
    # Without a batch: SQLite adds and drops such columns in place.
    for name in COUNTS:
        column = sa.Column(name, sa.Integer(), server_default="0", nullable=False)
        op.add_column("transcript", column)
    op.execute(COUNT)
    op.create_index(
        "ix_segment_own_person",
        "segment",
        ["transcript_id", "person_id", "removed"],
        postgresql_where=OWN_PERSON,
        sqlite_where=OWN_PERSON,
    )
    _create_debate_figures()
    _create_person_figures()


def _create_debate_figures() -> None:
    op.create_table(
        "debate_figures",
        sa.Column("transcript_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("producer", sa.String(80), nullable=False),
        sa.Column("total_seconds", sa.Double(), nullable=False),
        sa.Column("voices", sa.Integer(), nullable=False),
        sa.Column("overlaps_known", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcript.id"], name="fk_debate_figures_transcript_id"
        ),
        sa.PrimaryKeyConstraint("transcript_id", name="pk_debate_figures"),
    )


def _create_person_figures() -> None:
    op.create_table(
        "person_figures",
        sa.Column("transcript_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.Double(), nullable=False),
        sa.Column("total_seconds", sa.Double(), nullable=False),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("turn_count", sa.Integer(), nullable=False),
        sa.Column("turn_seconds", sa.Double(), nullable=False),
        sa.Column("interruptions_made", sa.Integer(), nullable=True),
        sa.Column("interruptions_received", sa.Integer(), nullable=True),
        sa.Column("share_speaking_time", sa.Double(), nullable=True),
        sa.Column("wpm", sa.Double(), nullable=True),
        sa.Column("avg_turn_length_sec", sa.Double(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_figures_person_id"),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["debate_figures.transcript_id"],
            name="fk_person_figures_transcript_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transcript_id", "person_id", name="pk_person_figures"),
    )
    op.create_index("ix_person_figures_person_id", "person_figures", ["person_id"])


def downgrade() -> None:
    op.drop_table("person_figures")
    op.drop_table("debate_figures")
    op.drop_index("ix_segment_own_person", "segment")
    for name in COUNTS:
        op.drop_column("transcript", name)
