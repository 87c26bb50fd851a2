"""On PostgreSQL: two words that follow each other are in the index as one.

Its index knows no places. To find a phrase of two common words it read every passage that has
both; those that have the pair are a tenth of them. No word begins as a pair does: what is asked for
by the beginning of a word must not be found in pairs, which have no places either.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# A lexeme has at most 2 kB, which is less than the longest words.
WORDS_AND_PAIRS = """
CREATE FUNCTION passage_words(words text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT to_tsvector('simple', words) || coalesce((
    SELECT array_to_tsvector(array_agg(DISTINCT '+' || one || '+' || next))
    FROM (
        SELECT one, lead(one) OVER (ORDER BY place) AS next
        FROM unnest(string_to_array(words, ' ')) WITH ORDINALITY AS said(one, place)
    ) AS pairs
    WHERE one <> '' AND next <> '' AND length(one) <= 250 AND length(next) <= 250
), '')
$$
"""


def upgrade() -> None:
    if _is_postgresql():
        op.execute(WORDS_AND_PAIRS)
        _index("passage_words(words)")


def downgrade() -> None:
    if _is_postgresql():
        _index("to_tsvector('simple', words)")
        op.execute("DROP FUNCTION passage_words(text)")


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _index(words: str) -> None:
    op.execute("ALTER TABLE passage DROP COLUMN passage_index")
    op.execute(
        sa.text(
            "ALTER TABLE passage ADD COLUMN passage_index tsvector"
            f" GENERATED ALWAYS AS ({words}) STORED"
        )
    )
    op.execute("CREATE INDEX ix_passage_words ON passage USING gin (passage_index)")
