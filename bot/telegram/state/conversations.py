"""Conversations: which message of the bot answers which, and the questions of the last hour."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass

from retrieval import Repository, upsert

ANSWERS_REMEMBERED_S = 2 * 24 * 60 * 60
"""People can edit a message for two days."""
EXCHANGES_REMEMBERED_S = 60 * 60
"""A follow-up question after a longer pause is asked in full."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that was answered; both are messages in the chat."""

    chat_id: int
    question_id: int
    answer_id: int
    person_id: int
    question: str
    """The standalone question: of a follow-up, the question that it follows."""


class ConversationRepository(Repository):
    """The tables of answers and of exchanges, which is called `turns`."""

    def keep_answer(self, chat_id: int, question_id: int, answer_id: int) -> None:
        """Store which message of the bot answers a message."""
        now = time.time()
        with self._db.relaxed(), self._db.transaction() as db:
            db.execute("DELETE FROM answers WHERE answered_at < ?", (now - ANSWERS_REMEMBERED_S,))
            change = upsert("answers", ["chat_id", "question_id"], ["answer_id", "answered_at"])
            db.execute(change, (chat_id, question_id, answer_id, now))

    def answer_to(self, chat_id: int, question_id: int) -> int | None:
        """Find the message of the bot that answers a message of the last two days."""
        query = "SELECT answer_id FROM answers WHERE chat_id = ? AND question_id = ?"
        answer_id: int | None = self._value(query, chat_id, question_id)
        return answer_id

    def keep(self, exchange: Exchange) -> None:
        """Store a question for an hour, in place of the message's former question."""
        columns = ["answer_id", "person_id", "question", "asked_at"]
        change = upsert("turns", ["chat_id", "question_id"], columns)
        with self._db.relaxed():
            self._db.run(change, (*astuple(exchange), time.time()))

    def exchanges(self, chat_id: int, person_id: int) -> list[Exchange]:
        """List a person's questions in a chat in the last hour, the newest first."""
        rows = self._db.run(
            "SELECT chat_id, question_id, answer_id, person_id, question FROM turns "
            "WHERE chat_id = ? AND person_id = ? AND asked_at > ? ORDER BY question_id DESC",
            (chat_id, person_id, _oldest()),
        )
        return [Exchange(*row) for row in rows]

    def questions_of(self, person_id: int) -> list[str]:
        """List a person's questions in the last hour in all chats, the newest first."""
        select = "SELECT question FROM turns WHERE person_id = ? AND asked_at > ? ORDER BY asked_at DESC"
        return [question for (question,) in self._db.run(select, (person_id, _oldest()))]

    def end(self, chat_id: int, person_id: int) -> None:
        """Forget a person's questions in a chat."""
        self._db.run("DELETE FROM turns WHERE chat_id = ? AND person_id = ?", (chat_id, person_id))
        self._db.empty_log()  # which holds the former rows, also those of the updates with the questions

    def forget_old(self) -> None:
        """Forget questions that are more than an hour old."""
        with self._db.transaction() as db:
            is_old = db.execute("DELETE FROM turns WHERE asked_at <= ?", (_oldest(),)).rowcount > 0
        if is_old:
            self._db.empty_log()

    def forget(self, person_id: int) -> None:
        """Forget a person's questions, and the answers in their private chat."""
        self._db.run("DELETE FROM turns WHERE person_id = ?", (person_id,))
        self._db.run("DELETE FROM answers WHERE chat_id = ?", (person_id,))


def _oldest() -> float:
    return time.time() - EXCHANGES_REMEMBERED_S
