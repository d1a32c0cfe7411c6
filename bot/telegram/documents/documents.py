"""Handlers for /documents, where what was sent can be deleted again, and for the buttons below."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ChatType

from bot.services.visibility import COMMON, View
from bot.telegram.documents.uploads import DELETE
from bot.telegram.messaging.callback_queries import acknowledge, change, pressed_message
from bot.telegram.messaging.language import texts_for
from bot.telegram.render.answer import name_of_file, render_documents
from bot.telegram.state.uploads import Upload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import CallbackQuery, Message

    from bot.telegram.access.access import Access
    from bot.telegram.access.upload_permission import Uploaders
    from bot.telegram.documents.indexer import UploadIndexer
    from bot.telegram.documents.uploads import Uploads
    from bot.telegram.messaging.callback_queries import Shown
    from bot.telegram.state.uploads import UploadRepository
    from bot.texts import Texts

PAGE, CHOOSE = "documents:", "choose:"
"""In front of a page's number, from 0, and of an upload's id."""
BUTTONS = f"^({PAGE}|{CHOOSE}|{DELETE})"
MAX_ON_A_PAGE = 8
MAX_NAME = 40
"""Characters on a button."""


class _Entry(NamedTuple):
    title: str
    path: str
    is_sent: bool
    """Whether it was sent to the bot; the files of the owner's folder are not the bot's to delete."""


class Documents:
    """Lists documents, and deletes those that were sent."""

    def __init__(
        self,
        indexer: UploadIndexer,
        uploads: Uploads,
        uploaders: Uploaders,
        access: Access,
        records: UploadRepository,
    ) -> None:
        self._indexer = indexer
        self._uploads = uploads
        self._uploaders = uploaders
        self._access = access
        self._records = records

    async def list(self, message: Message) -> None:
        """/documents."""
        say = texts_for(message.from_user)
        if not await self._uploaders.includes_author_of(message):
            await message.reply_text(_refusal(message, say))
            return
        text, buttons = await self._page(message.chat.id, 0, say)
        await message.reply_html(text, reply_markup=buttons)

    async def pressed(self, query: CallbackQuery) -> None:
        """One of the buttons below the list, or below the report on a document."""
        data, say = query.data or "", texts_for(query.from_user)
        message = await pressed_message(query, say)
        if message is None:
            return
        if not await self._uploaders.include(query.from_user, message.chat):
            await acknowledge(query, _refusal(message, say))
            return
        if data.startswith(PAGE):
            await acknowledge(query)
            await change(message, *await self._page(message.chat.id, int(data.removeprefix(PAGE)), say))
            return
        upload = self._records.get(data.partition(":")[2])
        if upload is None or upload.collection != self._access.collections_for(message.chat.id).own:
            await acknowledge(query, say.button_is_old)
            return
        await acknowledge(query)
        if data.startswith(CHOOSE):
            await change(message, *_confirmation(upload, say))
        else:
            await self._uploads.remove(upload, message, query.from_user.language_code)

    async def _page(self, chat_id: int, number: int, say: Texts) -> Shown:
        entries = await self._entries(chat_id)
        if not entries:
            return say.no_documents, None
        number = min(number, (len(entries) - 1) // MAX_ON_A_PAGE)
        first = number * MAX_ON_A_PAGE
        page = entries[first : first + MAX_ON_A_PAGE]
        rows = [[self._delete_button(chat_id, entry.path)] for entry in page if entry.is_sent]
        turns = [("◀", number - 1)] if number else []
        turns += [("▶", number + 1)] if first + MAX_ON_A_PAGE < len(entries) else []
        rows.append([InlineKeyboardButton(sign, callback_data=f"{PAGE}{to}") for sign, to in turns])
        text = render_documents([(each.title, each.path) for each in page], say, first=first + 1, count=len(entries))
        markup = InlineKeyboardMarkup([row for row in rows if row])
        return text, markup if markup.inline_keyboard else None

    async def _entries(self, chat_id: int) -> Sequence[_Entry]:
        """What was sent here, also if it could not be read; to owners, then what else everybody can ask."""
        own = self._access.collections_for(chat_id).own
        documents = await self._indexer.documents()
        titles = {each.path: each.title for each in documents if each.collection == own}
        sent = [_Entry(titles.get(path, ""), path, is_sent=True) for path in await self._indexer.paths(own)]
        common = View(COMMON, is_owners=False)
        others = [
            _Entry(each.title, each.path, is_sent=False)
            for each in documents
            if own == COMMON != each.collection and each.collection in common
        ]
        return sent + others

    def _delete_button(self, chat_id: int, path: str) -> InlineKeyboardButton:
        own = self._access.collections_for(chat_id).own
        upload = self._records.at(own, path)
        if upload is None:
            # Somebody put it there by hand, or the file with what the bot remembers was lost.
            upload = self._records.expect(Upload(secrets.token_urlsafe(12), own, path, chat_id, 0, None))
            self._records.finish(upload)
        return InlineKeyboardButton(f"🗑 {_short(path)}", callback_data=f"{CHOOSE}{upload.id}")


def _confirmation(upload: Upload, say: Texts) -> Shown:
    buttons = [
        InlineKeyboardButton(say.delete_yes, callback_data=f"{DELETE}{upload.id}"),
        InlineKeyboardButton(say.delete_no, callback_data=f"{PAGE}0"),
    ]
    question = say.delete_question.format(name=name_of_file(upload.path, say))
    return question, InlineKeyboardMarkup([buttons])


def _refusal(message: Message, say: Texts) -> str:
    return say.owners_only if message.chat.type == ChatType.PRIVATE else say.no_uploads_here


def _short(path: str) -> str:
    return path if len(path) <= MAX_NAME else f"…{path[-MAX_NAME:]}"
