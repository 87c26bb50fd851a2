"""Roles, sessions that say where they are, one-time links, tokens, a second factor, an audit."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_EMPTY = sa.text("''")


def _columns() -> dict[str, list[sa.Column[object]]]:
    """What two tables get."""
    return {
        "user": [
            sa.Column("seen_at", _TIME),
            sa.Column("suspended_at", _TIME),
            sa.Column("subject", sa.String(64)),
            sa.Column("code_secret", sa.String(255)),
            sa.Column("code_step", sa.Integer(), server_default="0", nullable=False),
        ],
        "signed_in": [
            sa.Column("seen_at", _TIME),
            sa.Column("device", sa.String(80), server_default=_EMPTY, nullable=False),
            sa.Column("address", sa.String(45), server_default=_EMPTY, nullable=False),
        ],
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index("uq_user_subject", "user", ["subject"], unique=True)
    op.execute("UPDATE signed_in SET seen_at = at")
    _give_roles()
    _make_links()
    _make_tokens()
    _make_audit()


def _give_roles() -> None:
    """Nobody loses what they could do, and nobody gains anything but the oldest account.

    An editor of before could publish as well. Somebody has to administer the others: the account
    that set the site up. Other roles had no rights: now they would, so these are suspended.
    """
    op.execute(
        """
        UPDATE "user" SET role = 'reader', suspended_at = CURRENT_TIMESTAMP WHERE role <> 'editor'
        """
    )
    op.execute("""UPDATE "user" SET role = 'publisher' WHERE role = 'editor'""")
    op.execute(
        """
        UPDATE "user" SET role = 'administrator'
        WHERE id = (SELECT min(id) FROM "user" WHERE role = 'publisher')
        """
    )


def _make_links() -> None:
    op.create_table(
        "one_time_link",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("role", sa.String(20)),
        sa.Column("user_id", sa.Integer()),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_one_time_link_user_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_one_time_link"),
    )
    op.create_index("ix_one_time_link_user_id", "one_time_link", ["user_id"])
    op.create_index("ix_one_time_link_expires_at", "one_time_link", ["expires_at"])


def _make_tokens() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_recovery_code_user_id"),
        sa.PrimaryKeyConstraint("user_id", "digest", name="pk_recovery_code"),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("scopes", sa.String(80), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_api_token_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("digest", name="uq_api_token_digest"),
    )
    op.create_index("ix_api_token_user_id", "api_token", ["user_id"])


def _make_audit() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("username", sa.String(80), nullable=False),
        sa.Column("token", sa.String(80)),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("transcript_id", sa.Integer()),
        sa.Column("detail", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_audit_entry_user_id"),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcript.id"], name="fk_audit_entry_transcript_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    for name, first in (
        ("at", []),
        ("action", ["action"]),
        ("user", ["user_id"]),
        ("transcript", ["transcript_id"]),
    ):
        op.create_index(f"ix_audit_entry_{name}", "audit_entry", [*first, "at", "id"])


def downgrade() -> None:
    for table in ("audit_entry", "api_token", "recovery_code", "one_time_link"):
        op.drop_table(table)
    # Of before, there was no other role with rights; whoever was suspended gets none by it.
    op.execute("""UPDATE "user" SET role = 'editor' WHERE role <> 'reader'""")
    op.execute("""UPDATE "user" SET role = 'reader' WHERE suspended_at IS NOT NULL""")
    op.drop_index("uq_user_subject", "user")
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
