"""Chats: their current ids, their settings, and whether the bot can write there."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval import Repository, upsert

_MOVED = {
    "open_to_uploads": "id", "own_documents_only": "id", "chat_settings": "chat_id", "shown_collections": "chat_id"
}  # fmt: skip
"""Tables in which a group keeps its rows when it gets another id → the column of the id."""


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """The settings of a group, which its administrators can change."""

    mentions: bool = True
    """Whether a mention of the bot is answered."""
    only_sure: bool = False
    """Whether only answers with the strongest verdict are quoted."""
    common: bool = True
    """Whether the common documents are asked besides the group's own."""
    language: str | None = None
    """The language of all answers there; None for that of the person who asks."""


class ChatRepository(Repository):
    """The tables of chats; three of them are sets of ids."""

    def move(self, old_id: int, new_id: int) -> None:
        """Give a group its new id in all tables."""
        self._db.run(upsert("moves", ["old_id"], ["new_id"]), (old_id, new_id))
        for table, key in _MOVED.items():
            if self._db.run(f"SELECT 1 FROM {table} WHERE {key} = ?", (old_id,)):  # noqa: S608
                self._db.run(f"DELETE FROM {table} WHERE {key} = ?", (new_id,))  # noqa: S608
                self._db.run(f"UPDATE {table} SET {key} = ? WHERE {key} = ?", (new_id, old_id))  # noqa: S608

    def moved_to(self, chat_id: int) -> int:
        """Get the id that a chat has now."""
        return int(self._value("SELECT new_id FROM moves WHERE old_id = ?", chat_id, default=chat_id))

    def first_id(self, chat_id: int) -> int:
        """Get the first id of a chat, which stays the same when it gets another."""
        return int(self._value("SELECT old_id FROM moves WHERE new_id = ?", chat_id, default=chat_id))

    def set_closed(self, chat_id: int, *, closed: bool) -> None:
        """Note that the bot was removed from a chat or blocked there, or that it is back."""
        self._put("closed_chats", chat_id, is_in=closed)

    def is_closed(self, chat_id: int) -> bool:
        """Tell whether the bot can write nothing in a chat."""
        return self._holds("closed_chats", chat_id)

    def open_to_uploads(self, chat_id: int, *, is_open: bool) -> None:
        """Allow or forbid a group's administrators to add documents."""
        self._put("open_to_uploads", chat_id, is_in=is_open)

    def is_open_to_uploads(self, chat_id: int) -> bool:
        """Tell whether a group's administrators may add documents."""
        return self._holds("open_to_uploads", chat_id)

    def show_collection(self, collection: str, chat_id: int, *, is_shown: bool) -> None:
        """Show a named collection to a chat, or hide it; the id may be `EVERYBODY`."""
        insert = "INSERT INTO shown_collections (collection, chat_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
        delete = "DELETE FROM shown_collections WHERE collection = ? AND chat_id = ?"
        self._db.run(insert if is_shown else delete, (collection, chat_id))

    def hide_collection(self, collection: str) -> None:
        """Hide a named collection from all chats."""
        self._db.run("DELETE FROM shown_collections WHERE collection = ?", (collection,))

    def shown_collections(self, *chat_ids: int) -> frozenset[str]:
        """List the named collections that are shown to one of these chats."""
        marks = ", ".join("?" * len(chat_ids))
        query = f"SELECT collection FROM shown_collections WHERE chat_id IN ({marks})"  # noqa: S608 - only marks
        return frozenset(collection for (collection,) in self._db.run(query, chat_ids))

    def chats_shown(self, collection: str) -> list[int]:
        """List the chats that a named collection is shown to."""
        query = "SELECT chat_id FROM shown_collections WHERE collection = ? ORDER BY chat_id"
        return [chat_id for (chat_id,) in self._db.run(query, (collection,))]

    def settings(self, chat_id: int) -> ChatSettings:
        """Get the settings of a chat."""
        select = "SELECT mentions, only_sure, language FROM chat_settings WHERE chat_id = ?"
        common = not self._holds("own_documents_only", chat_id)
        for mentions, only_sure, language in self._db.run(select, (chat_id,)):
            return ChatSettings(bool(mentions), bool(only_sure), common, language)
        return ChatSettings(common=common)

    def set_settings(self, chat_id: int, settings: ChatSettings) -> None:
        """Set the settings of a chat."""
        change = upsert("chat_settings", ["chat_id"], ["mentions", "only_sure", "language"])
        with self._db.transaction():
            self._db.run(change, (chat_id, settings.mentions, settings.only_sure, settings.language))
            self._put("own_documents_only", chat_id, is_in=not settings.common)

    def _put(self, table: str, chat_id: int, *, is_in: bool) -> None:
        insert = f"INSERT INTO {table} VALUES (?) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
        self._db.run(insert if is_in else f"DELETE FROM {table} WHERE id = ?", (chat_id,))  # noqa: S608

    def _holds(self, table: str, chat_id: int) -> bool:
        return bool(self._db.run(f"SELECT 1 FROM {table} WHERE id = ?", (chat_id,)))  # noqa: S608
