"""Titles that people gave to files; by the collection's name, as they outlive the collection."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "titles",
        sa.Column("collection", Text, primary_key=True),
        sa.Column("path", Text, primary_key=True),
        sa.Column("title", Text, nullable=False),
        sqlite_with_rowid=False,
    )
