"""Handlers of /forget_me, which shows everybody what is stored about them, and of the buttons that erase it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import Bot, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update, User
from telegram.constants import ChatType

from bot.services.background import BackgroundThread
from bot.services.receipts import ReceiptService
from bot.telegram.access.access import Access
from bot.telegram.messaging.callback_queries import acknowledge, edit, message_of
from bot.telegram.messaging.context import texts_for
from bot.telegram.messaging.mentions import command_of
from bot.telegram.render.answer import escape_html, to_one_line
from bot.telegram.state import State
from bot.telegram.state.people import Role
from bot.texts import Texts

FORGET = "forget:"
"""The prefix of a button's data."""
YES, NO = f"{FORGET}yes", f"{FORGET}no"
COMMAND = "forget_me"
MAX_LISTED = 5
"""Questions of each kind."""


@dataclass(frozen=True)
class ForgetMe:
    """Shows what is stored about a person, and erases it."""

    receipts: ReceiptService
    receipts_thread: BackgroundThread
    access: Access
    state: State

    async def handle(self, update: Update) -> None:
        """Handle an update that `is_about_oneself`."""
        if update.callback_query:
            await self.press(update.callback_query)
        elif update.message:
            await self.show(update.message)

    async def show(self, message: Message) -> None:
        """Handle /forget_me."""
        texts = texts_for(message.from_user)
        if message.chat.type != ChatType.PRIVATE or message.from_user is None:
            await message.reply_text(texts.forget_in_private)
            return
        kept = await self._kept(message.from_user, texts)
        if not kept:
            await message.reply_text(texts.kept_nothing)
            return
        buttons = [
            InlineKeyboardButton(texts.delete_yes, callback_data=YES),
            InlineKeyboardButton(texts.delete_no, callback_data=NO),
        ]
        text = "\n".join([texts.kept, *kept, "", texts.kept_after])
        await message.reply_text(text, reply_markup=InlineKeyboardMarkup.from_row(buttons))

    async def press(self, query: CallbackQuery) -> None:
        """Handle one of the buttons."""
        person, texts = query.from_user, texts_for(query.from_user)
        message = await message_of(query, texts, in_private=True)
        if message is None:
            return
        await acknowledge(query)
        if query.data == YES:
            await self.receipts_thread.run(self.receipts.ledger.forget, str(person.id))
            self.state.forget(person.id)
        await edit(message, escape_html(texts.erased if query.data == YES else texts.all_is_kept), None)

    async def _kept(self, person: User, texts: Texts) -> list[str]:
        """List what is stored, in a line each."""
        data = await self.receipts_thread.run(self.receipts.ledger.personal_data, str(person.id))
        questions = self.state.conversations.questions_of(person.id)
        told_at = self.state.people.told_at(person.id)
        return [
            *self._entry(person.id, texts),
            *([texts.told_at(told_at)] if told_at else []),
            *([texts.kept_receipts.format(count=data.receipts)] if data.receipts else []),
            *_list(texts.kept_questions, data.questions, texts),
            *_list(texts.kept_turns, questions, texts),
            *([texts.kept_ratings.format(count=data.ratings)] if data.ratings else []),
        ]

    def _entry(self, person_id: int, texts: Texts) -> list[str]:
        """Show the person's role, name, username and language."""
        contact, role = self.state.people.contact(person_id), self.access.role(person_id)
        if contact is None and role is None:
            return []
        username = f"@{contact.username}" if contact and contact.username else ""
        names = (contact.name, username, contact.language or "") if contact else ()
        known = [texts.isolated(to_one_line(name)) for name in (*names, str(person_id)) if name]
        return [f"{label_of(role, 1, texts)} {' · '.join(known)}"]


def label_of(role: Role | None, count: int, texts: Texts) -> str:
    """Name so many people with a role; with None, the strangers who asked."""
    labels = {
        Role.OWNER: texts.owners_by_number,
        Role.MEMBER: texts.members_by_number,
        Role.DENIED: texts.shut_out_by_number,
    }
    return texts.count(labels[role] if role else texts.knocked_by_number, count)


def is_about_oneself(update: Update, bot: Bot) -> bool:
    """Tell whether this is /forget_me in a private chat, or a button below its answer."""
    chat, message, query = update.effective_chat, update.message, update.callback_query
    if chat is None or chat.type != ChatType.PRIVATE:
        return False
    if query:
        return query.data in {YES, NO}
    return message is not None and command_of(message, bot) == COMMAND


def _list(heading: str, questions: Sequence[str], texts: Texts) -> list[str]:
    """Count the questions, and list the newest."""
    lines = [f"{texts.line_start}• {texts.isolated(to_one_line(question))}" for question in questions[:MAX_LISTED]]
    return [heading.format(count=len(questions)), *lines] if questions else []
