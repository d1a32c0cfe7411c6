"""Updates: the chat queues in which they wait until they are handled, and the newest message sent for each."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import NamedTuple

from retrieval import Repository, upsert

UPDATES_REMEMBERED_S = 2 * 24 * 60 * 60
"""For handled updates, which Telegram may send again for a day."""
MAX_FAILURES = 3
"""After so many, an update is set aside: kept, but not tried again."""
_KINDS = ("message", "edited_message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member")


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """An update that is to be handled."""

    id: int
    body: str
    sent_after: int | None
    """The message behind which its answer may stand, if a bot that was killed had begun to send one."""


class Backlog(NamedTuple):
    """Counts updates that are not handled, in all chat queues."""

    waiting: int
    set_aside: int
    """They failed too often to be tried again."""


class UpdateRepository(Repository):
    """The tables of updates and of the newest messages, and the locks of chat queues.

    The column of an update's chat queue is called `line`.
    """

    def add(self, update_id: int, body: str, queue: str = "") -> bool:
        """Store an update in a chat queue until `finish`; return false if it was stored before."""
        now = time.time()
        with self._db.transaction() as db:
            db.execute("DELETE FROM updates WHERE received_at < ? AND body IS NULL", (now - UPDATES_REMEMBERED_S,))
            insert = "INSERT INTO updates (id, body, received_at, line) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
            return bool(db.execute(insert, (update_id, body, now, queue)).rowcount)

    def queues(self) -> list[str]:
        """List the chat queues that are not empty, beginning with the oldest update."""
        select = "SELECT line FROM updates WHERE body IS NOT NULL AND failures < ? GROUP BY line ORDER BY min(id)"
        rows = self._db.run(select, (MAX_FAILURES,))
        return [queue for (queue,) in rows]

    def next_update(self, queue: str) -> StoredUpdate | None:
        """Get the first update of a chat queue."""
        select = (
            "SELECT id, body, sent_after FROM updates WHERE line = ? AND body IS NOT NULL AND failures < ? "
            "ORDER BY id LIMIT 1"
        )
        return next((StoredUpdate(*row) for row in self._db.run(select, (queue, MAX_FAILURES))), None)

    def fail(self, update_id: int) -> int:
        """Count a failure to handle an update, and return how many it has."""
        self._db.run("UPDATE updates SET failures = failures + 1 WHERE id = ?", (update_id,))
        return int(self._value("SELECT failures FROM updates WHERE id = ?", update_id, default=0))

    def backlog(self) -> Backlog:
        """Count the updates that are not handled."""
        query = "SELECT failures < ?, count(*) FROM updates WHERE body IS NOT NULL GROUP BY 1"
        counts = {bool(is_waiting): int(count) for is_waiting, count in self._db.run(query, (MAX_FAILURES,))}
        return Backlog(counts.get(True, 0), counts.get(False, 0))

    def set_sent_after(self, update_id: int, newest: int) -> None:
        """Store, before an answer is sent, the newest message that is known then."""
        self._db.run("UPDATE updates SET sent_after = ? WHERE id = ?", (newest, update_id))

    def sent_after(self, update_id: int) -> int | None:
        """Get the message behind which the answer to an update stands, if a bot has begun to send it."""
        number: int | None = self._value("SELECT sent_after FROM updates WHERE id = ?", update_id)
        return number

    def finish(self, update_id: int) -> None:
        """Forget the body of an update, and keep its id, so that it is not handled again."""
        # If a power cut undoes this, the answer is found by `sent_after`.
        with self._db.relaxed():
            self._db.run("UPDATE updates SET body = NULL, line = NULL WHERE id = ?", (update_id,))

    def acquire(self, queue: str) -> bool:
        """Lock a chat queue for this replica of the bot; false if another has it."""
        return self._db.acquire_replica_lock(queue)

    def has_lock(self, queue: str) -> bool:
        """Tell whether the lock is still held: it is lost where the database was away for a moment."""
        return self._db.has_replica_lock(queue)

    def release(self, queue: str) -> None:
        """Unlock a chat queue."""
        self._db.release_replica_lock(queue)

    def set_last_sent(self, chat_id: int, message_id: int, update_id: int | None = None) -> None:
        """Store the newest message of the bot in a chat, and the update that it was sent for, if any."""
        change = upsert("last_sent", ["chat_id"], ["message_id", "update_id"])
        with self._db.relaxed():
            self._db.run(change, (chat_id, message_id, update_id))

    def last_sent(self, chat_id: int) -> int:
        """Get the newest message of the bot in a chat that is known to have arrived; 0 without any."""
        return int(self._value("SELECT message_id FROM last_sent WHERE chat_id = ?", chat_id, default=0))

    def sent_for(self, chat_id: int, update_id: int) -> int | None:
        """Get the newest message of the bot in a chat, if it was sent for this update."""
        query = "SELECT message_id FROM last_sent WHERE chat_id = ? AND update_id = ?"
        message_id: int | None = self._value(query, chat_id, update_id)
        return message_id

    def forget(self, person_id: int) -> None:
        """Forget the updates that a person caused, and the newest message to them."""
        for update_id, body in self._db.run("SELECT id, body FROM updates WHERE body IS NOT NULL"):
            if _sender(body) == person_id:
                self.finish(update_id)
        self._db.run("DELETE FROM last_sent WHERE chat_id = ?", (person_id,))


def _sender(body: str) -> int | None:
    """Read who caused an update; None if nobody did, or it cannot be read."""
    try:
        update = json.loads(body)
        kind = next((kind for kind in _KINDS if kind in update), None)
        sender: int | None = update[kind]["from"]["id"] if kind else None
    except (ValueError, TypeError, LookupError):
        return None
    return sender
