"""Uploads: documents that people sent, and the reports on them that are due."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass, fields
from enum import StrEnum

from retrieval import Repository

_SAME = "id = ? AND chat_id = ? AND message_id = ?"


class UploadState(StrEnum):
    """What an upload is, besides a document."""

    DOCUMENT = ""
    WAITING = "waiting"
    """Another document has its name, and somebody has to decide. Its file is hidden."""
    ASKED = "asked"
    """It is the address of a web page, and somebody has to decide whether the page becomes a document."""
    DROPPED = "dropped"
    """Nobody has decided in time."""
    REPLACED = "replaced"
    """It took the place of another, whose file is kept for a while."""
    RESTORED = "restored"
    """The other is back."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A document that somebody sent, or a web page that they named, and the message that reports on it."""

    id: str
    """A random secret."""
    collection: str
    path: str
    """Of a web page, its address."""
    chat_id: int
    message_id: int
    """Of the report; 0 until it is sent."""
    language: str | None
    source_id: int = 0
    """The message that brought it, or the command."""
    update_id: int = 0
    """The update in which that came."""
    album: str = ""
    """The files of an album are reported on in one message."""
    name: str = ""
    """The name that it would like to have, while it waits; of a web page that is asked about, its address."""
    state: str = UploadState.DOCUMENT

    @property
    def shown_name(self) -> str:
        """Get the name that people know."""
        return self.name or self.path

    @property
    def is_document(self) -> bool:
        """Tell whether its file is one that can be quoted, and is not hidden."""
        return self.state not in {UploadState.WAITING, UploadState.ASKED, UploadState.DROPPED}

    @property
    def is_undecided(self) -> bool:
        """Tell whether somebody has to decide what becomes of it."""
        return self.state in {UploadState.WAITING, UploadState.ASKED}


_NAMES = [field.name for field in fields(Upload)]
_COLUMNS = ", ".join(_NAMES)
_PLACEHOLDERS = ", ".join("?" for _ in _NAMES)


class UploadRepository(Repository):
    """The table of uploads, and a lock for each: one replica reports on it."""

    def expect(self, upload: Upload) -> Upload:
        """Store that a report on a document is due, until `finish`; a known document keeps its id."""
        with self._db.transaction() as db:
            db.execute(
                f"INSERT INTO uploads ({_COLUMNS}, is_pending, sent_at) VALUES ({_PLACEHOLDERS}, 1, ?) "  # noqa: S608
                "ON CONFLICT (collection, path) DO UPDATE SET chat_id = excluded.chat_id, "
                "message_id = excluded.message_id, language = excluded.language, source_id = excluded.source_id, "
                "update_id = excluded.update_id, album = excluded.album, name = excluded.name, "
                "state = excluded.state, is_pending = 1",
                (*astuple(upload), time.time()),
            )
            return self.at(upload.collection, upload.path) or upload

    def place(self, upload: Upload) -> None:
        """Store what became of an upload that waited or replaced another, in the place of what was known at its path.

        A report on it is due.
        """
        values = [getattr(upload, name) for name in _NAMES if name != "id"]
        changes = ", ".join(f"{name} = ?" for name in _NAMES if name != "id")
        with self._db.transaction() as db:
            same_path = (upload.collection, upload.path, upload.id)
            db.execute("DELETE FROM uploads WHERE collection = ? AND path = ? AND id <> ?", same_path)
            change = f"UPDATE uploads SET {changes}, is_pending = 1, sent_at = ? WHERE id = ?"  # noqa: S608
            db.execute(change, (*values, time.time(), upload.id))

    def set_name(self, upload: Upload, name: str) -> None:
        """Store the name that an upload is to have."""
        self._db.run("UPDATE uploads SET name = ? WHERE id = ?", (name, upload.id))

    def expire(self, *, waiting_since: float, replaced_before: float) -> None:
        """Drop the uploads that have waited since then, and let replacements from before then no longer be undone.

        Reports on those that are dropped are due. Web pages that nobody has decided about are forgotten.
        """
        forget = "DELETE FROM uploads WHERE state = ? AND sent_at < ?"
        self._db.run(forget, (UploadState.ASKED, waiting_since))
        drop = "UPDATE uploads SET state = ?, is_pending = 1 WHERE state = ? AND sent_at < ?"
        self._db.run(drop, (UploadState.DROPPED, UploadState.WAITING, waiting_since))
        settle = "UPDATE uploads SET state = ? WHERE state = ? AND sent_at < ?"
        self._db.run(settle, (UploadState.DOCUMENT, UploadState.REPLACED, replaced_before))

    def with_versions(self) -> set[str]:
        """List the ids of uploads with hidden files."""
        select = "SELECT id FROM uploads WHERE state IN (?, ?)"
        return {number for (number,) in self._db.run(select, (UploadState.WAITING, UploadState.REPLACED))}

    def finish(self, upload: Upload, *, is_removed: bool = False) -> None:
        """Note that the report was sent, unless another message is to report now; forget an upload that was removed."""
        change = "DELETE FROM uploads" if is_removed else "UPDATE uploads SET is_pending = 0"
        self._db.run(f"{change} WHERE {_SAME}", _key(upload))

    def pending(self) -> list[Upload]:
        """List the documents with a report due, in the order in which they came."""
        return self._select("is_pending = 1 ORDER BY sent_at")

    def get(self, upload_id: str) -> Upload | None:
        """Find the document with this id, if it is still there."""
        return next(iter(self._select("id = ?", upload_id)), None)

    def at(self, collection: str, path: str) -> Upload | None:
        """Find the document at this path, if it was sent to this bot."""
        return next(iter(self._select("collection = ? AND path = ?", collection, path)), None)

    def sent_in(self, chat_id: int, source_id: int) -> Upload | None:
        """Find the document that a message brought."""
        return next(iter(self._select("chat_id = ? AND source_id = ?", chat_id, source_id)), None)

    def reported_in(self, chat_id: int, message_id: int) -> list[Upload]:
        """Find the documents that a message of the bot reports on."""
        return self._select("chat_id = ? AND message_id = ?", chat_id, message_id)

    def album_report(self, chat_id: int, album: str) -> int:
        """Find the message that reports on an album; 0 if there is none yet."""
        query = "SELECT max(message_id) FROM uploads WHERE chat_id = ? AND album = ?"
        return int(self._value(query, chat_id, album) or 0)

    def set_message(self, upload: Upload, message_id: int) -> None:
        """Store the message that reports on a document, unless another is to report now."""
        self._db.run(f"UPDATE uploads SET message_id = ? WHERE {_SAME}", (message_id, *_key(upload)))  # noqa: S608

    def acquire(self, key: str) -> bool:
        """Lock a report for this replica of the bot; false if another has it."""
        return self._db.acquire_replica_lock(key)

    def release(self, key: str) -> None:
        """Unlock a report."""
        self._db.release_replica_lock(key)

    def _select(self, which: str, *values: object) -> list[Upload]:
        return [Upload(*row) for row in self._db.run(f"SELECT {_COLUMNS} FROM uploads WHERE {which}", values)]  # noqa: S608


def _key(upload: Upload) -> tuple[object, ...]:
    return upload.id, upload.chat_id, upload.message_id
