"""Handlers of /collections: who sees which named collection."""

from __future__ import annotations

import html
from dataclasses import dataclass

from telegram import CallbackQuery, InlineKeyboardButton, Message
from telegram.constants import ChatType

from bot.services.background import BackgroundThread
from bot.services.visibility import EVERYBODY, is_named_collection
from bot.telegram.access.access import Access
from bot.telegram.messaging.callback_queries import Shown, acknowledge, edit, keyboard, message_of
from bot.telegram.messaging.context import texts_for
from bot.telegram.state.chats import ChatRepository
from bot.texts import Texts
from retrieval import Index

SHOWN = "shown:"
"""The prefix of a button's data: a collection's number, and whether to show it, so that a second press does no harm."""
MAX_BUTTONS = 50
MAX_NAME = 40
"""Characters on a button."""


@dataclass(frozen=True)
class Collections:
    """Shows named collections to a group or to everybody, and hides them. A new one is the owners' alone."""

    index: Index
    background: BackgroundThread
    access: Access
    chats: ChatRepository

    async def show(self, message: Message) -> None:
        """Handle /collections: in a group it is about that group, in private about everybody."""
        texts = texts_for(message.from_user)
        if not self.access.is_owner(message.from_user):
            await message.reply_text(texts.owners_only)
            return
        text, buttons = await self._render(message, texts)
        await message.reply_html(text, reply_markup=buttons)

    async def press(self, query: CallbackQuery) -> None:
        """Handle a button below the list."""
        texts = texts_for(query.from_user)
        message = await message_of(query, texts)
        if message is None:
            return
        if not self.access.is_owner(query.from_user):
            await acknowledge(query, texts.owners_only, show_alert=True)
            return
        await acknowledge(query)
        number, _, is_shown = (query.data or "").removeprefix(SHOWN).partition(":")
        for known, name in await self._named():
            if known == int(number):
                self.chats.show_collection(name, self._audience(message), is_shown=is_shown == "1")
        await edit(message, *await self._render(message, texts))

    async def _named(self) -> list[tuple[int, str]]:
        collections = await self.background.run(self.index.collections)
        return [(known.id, known.name) for known in collections if is_named_collection(known.name)][:MAX_BUTTONS]

    def _audience(self, message: Message) -> int:
        return EVERYBODY if message.chat.type == ChatType.PRIVATE else self.chats.moved_to(message.chat.id)

    async def _render(self, message: Message, texts: Texts) -> Shown:
        named, audience = await self._named(), self._audience(message)
        if not named:
            return html.escape(texts.collections_none, quote=False), None
        shown = self.chats.shown_collections(audience)
        rows = [[_switch(number, name, is_shown=name in shown)] for number, name in named]
        return texts.collections_for_all if audience == EVERYBODY else texts.collections_for_group, keyboard(rows)


def _switch(number: int, name: str, *, is_shown: bool) -> InlineKeyboardButton:
    label = name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}…"
    return InlineKeyboardButton(
        f"{'☑' if is_shown else '☐'} {label}", callback_data=f"{SHOWN}{number}:{int(not is_shown)}"
    )
