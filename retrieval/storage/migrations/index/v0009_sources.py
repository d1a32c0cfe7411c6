"""Web pages as documents: which are fetched, what became of it, and when each snapshot was taken."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Int, Real, Text

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("collection", Text, primary_key=True),
        sa.Column("address", Text, primary_key=True),
        sa.Column("kind", Text, nullable=False),
        sa.Column("max_pages", Int, nullable=False),
        sa.Column("is_listed", Int, nullable=False),
        sa.Column("checked_at", Real),
        sa.Column("reason", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pages",
        sa.Column("collection", Text, primary_key=True),
        sa.Column("address", Text, primary_key=True),
        sa.Column("source", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("moved_to", Text, nullable=False),
        sa.Column("etag", Text, nullable=False),
        sa.Column("last_modified", Text, nullable=False),
        sa.Column("body_sha256", Text, nullable=False),
        sa.Column("sha256", Text, nullable=False),
        sa.Column("checked_at", Real),
        sa.Column("gone_at", Real),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshots",
        sa.Column("sha256", Text, primary_key=True),
        sa.Column("address", Text, nullable=False),
        sa.Column("fetched_at", Text, nullable=False),
        sqlite_with_rowid=False,
    )
