"""Versions: what people decide about a file whose name another document has, and the way back."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace

from telegram import CallbackQuery, Message

from bot.services.failure_log import FailureLog
from bot.telegram.documents.reporter import KEEP_BOTH, REPLACE, RESTORE, UploadReporter
from bot.telegram.documents.storage import DAY_S
from bot.telegram.messaging.callback_queries import acknowledge
from bot.telegram.messaging.context import texts_for
from bot.telegram.state.uploads import Upload, UploadRepository, UploadState
from retrieval import QuothError

CHOICES = {REPLACE: UploadState.WAITING, KEEP_BOTH: UploadState.WAITING, RESTORE: UploadState.REPLACED}
"""What the buttons are about."""
UNDECIDED_S = DAY_S
"""How long a file waits for a decision."""
FORMER_S = 7 * DAY_S
"""How long a file that was replaced is kept."""
CLEANUP_INTERVAL_S = 600.0


@dataclass(frozen=True)
class Versions:
    """Replaces a document, keeps both, or brings the former one back.

    The hidden files are moved first, and then the record is changed. A bot that was killed in between handles the same
    press again, which goes on from there.
    """

    reporter: UploadReporter
    records: UploadRepository

    async def choose(self, choice: str, upload: Upload, query: CallbackQuery, message: Message) -> None:
        """Handle a button below the question, or below the report on a document that replaced another."""
        if upload.state != CHOICES[choice]:
            await acknowledge(query, texts_for(query.from_user).button_is_old)
            return
        await acknowledge(query)
        act = {REPLACE: self._replace, KEEP_BOTH: self._keep_both, RESTORE: self._restore}[choice]
        album = upload.album if upload.message_id == message.message_id else ""
        chat_id, message_id, language = message.chat.id, message.message_id, query.from_user.language_code
        upload = await act(upload)
        upload = replace(upload, chat_id=chat_id, message_id=message_id, language=language, album=album)
        self.records.place(upload)
        self.reporter.start(upload)

    async def _replace(self, upload: Upload) -> Upload:
        indexer = self.reporter.indexer
        state = await indexer.run(indexer.storage.replace, upload.collection, upload.id, upload.name)
        return _placed(upload, upload.name, state)

    async def _keep_both(self, upload: Upload) -> Upload:
        indexer = self.reporter.indexer
        name, storage = upload.name, indexer.storage
        if await indexer.run(storage.is_waiting, upload.collection, upload.id):
            name = await indexer.run(storage.free_name, upload.collection, name)
            # The file is under this name if we are killed behind the next step.
            self.records.set_name(upload, name)
        state = await indexer.run(storage.release, upload.collection, upload.id, name)
        return _placed(upload, name, state)

    async def _restore(self, upload: Upload) -> Upload:
        indexer = self.reporter.indexer
        await indexer.run(indexer.storage.restore, upload.collection, upload.id, upload.path)
        return replace(upload, state=UploadState.RESTORED)


def _placed(upload: Upload, name: str, state: UploadState) -> Upload:
    if state == UploadState.DROPPED:
        return replace(upload, state=state)
    return replace(upload, path=name, name="", state=state)


async def keep_dropping(reporter: UploadReporter, records: UploadRepository) -> None:
    """Drop what nobody has decided, and the files that can no longer come back, for as long as the bot runs."""
    failures = FailureLog("Undecided files cannot be dropped", "Undecided files can be dropped again.", logging.WARNING)
    while True:
        now = time.time()
        try:
            records.expire(waiting_since=now - UNDECIDED_S, replaced_before=now - FORMER_S)
            await reporter.indexer.run(reporter.indexer.storage.discard_old, records.with_versions())
        except QuothError as error:
            failures.note(error)
        else:
            failures.end()
        await asyncio.sleep(CLEANUP_INTERVAL_S)
