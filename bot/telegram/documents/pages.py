"""Handlers of web pages: who may add documents sends a link, and presses a button to make the page one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from telegram import CallbackQuery, Message

from bot.telegram.access.access import Access
from bot.telegram.access.upload_permission import UploadPermission
from bot.telegram.documents.reporter import ADD_BELOW, ADD_PAGE, DECLINE, UploadReporter
from bot.telegram.documents.uploads import upload_of
from bot.telegram.messaging.callback_queries import acknowledge, edit
from bot.telegram.messaging.context import texts_for
from bot.telegram.messaging.mentions import command_of, replied_message, text_without_command
from bot.telegram.messaging.replies import Replies
from bot.telegram.render.answer import format_file_name
from bot.telegram.state.uploads import Upload, UploadRepository, UploadState
from retrieval import DEFAULT_MAX_PAGES, FetchError, normalize_address

DECISIONS = ADD_PAGE, ADD_BELOW, DECLINE
"""The prefixes of an upload's id in a button."""
_LINK = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Pages:
    """Asks whether a page is to become a document, and adds it."""

    reporter: UploadReporter
    permission: UploadPermission
    access: Access
    records: UploadRepository
    replies: Replies

    async def offer(self, message: Message) -> bool:
        """Ask whether to add the page of a link, from somebody who may add documents; false if it is anything else."""
        link = _link_in(message)
        if link is None or not await self.permission.includes_author_of(message):
            return False
        try:
            address = normalize_address(link)
        except FetchError as error:
            refusal = self.reporter.refuse_page(link, error.fault, texts_for(message.from_user))
            await self.replies.reply(message, refusal)
            return True
        asked = self.records.sent_in(message.chat.id, message.message_id)
        if asked is None:  # else a bot that was killed has stored it already
            upload = upload_of(message, self.access.collections_for(message.chat.id).own)
            upload = replace(upload, path=f".{upload.id}.link", name=address, state=UploadState.ASKED)
            asked = self.records.expect(upload)
        self.reporter.start(asked)
        return True

    async def choose(self, choice: str, upload: Upload, query: CallbackQuery, message: Message) -> None:
        """Handle a button below the question."""
        texts = texts_for(query.from_user)
        if upload.state != UploadState.ASKED:
            await acknowledge(query, texts.button_is_old)
            return
        await acknowledge(query)
        address = upload.name
        if choice == DECLINE:
            self.records.finish(upload, is_removed=True)
            await edit(message, texts.page_declined.format(name=format_file_name(address, texts)), None)
            return
        # In the other order, a kill in between would lose the page.
        max_below = DEFAULT_MAX_PAGES if choice == ADD_BELOW else None
        await self.reporter.indexer.add_page(upload.collection, address, max_below)
        language, state = query.from_user.language_code, UploadState.DOCUMENT
        upload = replace(upload, path=address, name="", state=state, message_id=message.message_id, language=language)
        self.records.place(upload)
        self.reporter.start(upload)


def _link_in(message: Message) -> str | None:
    """Get the link that is all that a message says, or all that the message says to which it replies /add."""
    text, replied = text_without_command(message, message.get_bot()), replied_message(message)
    if not text and replied and command_of(message, message.get_bot()) == "add":
        text = (replied.text or "").strip()
    link = _LINK.fullmatch(text)
    if link is None:
        return None
    return text if "://" in link[1] else f"https://{text}"
