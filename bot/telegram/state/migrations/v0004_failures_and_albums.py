"""Updates count their failures. Uploads know the message that brought them, and the album that this is part of."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Int, Text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("updates", sa.Column("failures", Int, nullable=False, server_default="0"))
    for name, kind in {"source_id": Int, "update_id": Int}.items():
        op.add_column("uploads", sa.Column(name, kind, nullable=False, server_default="0"))
    op.add_column("uploads", sa.Column("album", Text, nullable=False, server_default=""))
    op.execute(
        "UPDATE uploads SET source_id = coalesce((SELECT min(question_id) FROM answers "
        "WHERE answers.chat_id = uploads.chat_id AND answer_id = message_id), 0)"
    )
