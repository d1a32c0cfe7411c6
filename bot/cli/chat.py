"""A conversation on the terminal."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession

from bot.cli import output
from bot.services.library import titles
from retrieval import QuestionError, ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from bot.services.library import Library
    from retrieval import Quote

PAGE = 3
"""Passages shown at a time."""
MOST = 30
"""Passages that /more can show for one question."""

WELCOME = "Ask a question. /help shows what else there is, Ctrl-D leaves."
HELP = """\
Ask in your own words and language; the answer is quoted from the documents.
/more     whole passages for the last question, best first
/sources  the documents
/help     this help
Ctrl-D    leave"""


class Chat:
    """Answers lines, and keeps what /more has not yet shown of the last answer in full."""

    def __init__(self, library: Library, console: Console) -> None:
        self._library = library
        self._console = console
        self._further: Sequence[Quote] | None = None

    def read(self, line: str) -> None:
        """Answer a question or obey a command."""
        match line.split():
            case []:
                pass
            case ["/more", *_]:
                self._more()
            case ["/sources", *_]:
                self._console.print(output.sources(titles(self._library.index)))
            case ["/help", *_]:
                self._console.print(HELP)
            case [command, *_] if command.startswith("/"):
                self._console.print(f"There is no command {output.visible(command)}; /help lists them all.")
            case _:
                self._ask(line)

    def _ask(self, question: str) -> None:
        try:
            answer = ask(self._library.index, question, MOST, asker=output.AT_TERMINAL)
        except QuestionError as error:
            self._console.print(str(error))
            return
        first = replace(answer, quotes=answer.quotes[:PAGE])
        styled = output.is_styled(self._console)
        closest = "/more shows the closest passages."
        self._console.print(output.answer(first, styled=styled, to_see_closest=closest))
        self._further = answer.quotes

    def _more(self) -> None:
        if self._further is None:
            self._console.print("Ask a question first.")
            return
        if not self._further:
            self._console.print("There are no further passages.")
        styled = output.is_styled(self._console)
        for quote in self._further[:PAGE]:
            self._console.print(output.quote(quote, styled=styled, whole=True))
        self._further = self._further[PAGE:]


def chat(library: Library, console: Console) -> None:
    """Read lines until the input ends."""
    conversation = Chat(library, console)
    is_typed = sys.stdin.isatty() and console.is_terminal
    for line in _typed_lines(console) if is_typed else sys.stdin:
        conversation.read(line)


def _typed_lines(console: Console) -> Iterator[str]:
    """Lines from the keyboard, with a history that is kept in memory only."""
    console.print(WELCOME)
    session: PromptSession[str] = PromptSession("\n? ")
    while True:
        try:
            yield session.prompt()
        except EOFError:
            return
        except KeyboardInterrupt:
            # As in a shell: it takes back the line.
            continue
