"""State: what the bot must not forget when it ends, in a small SQLite file.

Every call is one transaction over a handful of rows found by their keys. Without a wait for the disk, which WAL
makes safe as long as the machine itself does not fail, it takes some hundredths of a millisecond: less than
handing it to another thread, so it is done on the event loop.
"""

from __future__ import annotations

import hmac
import json
import time
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval import Schema, StoreError, open_database, upsert

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from retrieval import Transaction

FILE = "bot.db"
DAY_S = 24 * 60 * 60
REMEMBERED_S = 2 * DAY_S
"""Updates that were answered: Telegram keeps one for a day. Answers: nobody can edit a question for longer."""
STRANGERS_REMEMBERED_S = 30 * DAY_S
TURNS_REMEMBERED_S = 60 * 60
"""Questions that were answered: who goes on later asks in full."""
_PATIENCE_S = 5
"""The event loop waits as long for another process."""
_SCHEMA = Schema(
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
    patience_s=_PATIENCE_S,
)


_KINDS_OF_UPDATES = ("message", "edited_message", "callback_query", "inline_query", "my_chat_member")
_UPLOADS = "SELECT id, collection, path, chat_id, message_id, language FROM uploads"
_OF_CHATS = {"people": "id", "open_to_uploads": "id", "own_documents_only": "id", "chat_settings": "chat_id"}
"""Tables that go with a group when it gets another id → their column of it."""
_PAIRING = "pairing"
_SAME_UPLOAD = "WHERE id = ? AND chat_id = ? AND message_id = ?"


class Role(StrEnum):
    """What a person or a group may do; who has none is a stranger."""

    OWNER = "owner"
    MEMBER = "member"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or a group, whose ids are below zero, that the bot has met."""

    id: int
    name: str
    username: str | None = None
    language: str | None = None
    """As the person's app says it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An update that is to be handled now."""

    id: int
    body: str
    sent_after: int | None
    """Where its answer may stand, if one was sent before somebody was interrupted: behind this message."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was answered; both are messages in the chat."""

    chat_id: int
    question_id: int
    answer_id: int
    person_id: int
    question: str
    """One that says enough by itself: of a follow-up, the one that it goes on from."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A document that somebody sent, and the message that says what became of it."""

    id: str
    """Nobody can guess it."""
    collection: str
    path: str
    chat_id: int
    message_id: int
    language: str | None


def _sender(update: dict[str, Any]) -> int | None:
    """The id of who caused an update."""
    kind = next((kind for kind in _KINDS_OF_UPDATES if kind in update), None)
    sender: int | None = update[kind].get("from", {}).get("id") if kind else None
    return sender


def _same(upload: Upload) -> tuple[object, ...]:
    return upload.id, upload.chat_id, upload.message_id


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What the administrators of a group have settled for it."""

    mentions: bool = True
    """Whether a mention of the bot is answered."""
    only_sure: bool = False
    """Whether only answers with the strongest verdict are quoted."""
    common: bool = True
    """Whether the common documents are asked besides the group's own."""
    language: str | None = None
    """The one of all that the bot says there; none for that of whoever asks."""


