"""State: what the bot must not forget when it ends, in a small database; each of its parts writes tables of its own.

Every call is one transaction over a handful of rows found by their keys. Without a wait for the disk, which WAL
makes safe as long as the machine itself does not fail, it takes some hundredths of a millisecond: less than
handing it to another thread, so it is done on the event loop.
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

FILE = "bot.db"
_TIMEOUT_S = 5
"""The event loop waits as long for another process."""
SCHEMA = Schema(
    name="bot",
    what="what the bot remembers",
    revisions=Path(__file__).parent / "migrations",
    head="0003",
    when_damaged=(
        "The file is damaged. Put {name} back from a backup, or move {name}* away from there: who may ask has to be "
        "set again then."
    ),
    # Files of version 1 have some of the tables: the first revision makes those that are missing.
    known_versions={1: None, 2: "0001"},
    timeout_s=_TIMEOUT_S,
)
_OF_ONE_BOT = (
    "updates",
    "answers",
    "turns",
    "last_sent",
    "closed_chats",
    "uploads",
    "chat_settings",
    "own_documents_only",
    "facts",
)
"""Tables that another bot must not have: its numbers of updates and messages begin anew."""


class State:
    """What the bot with this id remembers; of another bot, it remembers only who may ask.

    Args:
        data: the folder for everything that Quoth keeps.
        bot_id: the first part of the token.
        database: the URL of the database that is used instead of a file there, if any.

    Raises:
        StoreError: from every method, and from those of all parts, if the database cannot be read or written.
    """

    def __init__(self, data: Path, bot_id: str, database: str = "") -> None:
        # Built before the event loop runs, and used only there from then on.
        self._db = open_database(data / FILE, SCHEMA, database)
        self.facts = Facts(self._db)
        self.updates = UpdateRepository(self._db)
        self.people = PeopleRepository(self._db, self.facts)
        self.conversations = ConversationRepository(self._db)
        self.chats = ChatRepository(self._db)
        self.uploads = UploadRepository(self._db)
        try:
            self._serve(bot_id)
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Release the database."""
        self._db.close()

    def move(self, old_id: int, new_id: int) -> None:
        """Let everything that is known about a group count for its new id."""
        with self._db.transaction():
            self.people.move(old_id, new_id)
            self.chats.move(old_id, new_id)

    def forget(self, person_id: int) -> None:
        """Keep nothing of a person but their number, and that only if they have a role."""
        with self._db.transaction():
            self.updates.forget(person_id)
            self.conversations.forget(person_id)
            self.people.forget(person_id)
        # What was there before would stay in the log of changes for as long as little else is written.
        self._db.empty_log()

    def _serve(self, bot_id: str) -> None:
        """Forget what only the bot before knew, if it was another."""
        if self.facts.get("bot") == bot_id:
            return
        with self._db.transaction() as db:
            for table in _OF_ONE_BOT:
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
            self.facts.set("bot", bot_id)
