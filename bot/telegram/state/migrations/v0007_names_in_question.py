"""An upload whose name another document has waits for a decision; one that replaced another can be undone."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Text

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for name in ("name", "state"):
        op.add_column("uploads", sa.Column(name, Text, nullable=False, server_default=""))
