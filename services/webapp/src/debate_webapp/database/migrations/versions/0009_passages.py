"""The words of segments as they are searched, and the indexes that find them; names and titles."""

import sqlalchemy as sa
from alembic import op
from debate_webapp.search.words import fold

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AT_ONCE = 10_000

# `fold` has done all else: words are what lies between spaces.
SQLITE = [
    """
    CREATE VIRTUAL TABLE passage_index USING fts5(
        words, content='passage', content_rowid='segment_id', prefix='2 3', tokenize='ascii'
    )
    """,
    """
    CREATE TRIGGER passage_added AFTER INSERT ON passage BEGIN
        INSERT INTO passage_index(rowid, words) VALUES (new.segment_id, new.words);
    END
    """,
    """
    CREATE TRIGGER passage_taken AFTER DELETE ON passage BEGIN
        INSERT INTO passage_index(passage_index, rowid, words)
        VALUES ('delete', old.segment_id, old.words);
    END
    """,
]
# Kept beside the words: to see whether they follow each other it is read for each passage.
POSTGRESQL = [
    """
    ALTER TABLE passage ADD COLUMN passage_index tsvector
        GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED
    """,
    "CREATE INDEX ix_passage_words ON passage USING gin (passage_index)",
]

TITLES = "SELECT id, title FROM transcript", "UPDATE transcript SET title_words = :w WHERE id = :id"
NAMES = "SELECT id, name FROM person", "UPDATE person SET name_words = :w WHERE id = :id"
SEGMENTS = """
SELECT id, transcript_id, text FROM segment WHERE id > :last AND NOT removed ORDER BY id LIMIT :most
"""
PASSAGE = "INSERT INTO passage (segment_id, transcript_id, words) VALUES (:s, :t, :w)"


def upgrade() -> None:
    for table, column in (("transcript", "title_words"), ("person", "name_words")):
        op.add_column(
            table, sa.Column(column, sa.Text(), server_default=sa.text("''"), nullable=False)
        )
    op.create_table(
        "passage",
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("transcript_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name="fk_passage_segment_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("segment_id", name="pk_passage"),
    )
    op.create_index("ix_passage_transcript_id", "passage", ["transcript_id"])
    is_sqlite = op.get_context().dialect.name == "sqlite"
    for statement in SQLITE if is_sqlite else ():
        op.execute(statement)
    _fill(op.get_bind())
    if not is_sqlite:  # once everything is there: filling an index takes longer
        for statement in POSTGRESQL:
            op.execute(statement)


def _fill(connection: sa.Connection) -> None:
    for read, write in (TITLES, NAMES):
        found = connection.execute(sa.text(read)).all()
        if rows := [{"id": row, "w": fold(said)} for row, said in found]:
            connection.execute(sa.text(write), rows)
    last = 0
    while found := connection.execute(sa.text(SEGMENTS), {"last": last, "most": AT_ONCE}).all():
        last = found[-1][0]
        rows = [{"s": s, "t": t, "w": words} for s, t, said in found if (words := fold(said))]
        if rows:
            connection.execute(sa.text(PASSAGE), rows)


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TRIGGER passage_added")
        op.execute("DROP TRIGGER passage_taken")
        op.execute("DROP TABLE passage_index")
    op.drop_table("passage")
    op.drop_column("person", "name_words")
    op.drop_column("transcript", "title_words")
