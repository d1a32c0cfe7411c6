"""Which chats see a named collection; 0 stands for everybody who may ask."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Int, Text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "shown_collections",
        sa.Column("chat_id", Int, primary_key=True, autoincrement=False),
        sa.Column("collection", Text, primary_key=True),
        sqlite_with_rowid=False,
    )
