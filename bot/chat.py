"""A conversation on the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession

from bot import terminal
from retrieval import QuestionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from bot.service import Service
    from retrieval import Answer

PAGE = 3
"""Passages shown at a time."""

_HELP = """\
Ask in your own words and language; the answer is quoted from the documents.
/more     further passages for the last question
/sources  the documents
/help     this help
Ctrl-D    leave"""


class Chat:
    """Remembers the last answer, so that more of it can be shown."""

    def __init__(self, service: Service, console: Console) -> None:
        self._service = service
        self._console = console
        self._question = ""
        self._shown = 0

    def read(self, line: str) -> None:
        """Answer a question or obey a command."""
        match line.split():
            case []:
                pass
            case ["/more"]:
                self._more()
            case ["/sources"]:
                self._console.print(terminal.sources(self._service.sources()))
            case ["/help"]:
                self._console.print(_HELP)
            case [command, *_] if command.startswith("/"):
                self._console.print(f"There is no command {terminal.visible(command)}.\n{_HELP}")
            case _:
                self._ask(line)

    def _ask(self, question: str) -> None:
        try:
            answer = self._service.ask(question, PAGE)
        except QuestionError as error:
            self._console.print(str(error))
            return
        self._question, self._shown = question, PAGE if answer.verdict.found else 0
        self._console.print(terminal.answer(answer, styled=self._console.is_terminal))

    def _more(self) -> None:
        if not self._question:
            self._console.print("Ask a question first.")
            return
        quotes = self._service.ask(self._question, self._shown + PAGE).quotes[self._shown :]
        for quote in quotes:
            self._console.print(terminal.quote(quote, styled=self._console.is_terminal, whole=True))
        if not quotes:
            self._console.print("There are no further passages.")
        self._shown += len(quotes)


def chat(service: Service, console: Console) -> None:
    """Read lines until the input ends."""
    conversation = Chat(service, console)
    for line in _lines():
        conversation.read(line)


def _lines() -> Iterator[str]:
    """Lines from the keyboard with a prompt and a history that is kept in memory only, or from a pipe."""
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    session: PromptSession[str] = PromptSession("? ")
    while True:
        try:
            yield session.prompt()
        except EOFError:
            return
        except KeyboardInterrupt:
            continue
