"""Handlers for /forget_me: what is kept of a person, and the buttons that erase it; everybody has a right to both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ChatType

from bot.telegram.messaging.callback_queries import acknowledge, pressed_message, tolerate_no_change
from bot.telegram.messaging.language import texts_for
from bot.telegram.messaging.mentions import command_of
from bot.telegram.render.answer import one_line
from bot.telegram.state.people import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import Bot, CallbackQuery, Message, Update, User

    from bot.services.background import BackgroundThread
    from bot.services.receipts import ReceiptService
    from bot.telegram.access.access import Access
    from bot.telegram.state import State
    from bot.texts import Texts

FORGET = "forget:"
"""In front of what a button says."""
YES, NO = f"{FORGET}yes", f"{FORGET}no"
COMMAND = "forget_me"
MAX_LISTED = 5
"""Questions of each kind."""


class Forgetting:
    """Shows what is kept of a person, and erases it."""

    def __init__(
        self, receipts: ReceiptService, receipts_thread: BackgroundThread, access: Access, state: State
    ) -> None:
        self._receipts = receipts
        self._receipts_thread = receipts_thread
        self._access = access
        self._state = state

    async def answer(self, update: Update) -> None:
        """Do what an update that `is_about_oneself` asks for."""
        if update.callback_query:
            await self.press(update.callback_query)
        elif update.message:
            await self.show(update.message)

    async def show(self, message: Message) -> None:
        """/forget_me."""
        say = texts_for(message.from_user)
        if message.chat.type != ChatType.PRIVATE or message.from_user is None:
            await message.reply_text(say.forget_in_private)
            return
        kept = await self._kept(message.from_user, say)
        if not kept:
            await message.reply_text(say.kept_nothing)
            return
        buttons = [
            InlineKeyboardButton(say.delete_yes, callback_data=YES),
            InlineKeyboardButton(say.delete_no, callback_data=NO),
        ]
        text = "\n".join([say.kept, *kept, "", say.kept_after])
        await message.reply_text(text, reply_markup=InlineKeyboardMarkup.from_row(buttons))

    async def press(self, query: CallbackQuery) -> None:
        """One of the buttons below."""
        person, say = query.from_user, texts_for(query.from_user)
        message = await pressed_message(query, say, in_private=True)
        if message is None:
            return
        await acknowledge(query)
        if query.data == YES:
            await self._receipts_thread.run(self._receipts.ledger.forget, str(person.id))
            self._state.forget(person.id)
        with tolerate_no_change():
            await message.edit_text(say.erased if query.data == YES else say.all_is_kept)

    async def _kept(self, person: User, say: Texts) -> list[str]:
        """A line each; none where there is nothing."""
        traces = await self._receipts_thread.run(self._receipts.ledger.personal_data, str(person.id))
        turns = self._state.conversations.questions_of(person.id)
        told_at = self._state.people.told_at(person.id)
        return [
            *self._entry(person.id, say),
            *([say.told_at(told_at)] if told_at else []),
            *([say.kept_receipts.format(count=traces.receipts)] if traces.receipts else []),
            *_listed(say.kept_questions, traces.questions, say),
            *_listed(say.kept_turns, turns, say),
            *([say.kept_ratings.format(count=traces.ratings)] if traces.ratings else []),
        ]

    def _entry(self, person_id: int, say: Texts) -> list[str]:
        """How they stand among people, with their name, their @name and their language."""
        contact, role = self._state.people.contact(person_id), self._access.role(person_id)
        if contact is None and role is None:
            return []
        labels = {Role.OWNER: say.owners, Role.MEMBER: say.members, Role.DENIED: say.shut_out}
        label = labels[role] if role else say.knocked
        username = f"@{contact.username}" if contact and contact.username else ""
        names = (contact.name, username, contact.language or "") if contact else ()
        known = [say.isolated(one_line(name)) for name in (*names, str(person_id)) if name]
        return [f"{label} {' · '.join(known)}"]


def is_about_oneself(update: Update, bot: Bot) -> bool:
    """Whether somebody asks, alone with the bot, what is kept of them, or presses a button below that."""
    chat, message, query = update.effective_chat, update.message, update.callback_query
    if chat is None or chat.type != ChatType.PRIVATE:
        return False
    if query:
        return query.data in {YES, NO}
    return message is not None and command_of(message, bot) == COMMAND


def _listed(heading: str, questions: Sequence[str], say: Texts) -> list[str]:
    """How many, and the newest."""
    lines = [f"{say.line_start}• {say.isolated(one_line(each))}" for each in questions[:MAX_LISTED]]
    return [heading.format(count=len(questions)), *lines] if questions else []
