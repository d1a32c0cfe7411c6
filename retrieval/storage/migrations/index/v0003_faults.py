"""Why a file could not be read, for those who say it in another language."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # They are tried again, which tells.
    op.execute("DELETE FROM failures")
    op.add_column("failures", sa.Column("fault", Text, nullable=False))
