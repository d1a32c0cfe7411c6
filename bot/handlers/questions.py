"""Handlers that ask the documents: questions and /sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.handlers.buttons import closest_button
from bot.handlers.language import texts_for
from bot.handlers.progress import show_typing
from bot.render import render_answer, render_sources

if TYPE_CHECKING:
    from telegram import Message

    from bot.worker import Worker


class Questions:
    """Answers from the documents that the service knows."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    async def ask_command(self, message: Message) -> None:
        """/ask QUESTION."""
        _, *question = (message.text or "").split(maxsplit=1)
        if question:
            await self._answer(message, question[0])
        else:
            await message.reply_html(texts_for(message.from_user).ask_needs_a_question)

    async def text(self, message: Message) -> None:
        """A message that is a question as it stands."""
        await self._answer(message, message.text or "")

    async def sources(self, message: Message) -> None:
        """/sources."""
        async with show_typing(message):
            sources = await self._worker.sources()
        await message.reply_html(render_sources(sources, texts_for(message.from_user)))

    async def _answer(self, message: Message, question: str) -> None:
        async with show_typing(message):
            answer = await self._worker.ask(question)
        say = texts_for(message.from_user)
        await message.reply_html(render_answer(answer, say), reply_markup=closest_button(answer, say))
