"""Handlers of files that people send: they store a file, and report in one message what became of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from telegram import Document, Message, PhotoSize
from telegram.constants import ChatType

from bot.telegram.access.access import Access
from bot.telegram.access.upload_permission import UploadPermission
from bot.telegram.documents.reporter import UploadReporter
from bot.telegram.documents.storage import UploadsFullError, safe_name
from bot.telegram.messaging.context import texts_for
from bot.telegram.messaging.mentions import command_of, replied_message, text_without_command
from bot.telegram.messaging.replies import Replies
from bot.telegram.render.answer import format_file_name
from bot.telegram.state.chats import ChatRepository
from bot.telegram.state.uploads import Upload, UploadRepository, UploadState
from bot.telegram.transport.sender import reply_context
from retrieval import DocumentFault, is_page, reads

MAX_TITLE = 200
"""Characters."""
_QUESTION_MARKS = ("?", "？", "؟")
"""A caption of a picture that ends so is asked, not kept as a title."""


@dataclass(frozen=True)
class Uploads:
    """Takes files from those who may add documents."""

    reporter: UploadReporter
    permission: UploadPermission
    access: Access
    records: UploadRepository
    chats: ChatRepository
    replies: Replies

    async def receive(self, message: Message) -> None:
        """Take a file or a photo, whose caption is its title."""
        if file := _file_of(message):
            await self._take(message, file, text_without_command(message, message.get_bot()))

    async def takes_picture(self, message: Message) -> bool:
        """Tell whether a picture is a document: of somebody who may add one, unless a question stands below it."""
        text, command = text_without_command(message, message.get_bot()), command_of(message, message.get_bot())
        if not message.photo or command == "ask" or text.endswith(_QUESTION_MARKS):
            return False
        return command == "add" or await self.permission.includes_author_of(message)

    async def add(self, message: Message) -> None:
        """Handle /add, in reply to a file, perhaps with a title."""
        replied = replied_message(message)
        file = _file_of(replied) if replied else None
        if replied is None or file is None:
            await message.reply_text(texts_for(message.from_user).add_needs_a_file)
            return
        title = text_without_command(message, message.get_bot()) or replied.caption or ""
        await self._take(message, file, title)

    async def retitle(self, message: Message) -> None:
        """Handle an edited caption, or an edited /add: its text is the title from now on."""
        upload = self.records.sent_in(message.chat.id, message.message_id)
        title = _title(text_without_command(message, message.get_bot()))
        is_file = upload and upload.state != UploadState.ASKED and not is_page(upload.path)
        if upload and is_file and title and await self.permission.includes_author_of(message):
            # In the other order, a kill in between would keep it from being read.
            upload = self.records.expect(upload)
            indexer = self.reporter.indexer
            await indexer.run(indexer.index.set_title, upload.collection, upload.path, title)
            self.reporter.start(upload)

    async def open(self, message: Message) -> None:
        """Handle /uploads on and /uploads off, from an owner in a group."""
        texts, mode = texts_for(message.from_user), text_without_command(message, message.get_bot()).lower()
        if not self.access.is_owner(message.from_user):
            await message.reply_text(texts.owners_only)
        elif message.chat.type == ChatType.PRIVATE or mode not in {"on", "off"}:
            await message.reply_text(texts.uploads_usage)
        else:
            self.chats.open_to_uploads(message.chat.id, is_open=mode == "on")
            await message.reply_text(texts.uploads_on if mode == "on" else texts.uploads_off)

    async def remove(self, upload: Upload, message: Message, language: str | None) -> None:
        """Delete a document, and report in this message when it is gone."""
        upload = _reported_in(upload, message, language)
        # In the other order, a kill in between would keep it from being reported.
        upload = self.records.expect(upload)
        indexer = self.reporter.indexer
        if is_page(upload.path):
            await indexer.remove_page(upload.collection, upload.path)
        else:
            await indexer.run(indexer.storage.remove, upload.collection, upload.path)
            await indexer.run(indexer.storage.discard, upload.collection, upload.id)
        self.reporter.start(upload)

    def refresh(self, upload: Upload, message: Message, language: str | None) -> None:
        """Fetch a web page again, and report on it in this message."""
        self.reporter.start(self.records.expect(_reported_in(upload, message, language)))

    async def _take(self, message: Message, file: Document | PhotoSize, title: str) -> None:
        texts, name = texts_for(message.from_user), safe_name(_name_of(message, file))
        if not await self.permission.includes_author_of(message):
            in_private = message.chat.type == ChatType.PRIVATE
            await message.reply_text(texts.only_text if in_private else texts.no_uploads_here)
        elif not reads(name):
            await self._tell(message, self.reporter.refusal(name, DocumentFault.UNKNOWN_KIND, texts))
        elif (file.file_size or 0) > self.reporter.max_bytes:
            await self._tell(message, self.reporter.refusal(name, DocumentFault.TOO_LARGE, texts))
        else:
            await self._store(message, file, name, _title(title))

    async def _store(self, message: Message, file: Document | PhotoSize, name: str, title: str) -> None:
        """Fetch and store a file; from then on it is read and reported on, also after a restart."""
        texts, chat_id = texts_for(message.from_user), message.chat.id
        asked = self.records.sent_in(chat_id, message.message_id)
        if asked and asked.state == UploadState.WAITING:  # a bot that was killed has stored it already
            self.reporter.start(asked)
            return
        data = bytes(await (await file.get_file()).download_as_bytearray())
        if len(data) > self.reporter.max_bytes:
            await self._tell(message, self.reporter.refusal(name, DocumentFault.TOO_LARGE, texts))
            return
        collection, indexer = self.access.collections_for(chat_id).own, self.reporter.indexer
        try:
            saved = await indexer.run(indexer.storage.save, collection, name, data, title)
            if saved is None:
                await self._ask(message, collection, name, data, title)
                return
        except UploadsFullError:
            await self._tell(message, self.reporter.explain_full(name, texts))
            return
        known = self.records.at(collection, saved.path)
        # A bot that was killed has stored it already, and perhaps reported on it.
        is_repeated = known is not None and (known.chat_id, known.source_id) == (chat_id, message.message_id)
        if not saved.is_new and known and not is_repeated:
            await self._tell(message, texts.upload_known.format(name=format_file_name(saved.path, texts)))
            return
        report = known.message_id if known and is_repeated else 0
        upload = replace(upload_of(message, collection), path=saved.path, message_id=report)
        self.reporter.start(self.records.expect(upload))

    async def _ask(self, message: Message, collection: str, name: str, data: bytes, title: str) -> None:
        """Keep a file whose name another one has, and ask what is to become of the two."""
        upload, indexer = upload_of(message, collection), self.reporter.indexer
        path = await indexer.run(indexer.storage.hold, collection, upload.id, data, title)
        upload = replace(upload, path=path, name=name, state=UploadState.WAITING)
        self.reporter.start(self.records.expect(upload))

    async def _tell(self, message: Message, html: str) -> None:
        """Tell why a file is not taken; for those of an album, in one message."""
        if message.media_group_id:
            self.reporter.add_line(message, html)
        else:
            await self.replies.reply(message, html)


def _file_of(message: Message) -> Document | PhotoSize | None:
    """Get the file of a message, or the largest size of its photo."""
    return message.document or (message.photo[-1] if message.photo else None)


def _name_of(message: Message, file: Document | PhotoSize) -> str:
    """Get the name of a file; a photo has none, so it gets the time when it was sent, and the number of its message."""
    if isinstance(file, PhotoSize):
        return f"photo {message.date:%Y-%m-%d %H.%M.%S} {message.message_id}.jpg"
    return file.file_name or ""


def upload_of(message: Message, collection: str) -> Upload:
    """Make the upload of a message, without a path."""
    language = message.from_user.language_code if message.from_user else None
    context, album = reply_context.get(), message.media_group_id or ""
    source = message.message_id, context.update_id if context else 0
    return Upload(secrets.token_urlsafe(12), collection, "", message.chat.id, 0, language, *source, album)


def _reported_in(upload: Upload, message: Message, language: str | None) -> Upload:
    """Have an upload reported on in this message of the bot."""
    album = upload.album if upload.message_id == message.message_id else ""
    chat_id, message_id = message.chat.id, message.message_id
    return replace(upload, chat_id=chat_id, message_id=message_id, language=language, album=album)


def _title(words: str) -> str:
    return " ".join(words.split())[:MAX_TITLE]
