"""Handlers for files that people send: each gets one message, which says at last what became of it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ChatType, FileSizeLimit
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.services.failure_log import FailureLog
from bot.telegram.documents.storage import safe_name
from bot.telegram.messaging.language import texts_for
from bot.telegram.messaging.mentions import own_words, replied_message
from bot.telegram.render.answer import name_of_file
from bot.telegram.state.uploads import Upload
from bot.texts import in_language
from retrieval import FORMATS, MIB, DocumentFault, QuothError, StoreError, UnreachableError, reads

if TYPE_CHECKING:
    from collections.abc import Callable

    from telegram import Bot, Document, Message

    from bot.telegram.access.access import Access
    from bot.telegram.access.upload_permission import Uploaders
    from bot.telegram.documents.indexer import Outcome, UploadIndexer
    from bot.telegram.messaging.replies import Replies
    from bot.telegram.state.chats import ChatRepository
    from bot.telegram.state.uploads import UploadRepository
    from bot.texts import Texts
    from retrieval import Limits

logger = logging.getLogger(__name__)

DELETE = "delete:"
"""In front of the upload's id."""
TELEGRAMS_MOST_BYTES = int(FileSizeLimit.FILESIZE_DOWNLOAD)
MEGABYTE = 1_000_000
PROGRESS_AFTER_S = (3.0, 10.0, 30.0, 90.0, 270.0, 810.0)
"""Waits between the changes of a message while its file is read: many would be too many for Telegram."""
AGAIN_S = 5.0
"""After the database or the engine did not answer."""
MAX_TITLE = 200
"""Characters."""


