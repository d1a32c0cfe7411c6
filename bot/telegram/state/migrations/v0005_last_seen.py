"""When a person last wrote: a username may belong to somebody else by the next day."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Real

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("people", sa.Column("seen_at", Real))
