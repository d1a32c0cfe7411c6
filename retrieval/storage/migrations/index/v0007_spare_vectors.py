"""Vectors of documents that were removed are kept for a while, besides those that are half encoded."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Real

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.rename_table("partial_vectors", "spare_vectors")
    op.add_column("spare_vectors", sa.Column("removed_at", Real))
    op.create_index("spare_vectors_by_removal", "spare_vectors", ["removed_at"])
