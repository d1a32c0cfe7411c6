"""Tokens of sentences are kept; passages have no vectors of their own any more."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Bytes, Id, Real

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "token_codes",
        sa.Column(
            "passage_id", Id, sa.ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
        sa.Column("codes", Bytes, nullable=False),
    )
    # An older index has no codes, and the next sync makes it anew: its spare vectors are of no use either.
    op.drop_table("spare_vectors")
    op.create_table(
        "spare_vectors",
        sa.Column("text_sha256", Bytes, primary_key=True),
        sa.Column("removed_at", Real),
        sa.Column("vector", Bytes, nullable=False),
        sa.Column("codes", Bytes, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("spare_vectors_by_removal", "spare_vectors", ["removed_at"])
    op.drop_column("passages", "vector")
    op.drop_column("removals", "first_passage")
    op.drop_column("removals", "last_passage")
