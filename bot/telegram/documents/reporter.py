"""UploadReporter: reads uploads in the background, and reports in one message what became of a file or an album."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, ReplyParameters
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.services.failure_log import FailureLog
from bot.services.supervision import describe
from bot.telegram.documents.indexer import UploadIndexer, UploadOutcome
from bot.telegram.messaging.callback_queries import keyboard
from bot.telegram.render.answer import format_file_name
from bot.telegram.state.updates import UpdateRepository
from bot.telegram.state.uploads import Upload, UploadRepository, UploadState
from bot.telegram.transport.bot_api import BotApi
from bot.telegram.transport.flood_control import REPORT
from bot.telegram.transport.sender import ReplyContext, reply_context
from bot.texts import Texts, in_language
from retrieval import (
    DEFAULT_MAX_PAGES,
    FORMATS,
    MIB,
    DocumentFault,
    FetchFault,
    Limits,
    QuothError,
    StoreError,
    UnreachableError,
    is_page,
)

logger = logging.getLogger(__name__)

DELETE, REPLACE, KEEP_BOTH, RESTORE = "delete:", "replace:", "keep:", "restore:"
ADD_PAGE, ADD_BELOW, DECLINE = "page:", "below:", "decline:"
"""The prefixes of an upload's id in a button."""
MEGABYTE = 1_000_000
MAX_FILE_NAME = 40
"""Characters on a button."""
PROGRESS_AFTER_S = (1.0, 3.0, 10.0, 30.0, 90.0, 270.0, 810.0)
"""Waits from the beginning of the reading until "Reading…" is shown, and between the edits that follow."""
ALBUM_S = 1.0
"""How long a report waits for further files of an album, which come one by one."""
RETRY_S = 5.0
"""Wait after the database or the vector store did not answer."""
LOCK_S = 1.0
"""Wait while another replica has the lock."""


