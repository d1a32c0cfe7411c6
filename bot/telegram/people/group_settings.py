"""Handlers for /settings: what the bot does in a group, in one message that changes when its buttons are pressed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.constants import ChatType

from bot.telegram.messaging.callback_queries import acknowledge, tolerate_no_change
from bot.telegram.messaging.context import settings_here
from bot.telegram.messaging.language import texts_for
from bot.texts import LANGUAGES

if TYPE_CHECKING:
    from telegram import CallbackQuery, Chat, User

    from bot.telegram.access.access import Access
    from bot.telegram.access.administrators import Administrators
    from bot.telegram.state.chats import ChatRepository, ChatSettings
    from bot.texts import Texts

SETTINGS = "settings:"
"""In front of what a button sets: a value, not a change, so that a press that comes twice does no harm."""
IN_A_ROW = 4
"""Languages; Telegram makes buttons narrower, not longer."""


class GroupSettings:
    """Shows and changes what is settled for a group; only its administrators and owners of the bot may."""

    def __init__(self, access: Access, administrators: Administrators, chats: ChatRepository) -> None:
        self._access = access
        self._administrators = administrators
        self._chats = chats

    async def show(self, message: Message) -> None:
        """/settings."""
        say = texts_for(message.from_user)
        if message.chat.type == ChatType.PRIVATE:
            await message.reply_text(say.settings_in_groups)
            return
        if self._access.is_owner(message.from_user) or await self._administrators.wrote(message):
            await message.reply_text(say.settings, reply_markup=_keyboard(settings_here.get(), say))
        else:
            await message.reply_text(say.administrators_only)

    async def press(self, query: CallbackQuery) -> None:
        """A button below the settings."""
        message, say = query.message, texts_for(query.from_user)
        changed = _changed(settings_here.get(), (query.data or "").removeprefix(SETTINGS))
        if changed is None or not isinstance(message, Message) or message.chat.type == ChatType.PRIVATE:
            await acknowledge(query, say.button_is_old, show_alert=True)
        elif not await self._may_change(query.from_user, message.chat):
            await acknowledge(query, say.administrators_only, show_alert=True)
        else:
            await acknowledge(query)
            self._chats.set_settings(message.chat.id, changed)
            settings_here.set(changed)
            await _show_again(message, changed, texts_for(query.from_user))

    async def _may_change(self, user: User, chat: Chat) -> bool:
        return self._access.is_owner(user) or await self._administrators.include(user, chat)


def _changed(settings: ChatSettings, data: str) -> ChatSettings | None:
    """The settings with what a button sets; None if there is no such button, as apps can send any data."""
    match data.split(":"):
        case ["mentions", ("0" | "1") as value]:
            return replace(settings, mentions=value == "1")
        case ["sure", ("0" | "1") as value]:
            return replace(settings, only_sure=value == "1")
        case ["common", ("0" | "1") as value]:
            return replace(settings, common=value == "1")
        case ["language", code] if code in {"", *LANGUAGES}:
            return replace(settings, language=code or None)
    return None


def _keyboard(settings: ChatSettings, say: Texts) -> InlineKeyboardMarkup:
    languages = [_language(each.own_name, each.language, settings) for each in LANGUAGES.values()]
    return InlineKeyboardMarkup(
        [
            [_switch(say.settings_mentions, "mentions", is_on=settings.mentions)],
            [_switch(say.settings_sure, "sure", is_on=settings.only_sure)],
            [_switch(say.settings_common, "common", is_on=settings.common)],
            [_language(say.settings_each_language, "", settings)],
            *(languages[start : start + IN_A_ROW] for start in range(0, len(languages), IN_A_ROW)),
        ]
    )


def _switch(label: str, name: str, *, is_on: bool) -> InlineKeyboardButton:
    mark = "☑" if is_on else "☐"
    return InlineKeyboardButton(f"{mark} {label}", callback_data=f"{SETTINGS}{name}:{int(not is_on)}")


def _language(label: str, code: str, settings: ChatSettings) -> InlineKeyboardButton:
    mark = "● " if code == (settings.language or "") else ""
    return InlineKeyboardButton(mark + label, callback_data=f"{SETTINGS}language:{code}")


async def _show_again(message: Message, settings: ChatSettings, say: Texts) -> None:
    with tolerate_no_change():
        await message.edit_text(say.settings, reply_markup=_keyboard(settings, say))
