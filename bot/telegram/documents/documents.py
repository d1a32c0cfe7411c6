"""Handlers of /documents, which lists documents and deletes those that were sent, and of the buttons below."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.constants import ChatType

from bot.services.visibility import COMMON
from bot.telegram.access.access import Access
from bot.telegram.access.upload_permission import UploadPermission
from bot.telegram.documents.indexer import UploadIndexer
from bot.telegram.documents.pages import DECISIONS, Pages
from bot.telegram.documents.reporter import DELETE
from bot.telegram.documents.uploads import Uploads
from bot.telegram.documents.versions import CHOICES, Versions
from bot.telegram.messaging.callback_queries import Shown, acknowledge, edit, keyboard, message_of
from bot.telegram.messaging.context import texts_for
from bot.telegram.render.answer import format_file_name, render_documents
from bot.telegram.state.uploads import Upload, UploadRepository
from bot.texts import Texts
from retrieval import is_page, pages_of

PAGE, CHOOSE, REFRESH = "documents:", "choose:", "refresh:"
"""The prefixes of a page's number, from 0, and of an upload's id."""
DOCUMENT_BUTTONS = f"^({'|'.join((PAGE, CHOOSE, REFRESH, DELETE, *CHOICES, *DECISIONS))})"
MAX_ON_A_PAGE = 8
MAX_FILE_NAME = 40
"""Characters on a button."""


class _Entry(NamedTuple):
    title: str
    path: str
    is_sent: bool
    """Whether it was sent to the bot, which may delete it; the files of the owner's folder stay."""


@dataclass(frozen=True)
class Documents:
    """Lists documents, and deletes those that were sent."""

    indexer: UploadIndexer
    uploads: Uploads
    versions: Versions
    pages: Pages
    permission: UploadPermission
    access: Access
    records: UploadRepository

    async def list(self, message: Message) -> None:
        """Handle /documents."""
        texts = texts_for(message.from_user)
        if not await self.permission.includes_author_of(message):
            await message.reply_text(_refusal(message, texts))
            return
        text, buttons = await self._page(message.chat.id, 0, texts)
        await message.reply_html(text, reply_markup=buttons)

    async def press(self, query: CallbackQuery) -> None:
        """Handle a button below the list, or below the report on a document."""
        texts, user = texts_for(query.from_user), query.from_user
        message = await message_of(query, texts)
        if message is None:
            return
        prefix, _, argument = (query.data or "").partition(":")
        upload = self.records.get(argument)
        if not await self.permission.includes(user, message.chat):
            await acknowledge(query, _refusal(message, texts))
        elif f"{prefix}:" == PAGE:
            await acknowledge(query)
            await edit(message, *await self._page(message.chat.id, int(argument), texts))
        elif upload is None or upload.collection != self.access.collections_for(message.chat.id).own:
            await acknowledge(query, texts.button_is_old)
        elif f"{prefix}:" in DECISIONS:
            await self.pages.choose(f"{prefix}:", upload, query, message)
        elif f"{prefix}:" in CHOICES:
            await self.versions.choose(f"{prefix}:", upload, query, message)
        else:
            await acknowledge(query)
            if f"{prefix}:" == CHOOSE:
                await edit(message, *_confirmation(upload, texts))
            elif f"{prefix}:" == REFRESH:
                self.uploads.refresh(upload, message, user.language_code)
            else:
                await self.uploads.remove(upload, message, user.language_code)

    async def _page(self, chat_id: int, number: int, texts: Texts) -> Shown:
        own = self.access.collections_for(chat_id).own
        entries = await self._entries(own, texts)
        if not entries:
            return texts.no_documents, None
        number = min(number, (len(entries) - 1) // MAX_ON_A_PAGE)
        first = number * MAX_ON_A_PAGE
        page = entries[first : first + MAX_ON_A_PAGE]
        rows = [self._buttons(own, chat_id, entry.path) for entry in page if entry.is_sent]
        turns = [("◀", number - 1)] if number else []
        turns += [("▶", number + 1)] if first + MAX_ON_A_PAGE < len(entries) else []
        rows.append([InlineKeyboardButton(sign, callback_data=f"{PAGE}{to}") for sign, to in turns])
        titles = [(entry.title, entry.path) for entry in page]
        text = render_documents(titles, texts, first=first + 1, count=len(entries))
        return text, keyboard(rows)

    async def _entries(self, own: str, texts: Texts) -> Sequence[_Entry]:
        """List the uploads of a collection, also unreadable ones; for the common one, add the other common ones.

        Web pages below another stand with it, as a number.
        """
        documents = await self.indexer.run(self.indexer.index.documents)
        paths = await self.indexer.run(self.indexer.storage.paths, own)
        titles = {document.path: document.title for document in documents if document.collection == own}
        sources = Counter(page.source for page in await self.indexer.run(pages_of, self.indexer.index, own))
        sent = [_Entry(titles.get(path, ""), path, is_sent=True) for path in paths]
        for address, count in sources.items():
            number = texts.count(texts.pages_by_number, count) if count > 1 else ""
            title = " · ".join(filter(None, [titles.get(address, ""), number]))
            sent.append(_Entry(title, address, is_sent=True))
        if own != COMMON:
            return sent
        common = self.access.public_collections()
        others = [document for document in documents if document.collection in common and document.collection != own]
        return sent + [_Entry(document.title, document.path, is_sent=False) for document in others]

    def _buttons(self, own: str, chat_id: int, path: str) -> Sequence[InlineKeyboardButton]:
        upload = self.records.at(own, path)
        if upload is None:
            # The file was put there by hand, or the bot's database was lost.
            upload = self.records.expect(Upload(secrets.token_urlsafe(12), own, path, chat_id, 0, None))
            self.records.finish(upload)
        name = path if len(path) <= MAX_FILE_NAME else f"…{path[-MAX_FILE_NAME:]}"
        buttons = [InlineKeyboardButton(f"🗑 {name}", callback_data=f"{CHOOSE}{upload.id}")]
        if is_page(path):
            buttons.append(InlineKeyboardButton("🔄", callback_data=f"{REFRESH}{upload.id}"))
        return buttons


def _confirmation(upload: Upload, texts: Texts) -> Shown:
    buttons = [
        InlineKeyboardButton(texts.delete_yes, callback_data=f"{DELETE}{upload.id}"),
        InlineKeyboardButton(texts.delete_no, callback_data=f"{PAGE}0"),
    ]
    question = texts.delete_question.format(name=format_file_name(upload.path, texts))
    return question, InlineKeyboardMarkup.from_row(buttons)


def _refusal(message: Message, texts: Texts) -> str:
    return texts.owners_only if message.chat.type == ChatType.PRIVATE else texts.no_uploads_here