class State:
    """What the bot with this id remembers; of another bot, it remembers only who may ask.

    Args:
        data: the folder for everything that Quoth keeps.
        bot_id: the first part of the token.
        database: the URL of the database that is used instead of a file there, if any.

    Raises:
        StoreError: from every method, if the database cannot be read or written.
    """

    def __init__(self, data: Path, bot_id: str, database: str = "") -> None:
        # Built before the event loop runs, and used only there from then on.
        self._db = open_database(data / FILE, _SCHEMA, database)
        try:
            self._serve(bot_id)
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Release the database."""
        self._db.close()

    def receive(self, update_id: int, body: str, line: str = "") -> bool:
        """Keep an update until it is `done`; false if it has been received before.

        Args:
            update_id: its number.
            body: what it says.
            line: where it waits: those of a line are taken in order.
        """
        now = time.time()
        with self._transaction() as database:
            database.execute(
                "DELETE FROM updates WHERE received_at < ? AND body IS NULL", (now - REMEMBERED_S,)
            )
            insert = (
                "INSERT INTO updates (id, body, received_at, line) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
            )
            return bool(database.execute(insert, (update_id, body, now, line)).rowcount)

    def lines(self) -> list[str]:
        """The lines in which updates wait, beginning with the oldest update."""
        rows = self._run("SELECT line FROM updates WHERE body IS NOT NULL GROUP BY line ORDER BY min(id)")
        return [line for (line,) in rows]

    def waits(self, line: str) -> bool:
        """Whether an update waits in a line."""
        return bool(self._run("SELECT 1 FROM updates WHERE line = ? AND body IS NOT NULL LIMIT 1", line))

    def take(self, line: str) -> Taken | None:
        """The first update that waits in a line."""
        select = (
            "SELECT id, body, sent_after FROM updates WHERE line = ? AND body IS NOT NULL ORDER BY id LIMIT 1"
        )
        return next((Taken(*row) for row in self._run(select, line)), None)

    def sending(self, update_id: int, newest: int) -> None:
        """Remember that an answer is about to be sent, and the newest message that is known then."""
        self._run("UPDATE updates SET sent_after = ? WHERE id = ?", newest, update_id)

    def claim(self, name: str) -> bool:
        """Be the one who does something, such as handle a line, of all replicas of the bot; false if another is."""
        return self._db.claim(name)

    def has_claim(self, name: str) -> bool:
        """Whether it is still so: where the database was away for a moment, another may be by now."""
        return self._db.has_claim(name)

    def release_claim(self, name: str) -> None:
        """Let another do it."""
        self._db.release_claim(name)

    def done(self, update_id: int) -> None:
        """Forget what an update holds, and remember that it need not be answered again."""
        self._run("UPDATE updates SET body = NULL, line = NULL WHERE id = ?", update_id)

    def role(self, contact_id: int) -> Role | None:
        """What a person or a group may do."""
        for (role,) in self._run("SELECT role FROM people WHERE id = ?", contact_id):
            return Role(role) if role else None
        return None

    def set_role(self, contact: Contact, role: Role) -> None:
        """Let a person or a group do so from now on."""
        with self._transaction():
            self._meet(contact)
            self._run("UPDATE people SET role = ? WHERE id = ?", role, contact.id)

    def contacts(self, role: Role | None) -> list[Contact]:
        """Everybody who has this role; with none, the strangers who asked."""
        which, values = ("role = ?", (role,)) if role else ("role IS NULL", ())
        select = f"SELECT id, name, username, language FROM people WHERE {which} ORDER BY name, id"  # noqa: S608
        return [Contact(*row) for row in self._run(select, *values)]

    def contact(self, contact_id: int) -> Contact | None:
        """The person or group with this id, if the bot has met them."""
        select = "SELECT id, name, username, language FROM people WHERE id = ?"
        return next((Contact(*row) for row in self._run(select, contact_id)), None)

    def contact_named(self, username: str) -> Contact | None:
        """The person with this name, written without the @, if the bot has met them."""
        select = "SELECT id, name, username, language FROM people WHERE lower(username) = lower(?)"
        return next((Contact(*row) for row in self._run(select, username)), None)

    def tell(self, stranger: Contact) -> bool:
        """Whether this stranger may be told today that they are one; they count as told from then on."""
        now = time.time()
        with self._transaction() as database:
            self._run("DELETE FROM people WHERE role IS NULL AND told_at < ?", now - STRANGERS_REMEMBERED_S)
            self._meet(stranger)
            update = "UPDATE people SET told_at = ? WHERE id = ? AND (told_at IS NULL OR told_at <= ?)"
            return bool(database.execute(update, (now, stranger.id, now - DAY_S)).rowcount)

    def told_at(self, person_id: int) -> datetime | None:
        """When a stranger was told that they are one."""
        select = "SELECT told_at FROM people WHERE id = ? AND told_at IS NOT NULL"
        return next((datetime.fromtimestamp(at, UTC) for (at,) in self._run(select, person_id)), None)

    def forget(self, person_id: int) -> None:
        """Keep nothing of a person but their number, and that only if they have a role."""
        with self._transaction():
            for update_id, body in self._run("SELECT id, body FROM updates WHERE body IS NOT NULL"):
                if _sender(json.loads(body)) == person_id:
                    self.done(update_id)
            self._run("DELETE FROM turns WHERE person_id = ?", person_id)
            self._run("DELETE FROM answers WHERE chat_id = ?", person_id)
            self._run("DELETE FROM last_sent WHERE chat_id = ?", person_id)
            self._run("DELETE FROM people WHERE id = ? AND role IS NULL", person_id)
            bare = (
                "UPDATE people SET name = '', username = NULL, language = NULL, told_at = NULL WHERE id = ?"
            )
            self._run(bare, person_id)
        # What was there before would stay in the log of changes for as long as little else is written.
        self._db.empty_log()

    def keep_answer(self, chat_id: int, question_id: int, answer_id: int) -> None:
        """Remember which message of the bot answers a message."""
        now = time.time()
        with self._transaction():
            self._run("DELETE FROM answers WHERE answered_at < ?", now - REMEMBERED_S)
            self._run(
                upsert("answers", ["chat_id", "question_id"], ["answer_id", "answered_at"]),
                chat_id,
                question_id,
                answer_id,
                now,
            )

    def answer_to(self, chat_id: int, question_id: int) -> int | None:
        """The message of the bot that answers a message of the last two days."""
        select = "SELECT answer_id FROM answers WHERE chat_id = ? AND question_id = ?"
        return next((answer for (answer,) in self._run(select, chat_id, question_id)), None)

    def keep_turn(self, turn: Turn) -> None:
        """Remember a question for an hour, in place of what the message asked before."""
        self._run(
            upsert("turns", ["chat_id", "question_id"], ["answer_id", "person_id", "question", "asked_at"]),
            turn.chat_id,
            turn.question_id,
            turn.answer_id,
            turn.person_id,
            turn.question,
            time.time(),
        )

    def turns(self, chat_id: int, person_id: int) -> list[Turn]:
        """What a person has asked in a chat in the last hour, the newest first."""
        rows = self._run(
            "SELECT chat_id, question_id, answer_id, person_id, question FROM turns "
            "WHERE chat_id = ? AND person_id = ? AND asked_at > ? ORDER BY question_id DESC",
            chat_id,
            person_id,
            time.time() - TURNS_REMEMBERED_S,
        )
        return [Turn(*row) for row in rows]

    def questions_of(self, person_id: int) -> list[str]:
        """What a person has asked in the last hour, in whichever chat, the newest first."""
        select = "SELECT question FROM turns WHERE person_id = ? AND asked_at > ? ORDER BY asked_at DESC"
        rows = self._run(select, person_id, time.time() - TURNS_REMEMBERED_S)
        return [question for (question,) in rows]

    def forget_turns(self, chat_id: int, person_id: int) -> None:
        """Forget what a person has asked in a chat."""
        self._run("DELETE FROM turns WHERE chat_id = ? AND person_id = ?", chat_id, person_id)

    def forget_old_turns(self) -> None:
        """Forget what was asked more than an hour ago."""
        self._run("DELETE FROM turns WHERE asked_at <= ?", time.time() - TURNS_REMEMBERED_S)

    def set_last_sent(self, chat_id: int, message_id: int, update_id: int | None = None) -> None:
        """Remember the newest message of the bot in a chat, and the update that it was sent for, if any."""
        self._run(
            upsert("last_sent", ["chat_id"], ["message_id", "update_id"]), chat_id, message_id, update_id
        )

    def sent_for(self, chat_id: int, update_id: int) -> int | None:
        """The newest message of the bot in a chat, if it was sent for this update."""
        select = "SELECT message_id FROM last_sent WHERE chat_id = ? AND update_id = ?"
        return next((message for (message,) in self._run(select, chat_id, update_id)), None)

    def last_sent(self, chat_id: int) -> int:
        """The newest message of the bot in a chat that is known to have arrived; 0 without any."""
        select = "SELECT message_id FROM last_sent WHERE chat_id = ?"
        return next((message for (message,) in self._run(select, chat_id)), 0)

    def move(self, old_id: int, new_id: int) -> None:
        """A group got another id: everything that is known about it counts for that one."""
        with self._transaction():
            self._run(upsert("moves", ["old_id"], ["new_id"]), old_id, new_id)
            for table, key in _OF_CHATS.items():
                if self._run(f"SELECT 1 FROM {table} WHERE {key} = ?", old_id):  # noqa: S608
                    self._run(f"DELETE FROM {table} WHERE {key} = ?", new_id)  # noqa: S608
                    self._run(f"UPDATE {table} SET {key} = ? WHERE {key} = ?", new_id, old_id)  # noqa: S608

    def moved_to(self, chat_id: int) -> int:
        """The id that a chat has now."""
        moved = self._run("SELECT new_id FROM moves WHERE old_id = ?", chat_id)
        return next((new for (new,) in moved), chat_id)

    def first_id(self, chat_id: int) -> int:
        """The id that a chat had first, which stays the same when it gets another."""
        moved = self._run("SELECT old_id FROM moves WHERE new_id = ?", chat_id)
        return next((old for (old,) in moved), chat_id)

    def set_closed(self, chat_id: int, *, closed: bool) -> None:
        """Remember that the bot was removed from a chat or blocked there, or that it is back."""
        insert, delete = (
            "INSERT INTO closed_chats VALUES (?) ON CONFLICT DO NOTHING",
            "DELETE FROM closed_chats WHERE id = ?",
        )
        self._run(insert if closed else delete, chat_id)

    def is_closed(self, chat_id: int) -> bool:
        """Whether the bot can write nothing in a chat."""
        return bool(self._run("SELECT id FROM closed_chats WHERE id = ?", chat_id))

    def open_to_uploads(self, chat_id: int, *, is_open: bool) -> None:
        """Let a group's administrators add documents, or do not any more."""
        insert = "INSERT INTO open_to_uploads VALUES (?) ON CONFLICT DO NOTHING"
        self._run(insert if is_open else "DELETE FROM open_to_uploads WHERE id = ?", chat_id)

    def is_open_to_uploads(self, chat_id: int) -> bool:
        """Whether a group's administrators may add documents."""
        return bool(self._run("SELECT id FROM open_to_uploads WHERE id = ?", chat_id))

    def expect(self, upload: Upload) -> Upload:
        """Keep what has to be reported of a document until it `is_reported`; it has the id that it had before."""
        with self._transaction():
            self._run(
                "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (collection, path) DO UPDATE SET "
                "chat_id = excluded.chat_id, message_id = excluded.message_id, language = excluded.language, "
                "is_pending = 1",
                *astuple(upload),
                time.time(),
            )
            return self.upload_at(upload.collection, upload.path) or upload

    def is_reported(self, upload: Upload) -> None:
        """The message about a document says what became of it; nothing happens if another one is to say it now."""
        self._run(f"UPDATE uploads SET is_pending = 0 {_SAME_UPLOAD}", *_same(upload))  # noqa: S608

    def unreported(self) -> list[Upload]:
        """The documents of which something has to be reported, in the order in which they came."""
        return [Upload(*row) for row in self._run(f"{_UPLOADS} WHERE is_pending = 1 ORDER BY sent_at")]

    def upload(self, upload_id: str) -> Upload | None:
        """The document with this id, if it is still there."""
        return next((Upload(*row) for row in self._run(f"{_UPLOADS} WHERE id = ?", upload_id)), None)

    def upload_at(self, collection: str, path: str) -> Upload | None:
        """The document at this path, if it was sent to this bot."""
        rows = self._run(f"{_UPLOADS} WHERE collection = ? AND path = ?", collection, path)
        return next((Upload(*row) for row in rows), None)

    def upload_reported_in(self, chat_id: int, message_id: int) -> Upload | None:
        """The document that a message of the bot reports on."""
        rows = self._run(f"{_UPLOADS} WHERE chat_id = ? AND message_id = ?", chat_id, message_id)
        return next((Upload(*row) for row in rows), None)

    def forget_upload(self, upload: Upload) -> None:
        """A document is there no more; nothing happens if it has been sent anew."""
        self._run(f"DELETE FROM uploads {_SAME_UPLOAD}", *_same(upload))  # noqa: S608

    def chat_settings(self, chat_id: int) -> ChatSettings:
        """What is settled for a chat; the usual where nothing is."""
        select = "SELECT mentions, only_sure, language FROM chat_settings WHERE chat_id = ?"
        common = not self._run("SELECT id FROM own_documents_only WHERE id = ?", chat_id)
        for mentions, only_sure, language in self._run(select, chat_id):
            return ChatSettings(bool(mentions), bool(only_sure), common, language)
        return ChatSettings(common=common)

    def set_chat_settings(self, chat_id: int, settings: ChatSettings) -> None:
        """Settle it so from now on."""
        values = (settings.mentions, settings.only_sure, settings.language)
        insert = "INSERT INTO own_documents_only VALUES (?) ON CONFLICT DO NOTHING"
        delete = "DELETE FROM own_documents_only WHERE id = ?"
        with self._transaction():
            self._run(
                upsert("chat_settings", ["chat_id"], ["mentions", "only_sure", "language"]), chat_id, *values
            )
            self._run(delete if settings.common else insert, chat_id)

    def introduction(self) -> str:
        """The digest of what Telegram shows about the bot; empty before it was told."""
        return self._fact("introduction")

    def set_introduction(self, digest: str) -> None:
        """Remember what Telegram shows about the bot."""
        self._run(upsert("facts", ["name"], ["value"]), "introduction", digest)

    def pairing(self, new: str) -> str:
        """The secret that makes an owner; a new one, unless another replica that still runs has made one."""
        with self._transaction():
            if self.claim(_PAIRING) or not self._fact(_PAIRING):
                self._run(upsert("facts", ["name"], ["value"]), _PAIRING, new)
            return self._fact(_PAIRING)

    def pair(self, contact: Contact, secret: str) -> bool:
        """Make an owner of who brings the secret, which is worth nothing from then on."""
        with self._transaction():
            known = self._fact(_PAIRING)
            if not known or not hmac.compare_digest(known.encode(), secret.encode()):
                return False
            self._run("DELETE FROM facts WHERE name = ?", _PAIRING)
            if self.contacts(Role.OWNER):
                return False
            self.set_role(contact, Role.OWNER)
        self.release_claim(_PAIRING)
        return True

    def _fact(self, name: str) -> str:
        return next((value for (value,) in self._run("SELECT value FROM facts WHERE name = ?", name)), "")

    def _meet(self, contact: Contact) -> None:
        """Remember a contact; what is not known of them now stays as it was."""
        # Somebody who gave up a name may not be taken for who has it now.
        take = "UPDATE people SET username = NULL WHERE lower(username) = lower(?) AND id <> ?"
        self._run(take, contact.username, contact.id)
        self._run(
            "INSERT INTO people (id, name, username, language) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
            "SET name = CASE excluded.name WHEN '' THEN people.name ELSE excluded.name END, "
            "username = coalesce(excluded.username, people.username), "
            "language = coalesce(excluded.language, people.language)",
            contact.id,
            contact.name,
            contact.username,
            contact.language,
        )

    def _serve(self, bot_id: str) -> None:
        """Forget what only the bot before knew, if it was another: numbers of updates and messages begin anew."""
        if self._fact("bot") == bot_id:
            return
        with self._transaction():
            for table in (
                "updates",
                "answers",
                "turns",
                "last_sent",
                "closed_chats",
                "uploads",
                "chat_settings",
                "own_documents_only",
                "facts",
            ):
                self._run(f"DELETE FROM {table}")  # noqa: S608
            self._run("INSERT INTO facts VALUES ('bot', ?)", bot_id)

    def _run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._db.run(statement, values)

    def _transaction(self) -> AbstractContextManager[Transaction]:
        return self._db.transaction()
