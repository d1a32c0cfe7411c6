"""Handlers that ask the documents: questions, /new and /sources."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from telegram.constants import ChatType

from bot.services.library import titles
from bot.telegram.messaging.context import group_settings, texts_for
from bot.telegram.messaging.mentions import command_of, question_text
from bot.telegram.messaging.typing import show_typing
from bot.telegram.questions.keyboards import below_answer
from bot.telegram.render.answer import count_passages, list_shown, render_answer, render_sources
from retrieval import MAX_KEPT, Asker, Channel, Question, Verdict, ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import Message

    from bot.monitoring.monitor import Monitor
    from bot.services.background import BackgroundThread
    from bot.telegram.access.access import Access
    from bot.telegram.messaging.replies import Replies
    from bot.telegram.questions.conversation import Conversation
    from retrieval import Answer, Index, Quote

NOTICEABLE_WAIT = 10
"""Questions in front of one's own: about three seconds."""


class Questions:
    """Answers from the documents."""

    def __init__(
        self,
        index: Index,
        background: BackgroundThread,
        replies: Replies,
        conversation: Conversation,
        access: Access,
        *,
        monitor: Monitor,
    ) -> None:
        self._index = index
        self._background = background
        self._access = access
        self._replies = replies
        self._conversation = conversation
        self._monitor = monitor

    async def ask(self, message: Message) -> None:
        """Answer a question: a private message, one to the bot in a group, or the message that /ask replies to."""
        texts, in_group = texts_for(message.from_user), message.chat.type != ChatType.PRIVATE
        text = question_text(message, message.get_bot())
        if not text:
            await self._replies.reply(message, texts.ask_needs_a_question)
            return
        question = Question.of(self._conversation.understand(message, text))
        has_to_wait = self._background.waiting >= NOTICEABLE_WAIT
        # In a group, one question makes one message.
        if has_to_wait and not in_group:
            await message.reply_text(texts.wait.format(place=self._background.waiting + 1))
        # Telegram does not allow to show "typing" to hundreds every few seconds.
        only_sure = group_settings.get().only_sure
        searched_for = question.whole if question.context else None
        render = partial(render_answer, texts=texts, brief=in_group, searched_for=searched_for)

        def choose_shown(answer: Answer) -> Sequence[Quote]:
            is_withheld = answer.verdict is Verdict.WEAK and only_sure
            return () if is_withheld else list_shown(answer, brief=in_group)[: count_passages(render(answer))]

        async with nullcontext() if has_to_wait else show_typing(message):
            view, asker = self._access.collections_for(message.chat.id), _asker(message)
            ask_index = partial(
                self._background.run, ask, self._index, question, MAX_KEPT, view, asker, choose_shown=choose_shown
            )
            answer = await self._monitor.observe(Channel.TELEGRAM, ask_index)
        if answer.verdict is Verdict.WEAK and only_sure:
            await self._replies.reply(message, texts.only_sure)
            return
        html = render(answer)
        buttons = below_answer(answer, texts)
        answer_id = await self._replies.reply(message, html, buttons)
        self._conversation.keep(message, question, answer_id)

    async def ask_again(self, message: Message) -> None:
        """Answer a question again that was edited after it was answered."""
        if command_of(message, message.get_bot()) in {None, "ask"} and self._replies.answer_to(message):
            await self.ask(message)

    async def begin_anew(self, message: Message) -> None:
        """Handle /new: forget the earlier question."""
        self._conversation.forget(message)
        await message.reply_text(texts_for(message.from_user).begun_anew)

    async def sources(self, message: Message) -> None:
        """Handle /sources: list the documents."""
        async with show_typing(message):
            view = self._access.collections_for(message.chat.id)
            sources = await self._background.run(titles, self._index, view)
        await message.reply_html(render_sources(sources, texts_for(message.from_user)))


def _asker(message: Message) -> Asker:
    # All anonymous administrators of a group are one user.
    person = None if message.sender_chat else message.from_user
    return Asker(Channel.TELEGRAM, str(person.id) if person else None)
