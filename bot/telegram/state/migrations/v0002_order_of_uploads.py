"""Uploads get the time when they were sent; until then, only SQLite kept their order, by row."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Real

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("uploads", sa.Column("sent_at", Real, nullable=False, server_default="0"))
    if op.get_context().dialect.name == "sqlite":
        op.execute("UPDATE uploads SET sent_at = rowid")
