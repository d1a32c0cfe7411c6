"""UploadReporter: reads uploads in the background, and reports in each one's message what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import suppress

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.services.failure_log import FailureLog
from bot.telegram.documents.indexer import UploadIndexer, UploadOutcome
from bot.telegram.render.answer import format_file_name
from bot.telegram.state.uploads import Upload, UploadRepository
from bot.texts import Texts, in_language
from retrieval import FORMATS, MIB, DocumentFault, Limits, QuothError, StoreError, UnreachableError

logger = logging.getLogger(__name__)

DELETE = "delete:"
"""The prefix of an upload's id in a button."""
MEGABYTE = 1_000_000
PROGRESS_AFTER_S = (3.0, 10.0, 30.0, 90.0, 270.0, 810.0)
"""Waits between the edits of a message while its file is read: Telegram limits edits."""
RETRY_S = 5.0
"""Wait after the database or the vector store did not answer."""


class UploadReporter:
    """Reads and reports on each upload in a task of its own, so that questions in the chat do not wait for it."""

    def __init__(self, indexer: UploadIndexer, records: UploadRepository, bot: Bot, limits: Limits) -> None:
        self.indexer = indexer
        self.max_bytes = min(limits.file_mib * MIB, int(FileSizeLimit.FILESIZE_DOWNLOAD))
        self._records = records
        self._bot = bot
        self._limits = limits
        self._tasks: dict[asyncio.Task[None], str] = {}
        """Task → the id of its upload."""
        self._postponed: set[str] = set()
        """Uploads that failed for another reason than an unreachable service, until the next start."""
        self._failures = FailureLog(
            "No document can be read, trying again until it can", "Documents can be read again."
        )

    def poll(self) -> None:
        """Take over the reports that are due since before a restart, or from a replica that ended."""
        try:
            for upload in self._records.pending():
                is_known = upload.id in self._postponed or upload.id in self._tasks.values()
                if not is_known and self._records.acquire(upload.id):
                    self.start(upload)
        except StoreError as error:
            self._failures.note(error)

    def start(self, upload: Upload) -> None:
        """Read an upload and report on it.

        A replica that has its lock reports the same, but perhaps on the former file.
        """
        self._records.acquire(upload.id)
        self._postponed.discard(upload.id)
        task = asyncio.create_task(self._report(upload))
        self._tasks[task] = upload.id
        task.add_done_callback(self._end)

    def close(self) -> None:
        """End at once; the next start goes on with the reports that are due."""
        for task in self._tasks:
            task.cancel()
        self.indexer.close()

    def refusal(self, name: str, fault: DocumentFault, texts: Texts) -> str:
        """Word why a file is not taken or could not be read."""
        return texts.upload_faults[fault].format(
            name=format_file_name(name, texts),
            formats=", ".join(FORMATS),
            megabytes=self.max_bytes // MEGABYTE,
            characters=texts.number(self._limits.characters),
            pages=texts.number(self._limits.pages),
            rows=texts.number(self._limits.rows),
        )

    async def show(self, upload: Upload, text: str, *, has_button: bool = False) -> None:
        """Edit the message of an upload, perhaps with a button that deletes the document."""
        undo = InlineKeyboardButton(in_language(upload.language).undo, callback_data=f"{DELETE}{upload.id}")
        markup = InlineKeyboardMarkup.from_button(undo) if has_button else None
        try:
            await self._bot.edit_message_text(
                text, upload.chat_id, upload.message_id, parse_mode="HTML", reply_markup=markup
            )
        except (BadRequest, Forbidden) as error:
            # Its text is the same already, or it was deleted, or the bot was removed meanwhile.
            logger.info("A message about a document could not be edited: %s", error)

    def _end(self, task: asyncio.Task[None]) -> None:
        upload_id = self._tasks.pop(task)
        if not task.cancelled() and upload_id not in self._tasks.values():
            self._records.release(upload_id)

    async def _report(self, upload: Upload) -> None:
        """Retry until the database and the vector store answer; postpone after any other error."""
        try:
            while True:
                try:
                    await self._read_and_show(upload)
                except UnreachableError as error:
                    self._failures.note(error)
                    await asyncio.sleep(RETRY_S)
                else:
                    self._failures.end()
                    return
        except QuothError as error:
            self._postponed.add(upload.id)
            logger.warning("A document could not be read, after the next start it will be: %s", error)
            with suppress(TelegramError):
                await self.show(upload, in_language(upload.language).failed, has_button=True)
        except TelegramError as error:
            self._postponed.add(upload.id)
            logger.warning("A report on a document could not be sent, after the next start it will be: %s", error)

    async def _read_and_show(self, upload: Upload) -> None:
        outcome = await self._read(upload)
        is_there = bool(outcome.passages or outcome.fault)
        await self.show(upload, self._summary(upload, outcome), has_button=is_there)
        if is_there:
            self._records.finish(upload)
        else:
            self._records.delete(upload)

    def _summary(self, upload: Upload, outcome: UploadOutcome) -> str:
        texts = in_language(upload.language)
        name = format_file_name(upload.path, texts)
        if outcome.fault:
            refusal = self.refusal(upload.path, outcome.fault, texts)
            return f"{refusal}\n{texts.upload_old_version}" if outcome.passages else refusal
        if outcome.passages:
            return texts.upload_done.format(name=name, passages=texts.passages(outcome.passages))
        return texts.upload_removed.format(name=name)

    async def _read(self, upload: Upload) -> UploadOutcome:
        shares, done = deque([0.0], maxlen=1), asyncio.Event()
        shown = asyncio.create_task(self._show_progress(upload, shares, done))
        try:
            return await self.indexer.read(upload.collection, upload.path, shares.append)
        finally:
            # An edit that is under way must not come after the last one.
            done.set()
            await shown

    async def _show_progress(self, upload: Upload, shares: deque[float], done: asyncio.Event) -> None:
        """Show the share that is done, at growing intervals."""
        texts = in_language(upload.language)
        for wait_s in PROGRESS_AFTER_S:
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), wait_s)
                return
            if percent := round(100 * shares[-1]):
                name = format_file_name(upload.path, texts)
                await self.show(upload, texts.upload_progress.format(name=name, percent=percent))
