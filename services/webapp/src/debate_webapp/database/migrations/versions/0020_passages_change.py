"""A passage whose words change is changed where it is, and SQLite's index follows that as well."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CHANGED = """
CREATE TRIGGER passage_changed AFTER UPDATE OF words ON passage BEGIN
    INSERT INTO passage_index(passage_index, rowid, words)
        VALUES ('delete', old.segment_id, old.words);
    INSERT INTO passage_index(rowid, words) VALUES (new.segment_id, new.words);
END
"""


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute(CHANGED)


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TRIGGER passage_changed")
