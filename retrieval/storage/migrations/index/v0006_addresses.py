"""The address where a browser shows a passage, such as a message of a chat."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("passages", sa.Column("url", Text))
