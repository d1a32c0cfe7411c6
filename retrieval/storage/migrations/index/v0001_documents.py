"""Collections, documents, their passages and sentences with vectors; what files of version 4 had."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Bytes, Id, Int, Text

revision = "0001"
down_revision = None

# Long columns come last: SQLite reads through all that stand before the one it wants.


def upgrade() -> None:
    op.create_table(
        "manifest",
        sa.Column("key", Text, primary_key=True),
        sa.Column("value", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "collections",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        sa.Column("name", Text, nullable=False, unique=True),
        sa.Column("folder", Text, nullable=False),
    )
    op.create_table(
        "documents",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        _of("collections"),
        sa.Column("path", Text, nullable=False),
        sa.Column("sha256", Text, nullable=False),
        sa.Column("title", Text),
        sa.Column("passages", Int, nullable=False),
        sa.Column("sentences", Int, nullable=False),
        sa.Column("generation", Int, nullable=False),
        sa.Column("reader", Text, nullable=False),
        sa.Column("text", Text, nullable=False),
        sa.UniqueConstraint("collection_id", "path"),
    )
    op.create_index("documents_by_sha256", "documents", ["sha256"])
    op.create_index("documents_by_generation", "documents", ["collection_id", "generation"])
    op.create_table(
        "passages",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        _of("documents"),
        sa.Column("start", Int, nullable=False),
        sa.Column("end", Int, nullable=False),
        sa.Column("heading", Text),
        sa.Column("unit", Text),
        sa.Column("first", Int),
        sa.Column("last", Int),
        sa.Column("part", Text),
        sa.Column("language", Text, nullable=False),
        sa.Column("text", Text, nullable=False),
        sa.Column("vector", Bytes, nullable=False),
    )
    op.create_index("passages_by_document", "passages", ["document_id", "start"])
    op.create_index("passages_by_language", "passages", ["language"])
    op.create_table(
        "sentences",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        _of("passages"),
        sa.Column("start", Int, nullable=False),
        sa.Column("end", Int, nullable=False),
        sa.Column("vector", Bytes, nullable=False),
    )
    op.create_index("sentences_by_passage", "sentences", ["passage_id"])
    op.create_table(
        "removals",
        sa.Column("document_id", Id, primary_key=True, autoincrement=False),
        _of("collections"),
        sa.Column("first_passage", Int, nullable=False),
        sa.Column("last_passage", Int, nullable=False),
        sa.Column("first_sentence", Int, nullable=False),
        sa.Column("last_sentence", Int, nullable=False),
        sa.Column("generation", Int, nullable=False),
    )
    op.create_index("removals_by_generation", "removals", ["collection_id", "generation"])
    op.create_table(
        "failures",
        _of("collections", primary_key=True),
        sa.Column("path", Text, primary_key=True),
        sa.Column("attempt", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spare_vectors",
        sa.Column("text_sha256", Bytes, primary_key=True),
        sa.Column("vector", Bytes, nullable=False),
        sqlite_with_rowid=False,
    )


def _of(table: str, *, primary_key: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(f"{table[:-1]}_id", Int, key, primary_key=primary_key, nullable=False, autoincrement=False)