class Uploads:
    """Takes files from those who may add documents.

    Args:
        indexer: keeps and reads them.
        uploaders: who may.
        access: which collection a chat's documents belong to.
        records: what has to be reported, also after a restart.
        chats: which groups are open to uploads.
        replies: the messages.
        bot: changes them.
        limits: the most that one file may take.
    """

    def __init__(
        self,
        *,
        indexer: UploadIndexer,
        uploaders: Uploaders,
        access: Access,
        records: UploadRepository,
        chats: ChatRepository,
        replies: Replies,
        bot: Bot,
        limits: Limits,
    ) -> None:
        self._indexer = indexer
        self._uploaders = uploaders
        self._access = access
        self._records = records
        self._chats = chats
        self._replies = replies
        self._bot = bot
        self._limits = limits
        self._most_bytes = min(limits.file_mib * MIB, TELEGRAMS_MOST_BYTES)
        self._tasks: dict[asyncio.Task[None], str] = {}
        """Each with the id of its upload."""
        self._put_off: set[str] = set()
        """Uploads that something else than the database stands in the way of, until the next start."""
        self._outage = FailureLog("No document can be read, trying again until it can", "Documents can be read again.")

    async def receive(self, message: Message) -> None:
        """A file, with its title below it if it has one."""
        if message.document:
            await self._take(message, message.document, own_words(message, message.get_bot()))

    async def add(self, message: Message) -> None:
        """/add, in reply to a file, with a title behind it if it is to have one."""
        replied = replied_message(message)
        if replied is None or replied.document is None:
            await message.reply_text(texts_for(message.from_user).add_needs_a_file)
            return
        title = own_words(message, message.get_bot()) or replied.caption or ""
        await self._take(message, replied.document, title)

    async def retitle(self, message: Message) -> None:
        """What stands below a file, or behind /add, was edited: that is its title from now on."""
        report = self._replies.answer_to(message)
        upload = self._records.reported_in(message.chat.id, report) if report else None
        title = _title(own_words(message, message.get_bot()))
        if upload and title and await self._uploaders.includes_author_of(message):
            # The other way round, it would not be read after a kill in between.
            upload = self._records.expect(upload)
            await self._indexer.retitle(upload.collection, upload.path, title)
            say = texts_for(message.from_user)
            await self._show(upload, say.upload_reading.format(name=name_of_file(upload.path, say)))
            self._start(upload)

    async def open(self, message: Message) -> None:
        """/uploads on and /uploads off, by an owner in a group."""
        say, wanted = texts_for(message.from_user), own_words(message, message.get_bot()).lower()
        if not self._access.is_owner(message.from_user):
            await message.reply_text(say.owners_only)
        elif message.chat.type == ChatType.PRIVATE or wanted not in {"on", "off"}:
            await message.reply_text(say.uploads_usage)
        else:
            self._chats.open_to_uploads(message.chat.id, is_open=wanted == "on")
            await message.reply_text(say.uploads_on if wanted == "on" else say.uploads_off)

    async def remove(self, upload: Upload, message: Message, language: str | None) -> None:
        """Delete a document, and say in this message when it is gone."""
        upload = replace(upload, chat_id=message.chat.id, message_id=message.message_id, language=language)
        # The other way round, nothing would be said after a kill in between.
        upload = self._records.expect(upload)
        await self._indexer.remove(upload.collection, upload.path)
        self._start(upload)

    def look_again(self) -> None:
        """Go on with what was not reported when the bot ended, or by a replica that did."""
        try:
            for upload in self._records.pending():
                is_known = upload.id in self._put_off or upload.id in self._tasks.values()
                if not is_known and self._records.acquire(upload.id):
                    self._start(upload)
        except StoreError as error:
            self._outage.note(error)

    def close(self) -> None:
        """End at once; what is not reported yet is after the next start."""
        for task in self._tasks:
            task.cancel()
        self._indexer.close()

    async def _take(self, message: Message, document: Document, title: str) -> None:
        say, name = texts_for(message.from_user), safe_name(document.file_name or "")
        if not await self._uploaders.includes_author_of(message):
            in_private = message.chat.type == ChatType.PRIVATE
            await message.reply_text(say.only_text if in_private else say.no_uploads_here)
        elif not reads(name):
            await message.reply_html(self._refusal(name, DocumentFault.UNKNOWN_KIND, say))
        elif (document.file_size or 0) > self._most_bytes:
            await message.reply_html(self._refusal(name, DocumentFault.TOO_LARGE, say))
        else:
            await self._keep(message, document, name, _title(title))

    async def _keep(self, message: Message, document: Document, name: str, title: str) -> None:
        """Fetch a file and keep it; from then on it is read and reported on, whatever happens to the bot."""
        say, chat_id = texts_for(message.from_user), message.chat.id
        # After a restart, this changes the message that is there.
        await self._replies.reply(message, say.upload_reading.format(name=name_of_file(name, say)))
        data = bytes(await (await document.get_file()).download_as_bytearray())
        if len(data) > self._most_bytes:
            await self._replies.reply(message, self._refusal(name, DocumentFault.TOO_LARGE, say))
            return
        status = self._replies.answer_to(message) or 0
        collection = self._access.collections_for(chat_id).own
        placed = await self._indexer.save(collection, name, data, title)
        known = self._records.at(collection, placed.path)
        if not placed.is_new and known and (known.chat_id, known.message_id) != (chat_id, status):
            await self._replies.reply(message, say.upload_known.format(name=name_of_file(placed.path, say)))
            return
        language = message.from_user.language_code if message.from_user else None
        new = Upload(secrets.token_urlsafe(12), collection, placed.path, chat_id, status, language)
        self._start(self._records.expect(new))

    def _refusal(self, name: str, fault: DocumentFault, say: Texts) -> str:
        return say.upload_faults[fault].format(
            name=name_of_file(name, say),
            formats=", ".join(FORMATS),
            megabytes=self._most_bytes // MEGABYTE,
            characters=say.number(self._limits.characters),
            pages=say.number(self._limits.pages),
            rows=say.number(self._limits.rows),
        )

    def _start(self, upload: Upload) -> None:
        """In a task of its own, so that questions in the chat do not wait for it.

        Whoever has the claim already does all this too, and says the same; but perhaps of what was there before.
        """
        self._records.acquire(upload.id)
        self._put_off.discard(upload.id)
        task = asyncio.create_task(self._report(upload))
        self._tasks[task] = upload.id
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        upload_id = self._tasks.pop(task)
        if not task.cancelled() and upload_id not in self._tasks.values():
            self._records.release(upload_id)

    async def _report(self, upload: Upload) -> None:
        say = in_language(upload.language)
        try:
            await self._insist(upload, say)
        except QuothError as error:
            self._put_off.add(upload.id)
            logger.warning("A document could not be read, after the next start it will be: %s", error)
            with suppress(TelegramError):
                await self._show(upload, say.failed, _undo(upload, say))
        except TelegramError as error:
            self._put_off.add(upload.id)
            logger.warning("A report on a document could not be sent, after the next start it will be: %s", error)

    async def _insist(self, upload: Upload, say: Texts) -> None:
        """Until the database, or the engine, answers."""
        while True:
            try:
                await self._read_and_report(upload, say)
            except UnreachableError as error:
                self._outage.note(error)
                await asyncio.sleep(AGAIN_S)
            else:
                self._outage.end()
                return

    async def _read_and_report(self, upload: Upload, say: Texts) -> None:
        outcome = await self._read(upload, say)
        is_there = bool(outcome.passages or outcome.fault)
        await self._show(upload, self._reported(upload, outcome, say), _undo(upload, say) if is_there else None)
        if is_there:
            self._records.finish(upload)
        else:
            self._records.delete(upload)

    def _reported(self, upload: Upload, outcome: Outcome, say: Texts) -> str:
        name = name_of_file(upload.path, say)
        if outcome.fault:
            refusal = self._refusal(upload.path, outcome.fault, say)
            return f"{refusal}\n{say.upload_old_version}" if outcome.passages else refusal
        if outcome.passages:
            return say.upload_done.format(name=name, passages=say.passages(outcome.passages))
        return say.upload_removed.format(name=name)

    async def _read(self, upload: Upload, say: Texts) -> Outcome:
        share, done = 0.0, asyncio.Event()

        def note(new_share: float) -> None:
            nonlocal share
            share = new_share

        shown = asyncio.create_task(self._show_progress(upload, say, lambda: share, done))
        try:
            return await self._indexer.read(upload.collection, upload.path, note)
        finally:
            # Waiting for a change that is under way keeps it from undoing the last one.
            done.set()
            await shown

    async def _show_progress(self, upload: Upload, say: Texts, share: Callable[[], float], done: asyncio.Event) -> None:
        for wait_s in PROGRESS_AFTER_S:
            try:
                await asyncio.wait_for(done.wait(), wait_s)
            except TimeoutError:
                percent, name = round(100 * share()), name_of_file(upload.path, say)
                if percent:
                    await self._show(upload, say.upload_progress.format(name=name, percent=percent))
            else:
                return

    async def _show(self, upload: Upload, text: str, buttons: InlineKeyboardMarkup | None = None) -> None:
        try:
            await self._bot.edit_message_text(
                text, upload.chat_id, upload.message_id, parse_mode="HTML", reply_markup=buttons
            )
        except (BadRequest, Forbidden) as error:
            # It says so already, or was deleted, or the bot was removed meanwhile.
            logger.info("A message about a document could not be changed: %s", error)


def _title(words: str) -> str:
    return " ".join(words.split())[:MAX_TITLE]


def _undo(upload: Upload, say: Texts) -> InlineKeyboardMarkup:
    button = InlineKeyboardButton(say.undo, callback_data=f"{DELETE}{upload.id}")
    return InlineKeyboardMarkup.from_button(button)
