"""Replicas share the updates: each update gets its chat queue (`line`), and the message that its answer stands behind.

The newest message of a chat gets the update that it was sent for, so that another replica does not send it again.
"""

import json

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Int, Text

revision = "0003"
down_revision = "0002"

WAITING = sa.text("body IS NOT NULL")


def upgrade() -> None:
    op.add_column("updates", sa.Column("line", Text))
    op.add_column("updates", sa.Column("sent_after", Int))
    op.add_column("last_sent", sa.Column("update_id", Int))
    connection = op.get_bind()
    for number, body in connection.execute(sa.text("SELECT id, body FROM updates WHERE body IS NOT NULL")):
        # An older Quoth did not note which updates it had begun to answer.
        change = sa.text("UPDATE updates SET line = :line, sent_after = 0 WHERE id = :id")
        connection.execute(change, {"line": _line(number, json.loads(body)), "id": number})
    op.create_index("updates_by_line", "updates", ["line", "id"], sqlite_where=WAITING, postgresql_where=WAITING)


def _line(number: int, update: dict[str, dict[str, dict[str, dict[str, int]]]]) -> str:
    message = update.get("message") or update.get("edited_message") or update.get("callback_query", {}).get("message")
    return f"chat {message['chat']['id']}" if message else f"update {number}"
