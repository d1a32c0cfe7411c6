"""Uploads: documents that people sent, and the reports on them that are due."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass

from retrieval import Repository

_SAME = "id = ? AND chat_id = ? AND message_id = ?"


@dataclass(frozen=True, slots=True)
class Upload:
    """A document that somebody sent, and the message that reports on it."""

    id: str
    """A random secret."""
    collection: str
    path: str
    chat_id: int
    message_id: int
    language: str | None


class UploadRepository(Repository):
    """The table of uploads, and a lock for each: one replica reports on it."""

    def expect(self, upload: Upload) -> Upload:
        """Store that a report on a document is due, until `finish`; a known document keeps its id."""
        with self._db.transaction() as db:
            db.execute(
                "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (collection, path) DO UPDATE SET "
                "chat_id = excluded.chat_id, message_id = excluded.message_id, language = excluded.language, "
                "is_pending = 1",
                (*astuple(upload), time.time()),
            )
            return self.at(upload.collection, upload.path) or upload

    def finish(self, upload: Upload) -> None:
        """Note that the report was sent, unless another message is to report now."""
        self._db.run(f"UPDATE uploads SET is_pending = 0 WHERE {_SAME}", _key(upload))  # noqa: S608

    def delete(self, upload: Upload) -> None:
        """Forget a document that was removed, unless it has been sent anew."""
        self._db.run(f"DELETE FROM uploads WHERE {_SAME}", _key(upload))  # noqa: S608

    def pending(self) -> list[Upload]:
        """List the documents with a report due, in the order in which they came."""
        return self._select("is_pending = 1 ORDER BY sent_at")

    def get(self, upload_id: str) -> Upload | None:
        """Find the document with this id, if it is still there."""
        return next(iter(self._select("id = ?", upload_id)), None)

    def at(self, collection: str, path: str) -> Upload | None:
        """Find the document at this path, if it was sent to this bot."""
        return next(iter(self._select("collection = ? AND path = ?", collection, path)), None)

    def reported_in(self, chat_id: int, message_id: int) -> Upload | None:
        """Find the document that a message of the bot reports on."""
        return next(iter(self._select("chat_id = ? AND message_id = ?", chat_id, message_id)), None)

    def acquire(self, upload_id: str) -> bool:
        """Lock a document for this replica of the bot; false if another has it."""
        return self._db.acquire_replica_lock(f"upload {upload_id}")

    def release(self, upload_id: str) -> None:
        """Unlock a document."""
        self._db.release_replica_lock(f"upload {upload_id}")

    def _select(self, which: str, *values: object) -> list[Upload]:
        columns = "id, collection, path, chat_id, message_id, language"
        return [Upload(*row) for row in self._db.run(f"SELECT {columns} FROM uploads WHERE {which}", values)]  # noqa: S608


def _key(upload: Upload) -> tuple[object, ...]:
    return upload.id, upload.chat_id, upload.message_id
