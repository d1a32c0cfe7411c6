"""The tables of files of version 2; files of version 1 have some of them already, and a table of ratings."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

from retrieval.columns import Id, Int, Real, Text

revision = "0001"
down_revision = None


def upgrade() -> None:
    # fmt: off
    _create(
        "people", _key("id"), _column("name", Text), sa.Column("username", Text), sa.Column("language", Text),
        sa.Column("role", Text), sa.Column("told_at", Real),
    )
    _create("updates", _key("id"), sa.Column("body", Text), _column("received_at", Real))
    op.create_index("updates_by_time", "updates", ["received_at"], if_not_exists=True)
    _create(
        "answers", _key("chat_id", Int), _key("question_id", Int), _column("answer_id", Int),
        _column("answered_at", Real),
    )
    op.create_index("answers_by_time", "answers", ["answered_at"], if_not_exists=True)
    _create(
        "turns", _key("chat_id", Int), _key("question_id", Int), _column("answer_id", Int), _column("person_id", Int),
        _column("question", Text), _column("asked_at", Real),
    )
    op.create_index("turns_by_time", "turns", ["asked_at"], if_not_exists=True)
    _create("last_sent", _key("chat_id"), _column("message_id", Int))
    _create("moves", _key("old_id"), _column("new_id", Int))
    for table in ("closed_chats", "open_to_uploads", "own_documents_only"):
        _create(table, _key("id"))
    _create(
        "uploads", sa.Column("id", Text, primary_key=True), _column("collection", Text), _column("path", Text),
        _column("chat_id", Int), _column("message_id", Int), sa.Column("language", Text), _column("is_pending", Int),
        sa.UniqueConstraint("collection", "path"),
    )
    _create(
        "chat_settings", _key("chat_id"), _column("mentions", Int), _column("only_sure", Int),
        sa.Column("language", Text),
    )
    # fmt: on
    _create("facts", sa.Column("name", Text, primary_key=True), _column("value", Text))
    op.drop_table("ratings", if_exists=True)
    op.execute("DELETE FROM facts WHERE name = 'rating key'")


def _create(name: str, *columns: SchemaItem) -> None:
    op.create_table(name, *columns, if_not_exists=True)


def _key(name: str, kind: sa.types.TypeEngine[int] = Id) -> sa.Column[int]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _column(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
