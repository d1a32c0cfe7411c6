"""What files of version 2 had; those of version 1 have some of the tables already, and ratings of their own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

from retrieval.columns import Id, Int, Real, Text

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create(
        "people",
        _key("id"),
        sa.Column("name", Text, nullable=False),
        sa.Column("username", Text),
        sa.Column("language", Text),
        sa.Column("role", Text),
        sa.Column("told_at", Real),
    )
    _create("updates", _key("id"), sa.Column("body", Text), sa.Column("received_at", Real, nullable=False))
    op.create_index("updates_by_time", "updates", ["received_at"], if_not_exists=True)
    _create(
        "answers",
        _key("chat_id", Int),
        _key("question_id", Int),
        sa.Column("answer_id", Int, nullable=False),
        sa.Column("answered_at", Real, nullable=False),
    )
    op.create_index("answers_by_time", "answers", ["answered_at"], if_not_exists=True)
    _create(
        "turns",
        _key("chat_id", Int),
        _key("question_id", Int),
        sa.Column("answer_id", Int, nullable=False),
        sa.Column("person_id", Int, nullable=False),
        sa.Column("question", Text, nullable=False),
        sa.Column("asked_at", Real, nullable=False),
    )
    op.create_index("turns_by_time", "turns", ["asked_at"], if_not_exists=True)
    _create("last_sent", _key("chat_id"), sa.Column("message_id", Int, nullable=False))
    _create("moves", _key("old_id"), sa.Column("new_id", Int, nullable=False))
    for table in ("closed_chats", "open_to_uploads", "own_documents_only"):
        _create(table, _key("id"))
    _create(
        "uploads",
        sa.Column("id", Text, primary_key=True),
        sa.Column("collection", Text, nullable=False),
        sa.Column("path", Text, nullable=False),
        sa.Column("chat_id", Int, nullable=False),
        sa.Column("message_id", Int, nullable=False),
        sa.Column("language", Text),
        sa.Column("is_pending", Int, nullable=False),
        sa.UniqueConstraint("collection", "path"),
    )
    _create(
        "chat_settings",
        _key("chat_id"),
        sa.Column("mentions", Int, nullable=False),
        sa.Column("only_sure", Int, nullable=False),
        sa.Column("language", Text),
    )
    _create("facts", sa.Column("name", Text, primary_key=True), sa.Column("value", Text, nullable=False))
    op.drop_table("ratings", if_exists=True)
    op.execute("DELETE FROM facts WHERE name = 'rating key'")


def _create(name: str, *columns: SchemaItem) -> None:
    op.create_table(name, *columns, if_not_exists=True)


def _key(name: str, kind: sa.types.TypeEngine[int] = Id) -> sa.Column[int]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)
