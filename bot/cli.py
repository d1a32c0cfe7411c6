"""`quoth` on a terminal."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot import terminal
from bot.chat import chat as run_chat
from bot.service import Service
from bot.settings import Settings, load_settings
from retrieval import FileState, QuestionError, QuothError

if TYPE_CHECKING:
    import retrieval
    from retrieval import Answer, SyncReport

MISUSE = 2
NOTHING_FOUND = 3

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Answers questions with exact, sourced quotes from your own documents.",
)

Documents = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Your documents. [default: QUOTH_DOCUMENTS or seeds]")
]
Data = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Where the index is kept. [default: QUOTH_DATA or .quoth]")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def index(
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="The same as --documents.")] = None,
    *,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Begin again from nothing.")] = False,
    as_json: AsJson = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Make the index equal to the documents' folder, and report on each file.

    Exit status: 0; 1 if a file could not be read, after all others were.
    """
    with closing(Service(_settings(folder or documents, data), _say)) as service:
        report = _sync(service, rebuild=rebuild)
    if as_json:
        _print_json(asdict(report))
    else:
        terminal.console().print(terminal.report(report))
    if report.count(FileState.FAILED):
        raise typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know; - reads one question a line.")],
    *,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages at most.")] = 3,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every passage in full.")] = False,
    as_json: AsJson = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Answer a question with quotes from the documents, which are indexed first if they are new.

    Exit status: 0 if something was found, 3 if not, 2 if a question cannot be asked, 1 after an error.
    """
    with closing(Service(_settings(documents, data), _say)) as service:
        for failure in terminal.failures(_sync(service)):
            _say(failure)
        questions = (line.rstrip("\r\n") for line in sys.stdin) if question == "-" else [question]
        status = [_ask(service, each, k, verbose=verbose, as_json=as_json) for each in questions]
    if MISUSE in status:
        raise typer.Exit(MISUSE)
    raise typer.Exit(0 if 0 in status else NOTHING_FOUND)


def _ask(service: Service, question: str, k: int, *, verbose: bool, as_json: bool) -> int:
    """Ask, print, and give the exit status."""
    try:
        answer = service.ask(question, k)
    except QuestionError as error:
        if as_json:
            _print_json({"question": question, "error": str(error)})
        _say(str(error))
        return MISUSE
    if as_json:
        _print_json(asdict(answer))
    else:
        console = terminal.console()
        console.print(terminal.answer(answer, styled=console.is_terminal, verbose=verbose))
    return 0 if answer.verdict.found else NOTHING_FOUND


@app.command()
def chat(documents: Documents = None, data: Data = None) -> None:
    """Ask one question after another; Ctrl-D ends."""
    with closing(Service(_settings(documents, data), _say)) as service:
        for failure in terminal.failures(_sync(service)):
            _say(failure)
        run_chat(service, terminal.console())


@app.command()
def bot(documents: Documents = None, data: Data = None) -> None:
    """Answer in Telegram, until it is stopped with Ctrl-C or SIGTERM."""
    from bot.app import run_bot  # noqa: PLC0415  # a terminal needs no Telegram

    settings = _settings(documents, data)
    with closing(Service(settings, _say)) as service:
        for failure in terminal.failures(_sync(service)):
            _say(failure)
        run_bot(settings, service)


def main() -> None:
    """Run the command; errors that are meant for a person are printed as one line."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # What a person types and reads is UTF-8, whatever the locale says; a wrong byte is reported by `ask`.
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
    try:
        app()
    except QuothError as error:
        _say(f"Error: {error}")
        sys.exit(1)


def _settings(documents: Path | None, data: Path | None) -> Settings:
    given = {"documents": documents, "data": data}
    return load_settings().model_copy(update={key: value for key, value in given.items() if value})


def _sync(service: Service, *, rebuild: bool = False) -> SyncReport:
    """Bring the index up to date behind a progress bar, which is there only while there is much to do."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=terminal.console(error=True), transient=True) as bar:
        task = bar.add_task("Indexing", total=None)

        def show(progress: retrieval.Progress) -> None:
            bar.update(task, total=progress.total, completed=progress.done)

        return service.sync(show, rebuild=rebuild)


def _say(message: str) -> None:
    terminal.console(error=True).print(terminal.visible(message))


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
