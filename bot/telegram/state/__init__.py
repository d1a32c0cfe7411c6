"""State: the database of the Telegram bot; each repository has tables of its own.

Every call is one transaction over a few rows found by their keys, and takes some hundredths of a millisecond. Those
whose loss would be noticed after a power cut wait for the disk, some milliseconds (`python -m benchmarks.durability`).
Another thread would take about as long, so we call it on the event loop.
"""

from __future__ import annotations

from pathlib import Path

from bot.telegram.state.chats import ChatRepository
from bot.telegram.state.conversations import ConversationRepository
from bot.telegram.state.facts import Facts
from bot.telegram.state.people import PeopleRepository
from bot.telegram.state.updates import UpdateRepository
from bot.telegram.state.uploads import UploadRepository
from retrieval import Schema, StoreError, open_database

BOT_FILE = "bot.db"
_TIMEOUT_S = 5
"""For so long, the event loop waits for another process."""
# fmt: off
BOT_SCHEMA = Schema(
    name="bot",
    what="what the bot remembers",
    revisions=Path(__file__).parent / "migrations",
    head="0007",
    when_damaged=(
        "The file is damaged. Put {name} back from a backup, or move {name}* away from there: who may ask has to be "
        "set again then."
    ),
    # Files of version 1 have some of the tables; the first revision makes the others.
    known_versions={1: None, 2: "0001"},
    application_id=0x51756F33,
    core=frozenset({"facts", "people"}),
    older_tables=frozenset({
        "answers", "chat_settings", "closed_chats", "facts", "introduction", "last_sent", "moves", "open_to_uploads",
        "own_documents_only", "people", "ratings", "schema_version", "turns", "updates", "uploads",
    }),
    is_durable=True,
    timeout_s=_TIMEOUT_S,
)
# fmt: on
_OF_ONE_BOT = (
    "updates",
    "answers",
    "turns",
    "last_sent",
    "closed_chats",
    "uploads",
    "facts",
)  # fmt: skip
"""Tables that are emptied for another bot, whose numbers of updates and messages begin anew.

The settings of groups stay: another bot shows a group no more than the group has asked for.
"""


class State:
    """The database of the bot with this id; it keeps only roles and settings when another bot opens it.

    Args:
        data: the folder for everything that Quoth keeps.
        bot_id: the first part of the token.
        database: the URL of the database that is used instead of a file there, if any.

    Raises:
        StoreError: from every method, and from those of all parts, if the database cannot be read or written.
    """

    def __init__(self, data: Path, bot_id: str, database: str = "") -> None:
        # Opened before the event loop runs, and used only there from then on.
        self._db = open_database(data / BOT_FILE, BOT_SCHEMA, database)
        self.facts = Facts(self._db)
        self.updates = UpdateRepository(self._db)
        self.people = PeopleRepository(self._db, self.facts)
        self.conversations = ConversationRepository(self._db)
        self.chats = ChatRepository(self._db)
        self.uploads = UploadRepository(self._db)
        try:
            self._assign_to(bot_id)
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Release the database."""
        self._db.close()

    def move(self, old_id: int, new_id: int) -> None:
        """Give a group its new id in all tables."""
        with self._db.transaction():
            self.people.move(old_id, new_id)
            self.chats.move(old_id, new_id)

    def forget(self, person_id: int) -> None:
        """Forget a person, except for the number and role of one who has a role."""
        with self._db.transaction():
            self.updates.forget(person_id)
            self.conversations.forget(person_id)
            self.people.forget(person_id)
        # Without this, the write-ahead log would keep the former rows until enough else is written.
        self._db.empty_log()

    def _assign_to(self, bot_id: str) -> None:
        """Empty the tables of the previous bot, if it was another."""
        if self.facts.get("bot") == bot_id:
            return
        with self._db.transaction() as db:
            for table in _OF_ONE_BOT:
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
            self.facts.set("bot", bot_id)