@dataclass(eq=False)
class _Report:
    """What is told in one message."""

    key: str
    """Of its lock."""
    first: Upload
    """It tells where the message belongs, and in which language."""
    message_id: int
    """0 until it is sent."""
    uploads: dict[str, Upload] = field(default_factory=dict)
    """By id."""
    outcomes: dict[str, UploadOutcome] = field(default_factory=dict)
    lines: dict[str, None] = field(default_factory=dict)
    """About the files that are not taken, each once."""
    unread: set[str] = field(default_factory=set)
    share: float = 0.0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when its files are read, not while they wait for others."""
    shown: tuple[str, InlineKeyboardMarkup | None] | None = None
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, upload: Upload) -> None:
        """Have a file read, and reported."""
        self.uploads[upload.id] = upload
        self.outcomes.pop(upload.id, None)
        self.unread.add(upload.id)
        self.more.set()


class UploadReporter:
    """Reads and reports in a task for each report, so that questions in the chat do not wait for it."""

    def __init__(
        self,
        indexer: UploadIndexer,
        records: UploadRepository,
        updates: UpdateRepository,
        bot: BotApi,
        limits: Limits,
    ) -> None:
        self.indexer = indexer
        self.max_bytes = min(limits.file_mib * MIB, int(FileSizeLimit.FILESIZE_DOWNLOAD))
        self._records = records
        self._updates = updates
        self._bot = bot
        self._limits = limits
        self._reports: dict[str, _Report] = {}
        """By key."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._postponed: set[str] = set()
        """Uploads that failed for another reason than an unreachable service, until the next start."""
        self._failures = FailureLog(
            "No document can be read, trying again until it can", "Documents can be read again."
        )

    def poll(self) -> None:
        """Take over the reports that are due since before a restart, or from a replica that ended."""
        try:
            for upload in self._records.pending():
                known = self._reports.get(_key(upload))
                is_known = upload.id in self._postponed or (known and upload.id in known.uploads)
                if not is_known and (known or self._records.acquire(_key(upload))):
                    self.start(upload)
        except StoreError as error:
            self._failures.note(error)

    def start(self, upload: Upload) -> None:
        """Read an upload and report on it."""
        self._postponed.discard(upload.id)
        self._report_of(upload).add(upload)

    def add_line(self, message: Message, html: str) -> None:
        """Report why a file of an album is not taken; after a kill, this is not told."""
        context, language = reply_context.get(), message.from_user.language_code if message.from_user else None
        update_id, album = context.update_id if context else 0, message.media_group_id or ""
        first = Upload("", "", "", message.chat.id, 0, language, message.message_id, update_id, album)
        report = self._report_of(first)
        report.lines[html] = None
        report.more.set()

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

    def refuse_page(self, address: str, fault: FetchFault, texts: Texts) -> str:
        """Word why a web page was not fetched."""
        megabytes = self._limits.file_mib * MIB // MEGABYTE
        return texts.page_faults[fault].format(name=format_file_name(address, texts), megabytes=megabytes)

    def explain_full(self, name: str, texts: Texts) -> str:
        """Word that there is no space for a file."""
        megabytes = texts.number(round(self.indexer.storage.max_bytes / MEGABYTE))
        return texts.uploads_full.format(name=format_file_name(name, texts), megabytes=megabytes)

    def _report_of(self, upload: Upload) -> _Report:
        """Find the report that is being written, or begin it."""
        key = _key(upload)
        if key not in self._reports:
            self._reports[key] = report = _Report(key, upload, upload.message_id)
            task = asyncio.create_task(self._run(report))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._reports[key]

    async def _run(self, report: _Report) -> None:
        """Retry until the database and the vector store answer; postpone after any other error."""
        first = report.first
        try:
            await self._write(report)
        except TelegramError as error:
            self._postponed.update(report.uploads)
            logger.warning("A report on a document could not be sent, after the next start it will be: %s", error)
        except Exception as error:  # noqa: BLE001 - without this, it would begin again at once, and for ever
            self._postponed.update(report.uploads)
            reason = error if isinstance(error, QuothError) else describe(error)
            logger.warning("A document could not be read, after the next start it will be: %s", reason)
            with suppress(TelegramError, QuothError):
                await self._show(report, in_language(first.language).failed, list(report.uploads.values()))
        finally:
            del self._reports[report.key]
            self._records.release(report.key)

    async def _write(self, report: _Report) -> None:
        while True:
            try:
                await self._lock(report)
                await self._read(report)
                await self._show(report, *self._content(report))
            except UnreachableError as error:
                report.unread |= report.uploads.keys() - report.outcomes.keys()
                self._failures.note(error)
                await asyncio.sleep(RETRY_S)
                continue
            self._failures.end()
            if not report.more.is_set():
                break
        for upload in report.uploads.values():
            outcome = report.outcomes[upload.id]
            is_kept = outcome.is_there or upload.is_undecided
            self._records.finish(upload, is_removed=not is_kept)

    async def _lock(self, report: _Report) -> None:
        """Wait until no other replica reports on the file or the album, and go on from what that has sent."""
        first = report.first
        while not self._records.acquire(report.key):  # noqa: ASYNC110 - nobody tells when the other ends
            await asyncio.sleep(LOCK_S)
        chat = {"id": first.chat_id, "type": "private" if first.chat_id > 0 else "supergroup"}
        sent_after = self._updates.sent_after(first.update_id)
        reply_context.set(ReplyContext(chat, first.source_id, first.update_id, report.key, sent_after))
        self._add_the_others(report)

    def _add_the_others(self, report: _Report) -> None:
        """Add what the message, or that of another replica about the same album, tells already."""
        first = report.first
        if first.album and not report.message_id:
            report.message_id = self._records.album_report(first.chat_id, first.album)
        if report.message_id:
            for upload in self._records.reported_in(first.chat_id, report.message_id):
                if upload.id not in report.uploads:
                    report.add(upload)
            for upload_id, upload in report.uploads.items():
                report.uploads[upload_id] = self._assign(upload, report.message_id)

    def _assign(self, upload: Upload, message_id: int) -> Upload:
        if upload.message_id != message_id:
            self._records.set_message(upload, message_id)
        return replace(upload, message_id=message_id)

    async def _read(self, report: _Report) -> None:
        """Read what is unread; while the files of an album come in, wait for more."""
        done = asyncio.Event()
        shown = asyncio.create_task(self._show_progress(report, done))
        is_new_album = bool(report.first.album) and not report.message_id
        try:
            while True:
                report.more.clear()
                unread = [report.uploads[upload_id] for upload_id in report.unread]
                if unread:
                    await self._read_some(report, unread)
                with suppress(TimeoutError):
                    await asyncio.wait_for(report.more.wait(), ALBUM_S if is_new_album else 0)
                if not report.more.is_set():
                    return
        finally:
            # An edit that is under way must not come after the last one.
            done.set()
            report.begun.set()
            await shown

    async def _read_some(self, report: _Report, uploads: list[Upload]) -> None:
        loop = asyncio.get_running_loop()

        def note(share: float) -> None:
            report.share = share
            loop.call_soon_threadsafe(report.begun.set)

        report.share = 0.0
        report.unread.clear()
        paths = [upload.path for upload in uploads if upload.is_document]
        outcomes = await self.indexer.read(uploads[0].collection, paths, note) if paths else {}
        for upload in uploads:
            if upload.id not in report.unread:  # as one that has changed meanwhile is read again
                report.outcomes[upload.id] = outcomes.get(upload.path, UploadOutcome())

    async def _show_progress(self, report: _Report, done: asyncio.Event) -> None:
        """Show what is being read, if that takes long, and then the share that is done, at growing intervals."""
        await report.begun.wait()
        for wait_s in PROGRESS_AFTER_S:
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), wait_s)
                return
            if report.outcomes.keys() < report.uploads.keys():
                try:
                    await self._show(report, *self._content(report))
                except (QuothError, TelegramError) as error:
                    logger.info("The progress of a document could not be shown: %s", type(error).__name__)

    def _content(self, report: _Report) -> tuple[str, list[Upload]]:
        """Word the report; the uploads returned get buttons."""
        uploads = sorted(report.uploads.values(), key=lambda upload: upload.source_id)
        lines = [self._line(upload, report) for upload in uploads]
        is_done = report.outcomes.keys() >= report.uploads.keys()
        undecided = [upload for upload in uploads if is_done and upload.is_undecided]
        there = [upload for upload in uploads if is_done and report.outcomes[upload.id].is_there]
        waiting = [upload for upload in undecided if upload.state == UploadState.WAITING]
        notes = [in_language(waiting[0].language).upload_undecided] if waiting else []
        return "\n".join([*lines, *report.lines, *notes]), [*there, *undecided]

    def _line(self, upload: Upload, report: _Report) -> str:
        texts, outcome = in_language(upload.language), report.outcomes.get(upload.id)
        name = format_file_name(upload.shown_name, texts)
        if not upload.is_document:
            texts_of_states = {UploadState.WAITING: texts.upload_taken, UploadState.ASKED: texts.page_question}
            return texts_of_states.get(UploadState(upload.state), texts.upload_dropped).format(name=name)
        if outcome is None:
            percent = round(100 * report.share)
            return (texts.upload_progress if percent else texts.upload_reading).format(name=name, percent=percent)
        if refusal := self._refusal_of(upload, outcome, texts):
            return f"{refusal}\n{texts.upload_old_version}" if outcome.passages else refusal
        if outcome.pages > 1:
            pages = texts.count(texts.pages_by_number, outcome.pages)
            return texts.pages_done.format(name=name, pages=pages, passages=texts.passages(outcome.passages))
        if outcome.passages:
            done = {UploadState.REPLACED: texts.upload_replaced, UploadState.RESTORED: texts.upload_restored}
            text = done.get(UploadState(upload.state), texts.upload_done)
            return text.format(name=name, passages=texts.passages(outcome.passages))
        return texts.upload_removed.format(name=name)

    def _refusal_of(self, upload: Upload, outcome: UploadOutcome, texts: Texts) -> str:
        """Word why a file or a page could not be read; empty if it could."""
        if outcome.fetch_fault:
            return self.refuse_page(upload.path, outcome.fetch_fault, texts)
        if outcome.fault is DocumentFault.EMPTY and is_page(upload.path):
            return texts.page_empty.format(name=format_file_name(upload.path, texts))
        return self.refusal(upload.path, outcome.fault, texts) if outcome.fault else ""

    async def _show(self, report: _Report, text: str, uploads: list[Upload]) -> None:
        """Send the report, or edit it; each of the uploads gets buttons to undo it, or to decide about it."""
        markup, first = _buttons(uploads, is_album=len(report.uploads) > 1), report.first
        if report.shown == (text, markup):
            return
        try:
            if report.message_id:
                await self._bot.edit_message_text(
                    text, first.chat_id, report.message_id, parse_mode="HTML", reply_markup=markup,
                    rate_limit_args=REPORT,
                )  # fmt: skip
            else:
                is_group = first.chat_id < 0
                source = ReplyParameters(first.source_id, allow_sending_without_reply=True) if is_group else None
                message = await self._bot.send_message(
                    first.chat_id, text, parse_mode="HTML", reply_markup=markup, reply_parameters=source,
                    rate_limit_args=REPORT,
                )  # fmt: skip
                report.message_id = message.message_id
        except (BadRequest, Forbidden) as error:
            # Its text is the same already, or it was deleted, or the bot was removed meanwhile.
            logger.info("A report on a document could not be shown: %s", error)
        for upload_id, upload in report.uploads.items():
            report.uploads[upload_id] = self._assign(upload, report.message_id)
        report.shown = text, markup


