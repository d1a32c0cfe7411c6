"""A receipt names what was shown; what was only found stands beside it, and its page has a secret of its own."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Bytes, Real, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("receipts", sa.Column("link", Text))
    op.add_column("receipts", sa.Column("expires_at", Real))
    op.add_column("receipts", sa.Column("shown", Bytes))
    op.add_column("receipts", sa.Column("further", Bytes))
    op.create_index("receipts_by_link", "receipts", ["link"], unique=True)
    for name, columns in (("receipts_that_expire", ["expires_at"]), ("receipts_with_further", ["given_at"])):
        condition = sa.text("expires_at IS NOT NULL" if "expires_at" in columns else "further IS NOT NULL")
        op.create_index(name, "receipts", columns, sqlite_where=condition, postgresql_where=condition)
