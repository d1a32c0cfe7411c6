"""`quoth ask` and `quoth chat`: questions and their answers on a terminal."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from bot import texts
from bot.cli import output
from bot.cli.documents.index import open_synced
from bot.cli.exit_codes import ExitCode
from bot.cli.options import Data, Documents
from bot.services.library import titles
from bot.settings import load_settings
from bot.web import find_pages
from retrieval import Asker, Channel, QuestionError, mark_shown, prepare_languages
from retrieval import ask as ask_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from bot.services.library import Library
    from bot.settings import Settings
    from retrieval import Answer, Ledger, Quote

PAGE = 3
"""The chat shows so many passages at a time."""
MAX_PASSAGES_A_QUESTION = 30
"""/more shows up to so many passages for one question."""
WELCOME = "Ask a question. /help shows what else there is, exit or Ctrl-D leaves."
_LEAVING = {"exit", "quit", ":q"}
HELP = """\
Ask in your own words and language; the answer is quoted from the documents.
/more     whole passages for the last question, best first
/sources  the documents
/help     this help
exit      leave; so do quit, :q and Ctrl-D"""
_AT_TERMINAL = Asker(Channel.TERMINAL)


def ask(
    words: Annotated[
        list[str], typer.Argument(metavar="QUESTION", help="Your question, with or without quotes; - reads one a line.")
    ],
    *,
    k: Annotated[int, typer.Option("-k", metavar="N", min=1, max=100, help="How many passages at most.")] = 3,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show all passages, in full.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON, one object a line.")] = False,
    collection: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Ask only this collection; may be repeated.")
    ] = None,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Answer a question with quotes from the documents.

    New and changed documents are indexed first. Exit status: 0 if something was found, 3 if not, 2 if a question
    cannot be asked or is none ("Thanks!"), 1 after an error.
    """
    settings = load_settings(documents, data)
    # It takes as long as loading the model, and nearly every question that has a name needs it.
    Thread(target=prepare_languages, daemon=True).start()
    with open_synced(settings) as library:
        for name in collection or ():
            library.check_collection(name)
        statuses: list[ExitCode] = []
        are_piped = words == ["-"]
        for question in (line.rstrip("\r\n") for line in sys.stdin) if are_piped else [" ".join(words)]:
            if are_piped and not as_json:
                margin = "\n" if statuses else ""
                output.console().print(f"{margin}? {output.one_line(question)}", style="bold")
            answer, status = _ask(library, question, k, collection, verbose=verbose, as_json=as_json)
            statuses.append(status)
            if answer and not as_json:
                print_link(settings, library.index.receipts, answer.receipt_id, output.console())
    if ExitCode.MISUSE in statuses:
        raise typer.Exit(ExitCode.MISUSE)
    raise typer.Exit(ExitCode.OK if ExitCode.OK in statuses else ExitCode.NOTHING_FOUND)


def _ask(
    library: Library, question: str, k: int, collections: list[str] | None, *, verbose: bool, as_json: bool
) -> tuple[Answer | None, ExitCode]:
    """Ask, print, and give the answer, if there is one, and the exit code."""
    try:
        shows_all = verbose or as_json
        choose_shown = (lambda answer: answer.quotes) if shows_all else output.list_shown
        answer = ask_index(library.index, question, k, collections, _AT_TERMINAL, choose_shown=choose_shown)
    except QuestionError as error:
        if as_json:
            output.print_json({"question": question, "error": str(error)})
        output.say(str(error))
        return None, ExitCode.MISUSE
    styled = output.is_styled(output.console())
    closest = "With -v, the closest passages are shown."
    rendered = output.answer(answer, styled=styled, to_see_closest=closest, whole=verbose)
    output.show(rendered, asdict(answer), as_json=as_json)
    return answer, ExitCode.OK if answer.verdict.found else ExitCode.NOTHING_FOUND


def chat(documents: Documents = None, data: Data = None) -> None:
    """Ask one question after another.

    /more, /sources and /help do what they say; exit, quit, :q or Ctrl-D leave. The arrow keys bring back earlier
    questions; they are forgotten at the end.
    """
    settings = load_settings(documents, data)
    with open_synced(settings) as library:
        Chat(library, output.console(), settings).run()


class Chat:
    """Answers lines, and keeps what /more has not yet shown of the last answer in full."""

    def __init__(self, library: Library, console: Console, settings: Settings) -> None:
        self._library = library
        self._console = console
        self._settings = settings
        self._further: Sequence[Quote] | None = None
        self._receipt_id = ""

    def run(self) -> None:
        """Read lines until one says to leave, or the input ends."""
        is_typed = sys.stdin.isatty() and self._console.is_terminal
        for line in self._typed_lines() if is_typed else sys.stdin:
            if line.strip().lower() in _LEAVING:
                return
            self.read(line)

    def read(self, line: str) -> None:
        """Answer a question or obey a command."""
        match line.split():
            case []:
                pass
            case ["/more", *_]:
                self._show_more()
            case ["/sources", *_]:
                lines = (f"{title} · {path}" for path, title in titles(self._library.index).items())
                self._console.print("\n".join(map(output.one_line, lines)) or texts.NO_DOCUMENTS)
            case ["/help", *_]:
                self._console.print(HELP)
            case [command, *_] if command.startswith("/"):
                self._console.print(f"There is no command {output.visible(command)}; /help lists them all.")
            case _:
                self._ask(line)

    def _ask(self, question: str) -> None:
        try:
            answer = ask_index(
                self._library.index, question, MAX_PASSAGES_A_QUESTION, asker=_AT_TERMINAL, choose_shown=_list_first
            )
        except QuestionError as error:
            self._console.print(str(error))
            return
        first = _cut_first(answer)
        styled = output.is_styled(self._console)
        closest = "/more shows the closest passages."
        self._console.print(output.answer(first, styled=styled, to_see_closest=closest))
        print_link(self._settings, self._library.index.receipts, answer.receipt_id, self._console)
        self._further, self._receipt_id = answer.quotes, answer.receipt_id

    def _show_more(self) -> None:
        if self._further is None:
            self._console.print("Ask a question first.")
            return
        if not self._further:
            self._console.print("There are no further passages.")
        styled = output.is_styled(self._console)
        mark_shown(self._library.index, self._receipt_id, self._further[:PAGE])
        for quote in self._further[:PAGE]:
            self._console.print(output.quote(quote, styled=styled, whole=True))
        self._further = self._further[PAGE:]

    def _typed_lines(self) -> Iterator[str]:
        """Read the keyboard, with a history that is kept in memory only."""
        from prompt_toolkit import PromptSession  # noqa: PLC0415 - no other command needs it

        self._console.print(WELCOME)
        session: PromptSession[str] = PromptSession("\n? ")
        while True:
            try:
                yield session.prompt()
            except EOFError:
                return
            except KeyboardInterrupt:
                continue  # as in a shell, it takes back the line


def print_link(settings: Settings, ledger: Ledger, receipt_id: str, console: Console) -> None:
    """Print the address of a receipt's page, if one is shown; no line of it may be broken."""
    if pages := find_pages(settings):
        console.print(f"{pages}/r/{ledger.links.make(receipt_id)}", style="dim", soft_wrap=True)


def _cut_first(answer: Answer) -> Answer:
    return replace(answer, quotes=answer.quotes[:PAGE])


def _list_first(answer: Answer) -> Sequence[Quote]:
    return output.list_shown(_cut_first(answer))