def _key(upload: Upload) -> str:
    return f"album {upload.chat_id} {upload.album}" if upload.album else f"upload {upload.id}"


def _buttons(uploads: list[Upload], *, is_album: bool) -> InlineKeyboardMarkup | None:
    rows = []
    for upload in uploads:
        name = upload.shown_name
        name = name if len(name) <= MAX_FILE_NAME else f"…{name[-MAX_FILE_NAME:]}"
        labels = [(prefix, f"{label}: {name}" if is_album else label) for prefix, label in _choices(upload)]
        row = [InlineKeyboardButton(label, callback_data=f"{prefix}{upload.id}") for prefix, label in labels]
        # Long labels would be cut beside each other.
        rows += [[button] for button in row] if is_album or upload.state == UploadState.ASKED else [row]
    return keyboard(rows)


def _choices(upload: Upload) -> list[tuple[str, str]]:
    """List the prefixes and labels of an upload's buttons."""
    texts = in_language(upload.language)
    if upload.state == UploadState.WAITING:
        return [(REPLACE, texts.replace_button), (KEEP_BOTH, texts.keep_both_button)]
    if upload.state == UploadState.ASKED:
        below = texts.page_below_button.format(count=texts.number(DEFAULT_MAX_PAGES))
        return [(ADD_PAGE, texts.page_button), (ADD_BELOW, below), (DECLINE, texts.page_no_button)]
    if upload.state == UploadState.RESTORED:
        return []
    return [(RESTORE if upload.state == UploadState.REPLACED else DELETE, texts.undo)]
