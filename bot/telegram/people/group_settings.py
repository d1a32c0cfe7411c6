"""Handlers of /settings: one message that shows a group's settings, and changes when its buttons are pressed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from telegram import CallbackQuery, Chat, InlineKeyboardButton, InlineKeyboardMarkup, Message, User
from telegram.constants import ChatType

from bot.telegram.access.access import Access
from bot.telegram.access.administrators import Administrators
from bot.telegram.messaging.callback_queries import acknowledge, tolerate_no_change
from bot.telegram.messaging.context import group_settings, texts_for
from bot.telegram.state.chats import ChatRepository, ChatSettings
from bot.texts import LANGUAGES, Texts

SETTINGS = "settings:"
"""The prefix of a button's data, which is a value, not a change: a second press does no harm."""
SWITCHES = {"mentions": "mentions", "sure": "only_sure", "common": "common"}
"""The name of a setting in a button → in `ChatSettings`."""
LANGUAGES_IN_A_ROW = 4
"""More buttons in a row would get narrower."""


@dataclass(frozen=True)
class GroupSettings:
    """Shows and changes the settings of a group, for its administrators and for owners of the bot."""

    access: Access
    administrators: Administrators
    chats: ChatRepository

    async def show(self, message: Message) -> None:
        """Handle /settings."""
        texts = texts_for(message.from_user)
        if message.chat.type == ChatType.PRIVATE:
            await message.reply_text(texts.settings_in_groups)
        elif self.access.is_owner(message.from_user) or await self.administrators.wrote(message):
            settings = group_settings.get()
            await message.reply_text(_describe(settings, message, texts), reply_markup=_keyboard(settings, texts))
        else:
            await message.reply_text(texts.administrators_only)

    async def press(self, query: CallbackQuery) -> None:
        """Handle a button below the settings."""
        message, texts = query.message, texts_for(query.from_user)
        changed = _changed(group_settings.get(), (query.data or "").removeprefix(SETTINGS))
        if changed is None or not isinstance(message, Message) or message.chat.type == ChatType.PRIVATE:
            await acknowledge(query, texts.button_is_old, show_alert=True)
        elif not await self._may_change(query.from_user, message.chat):
            await acknowledge(query, texts.administrators_only, show_alert=True)
        else:
            await acknowledge(query)
            self.chats.set_settings(message.chat.id, changed)
            group_settings.set(changed)
            texts = texts_for(query.from_user)  # perhaps in the language that was chosen
            with tolerate_no_change():
                await message.edit_text(_describe(changed, message, texts), reply_markup=_keyboard(changed, texts))

    async def _may_change(self, user: User, chat: Chat) -> bool:
        return self.access.is_owner(user) or await self.administrators.include(user, chat)


def _changed(settings: ChatSettings, data: str) -> ChatSettings | None:
    """Apply a button to the settings; None if there is no such button, as modified apps can send any data."""
    name, _, value = data.partition(":")
    if name in SWITCHES and value in {"0", "1"}:
        change: dict[str, Any] = {SWITCHES[name]: value == "1"}
        return replace(settings, **change)
    if name == "language" and value in {"", *LANGUAGES}:
        return replace(settings, language=value or None)
    return None


def _describe(settings: ChatSettings, message: Message, texts: Texts) -> str:
    """Introduce the settings, and say where Telegram may keep mentions from the bot."""
    may_miss = settings.mentions and not message.get_bot().bot.can_read_all_group_messages
    return f"{texts.settings}\n\n{texts.settings_privacy}" if may_miss else texts.settings


def _keyboard(settings: ChatSettings, texts: Texts) -> InlineKeyboardMarkup:
    def switch(label: str, name: str, *, is_on: bool) -> list[InlineKeyboardButton]:
        mark = "☑" if is_on else "☐"
        return [InlineKeyboardButton(f"{mark} {label}", callback_data=f"{SETTINGS}{name}:{int(not is_on)}")]

    def language(label: str, code: str) -> InlineKeyboardButton:
        mark = "● " if code == (settings.language or "") else ""
        return InlineKeyboardButton(mark + label, callback_data=f"{SETTINGS}language:{code}")

    languages = [language(known.own_name, known.language) for known in LANGUAGES.values()]
    return InlineKeyboardMarkup(
        [
            switch(texts.settings_mentions, "mentions", is_on=settings.mentions),
            switch(texts.settings_sure, "sure", is_on=settings.only_sure),
            switch(texts.settings_common, "common", is_on=settings.common),
            [language(texts.settings_each_language, "")],
            *(languages[start : start + LANGUAGES_IN_A_ROW] for start in range(0, len(languages), LANGUAGES_IN_A_ROW)),
        ]
    )
