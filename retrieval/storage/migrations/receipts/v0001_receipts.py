"""Receipts, ratings and pins; what files of version 1 had."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Bytes, Id, Int, Real, Text

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("name", Text, primary_key=True),
        sa.Column("value", Bytes, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "receipts",
        sa.Column("number", Id, primary_key=True, autoincrement=False),
        sa.Column("id", Text, nullable=False, unique=True),
        sa.Column("given_at", Real, nullable=False),
        sa.Column("person", Bytes),
        sa.Column("question", Text),
        sa.Column("question_key", Bytes),
        sa.Column("revoked_at", Real),
        sa.Column("verdict", Text),
        sa.Column("said", Bytes, nullable=False),
    )
    _create_index("receipts_by_person", ["person"], "person IS NOT NULL")
    _create_index("receipts_with_question", ["given_at"], "question IS NOT NULL")
    _create_index("receipts_not_found", ["number"], "verdict = 'none' AND question IS NOT NULL")
    op.create_table(
        "texts",
        sa.Column("sha256", Bytes, primary_key=True),
        sa.Column("text", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    receipt = sa.ForeignKey("receipts.number", ondelete="CASCADE")
    op.create_table(
        "ratings",
        sa.Column("receipt", Int, receipt, primary_key=True, autoincrement=False),
        sa.Column("person", Bytes, primary_key=True),
        sa.Column("is_good", Int, nullable=False),
        sa.Column("rated_at", Real, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ratings_by_person", "ratings", ["person"])
    op.create_table(
        "pins",
        sa.Column("number", Id, primary_key=True, autoincrement=False),
        sa.Column("pinned_at", Real, nullable=False),
        sa.Column("question", Text, nullable=False),
        sa.Column("collection", Text, nullable=False),
        sa.Column("path", Text, nullable=False),
        sa.Column("document_sha256", Text, nullable=False),
        sa.Column("start", Int, nullable=False),
        sa.Column("end", Int, nullable=False),
        sa.Column("sentence_start", Int, nullable=False),
        sa.Column("sentence_end", Int, nullable=False),
        sa.Column("text", Text, nullable=False),
    )
    op.create_index("pins_by_question", "pins", ["question"])


def _create_index(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "receipts", columns, sqlite_where=condition, postgresql_where=condition)
