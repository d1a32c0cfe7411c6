"""`quoth` on a terminal."""

from __future__ import annotations

import sys
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict
from importlib import metadata
from io import StringIO, TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from bot.__main__ import INTERRUPTED
from bot.cli import output, receipts
from bot.cli.evaluate import evaluate
from bot.cli.options import Data, Documents
from bot.cli.unanswered import gaps, pin
from bot.services.library import open_library
from bot.services.receipts import ReceiptService
from bot.services.visibility import is_upload_collection
from bot.settings import Settings, load_settings
from retrieval import DEFAULT_COLLECTION, FileState, QuestionError, QuoteStatus, QuothError, SettingsError
from retrieval import ask as ask_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.services.library import Library

MISUSE = 2
NOTHING_FOUND = 3

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


_OLD = {"ignore_unknown_options": True, "allow_extra_args": True}
"""Commands that are no more take whatever they took."""


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"quoth {_version()}")
        raise typer.Exit


def _version() -> str:
    try:
        return metadata.version("quoth")
    except metadata.PackageNotFoundError:
        return "(not installed)"


@app.callback(
    epilog="Settings come from the environment or a file .env: "
    f"{', '.join(str(field.validation_alias) for field in Settings.model_fields.values())}. "
    "The file .env.example explains them."
)
def quoth(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Answers questions with exact, sourced quotes from your own documents."""


@app.command(short_help="Read new and changed documents into the index.")
def index(
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="The same as --documents.")] = None,
    *,
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="Index only this collection, from FOLDER from now on.")
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Begin again from nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report in JSON.")] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Make the index equal to the documents' folder, and report on each file.

    Ctrl-C loses nothing: the next time, it goes on where it was. Exit status: 0; 1 after an error, or if a
    file could not be read: all others are then indexed.
    """
    if folder and documents:
        raise typer.BadParameter("FOLDER and --documents mean the same: give one of them.")
    folder = folder or documents
    if folder and collection and is_upload_collection(collection):
        message = f"{collection} is what people send to the bot. Choose another name."
        raise typer.BadParameter(message)
    settings = load_settings(folder if collection in {None, DEFAULT_COLLECTION} else None, data)
    with (
        closing(open_library(settings, output.say)) as library,
        _interruptible(),
        output.progress_bar() as show,
    ):
        if collection:
            report = library.sync_collection(collection, folder, show, rebuild=rebuild)
        else:
            report = library.sync(show, rebuild=rebuild)
    if as_json:
        output.print_json(asdict(report))
    else:
        output.console().print(output.report(report))
    if report.count(FileState.FAILED):
        raise typer.Exit(1)


@app.command(short_help="Answer a question with quotes from the documents.")
def ask(
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="What you want to know; - reads one question a line.")
    ],
    *,
    k: Annotated[int, typer.Option("-k", metavar="N", min=1, max=100, help="How many passages at most.")] = 3,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show all passages in full.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON, one object a line.")] = False,
    collection: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Ask only this collection; may be repeated.")
    ] = None,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Answer a question with quotes from the documents, which are indexed first if they are new or changed.

    Exit status: 0 if something was found, 3 if not, 2 if a question cannot be asked, 1 after an error.
    """
    with _up_to_date(load_settings(documents, data)) as library:
        for name in collection or ():
            library.check_collection(name)
        statuses: list[int] = []
        for each in _lines() if question == "-" else [question]:
            if question == "-" and not as_json:
                gap = "\n" if statuses else ""
                output.console().print(f"{gap}? {output.one_line(each)}", style="bold")
            statuses.append(_ask(library, each, k, collection, verbose=verbose, as_json=as_json))
    if MISUSE in statuses:
        raise typer.Exit(MISUSE)
    raise typer.Exit(0 if 0 in statuses else NOTHING_FOUND)


def _lines() -> Iterator[str]:
    return (line.rstrip("\r\n") for line in sys.stdin)


def _ask(
    library: Library, question: str, k: int, collections: list[str] | None, *, verbose: bool, as_json: bool
) -> int:
    """Ask, print, and give the exit status."""
    try:
        answer = ask_index(library.index, question, k, collections, output.AT_TERMINAL)
    except QuestionError as error:
        if as_json:
            output.print_json({"question": question, "error": str(error)})
        output.say(str(error))
        return MISUSE
    if as_json:
        output.print_json(asdict(answer))
    else:
        console = output.console()
        styled = output.is_styled(console)
        closest = "With -v, the closest passages are shown."
        console.print(output.answer(answer, styled=styled, to_see_closest=closest, whole=verbose))
    return 0 if answer.verdict.found else NOTHING_FOUND


@app.command(short_help="Ask one question after another.")
def chat(documents: Documents = None, data: Data = None) -> None:
    """Ask one question after another: /more, /sources and /help do what they say, Ctrl-D leaves.

    The arrow keys bring back earlier questions, which are forgotten at the end.
    """
    from bot.cli.chat import chat as run_chat  # noqa: PLC0415 - the other commands need no such library

    with _up_to_date(load_settings(documents, data)) as library:
        run_chat(library, output.console())


@app.command(short_help="Keep the index up to date while documents change.")
def watch(documents: Documents = None, data: Data = None) -> None:
    """Index, and then again whenever a document changes, until Ctrl-C; `quoth bot` does so by itself."""
    from bot.services.watcher import follow_changes  # noqa: PLC0415 - the other commands need no such library

    with closing(open_library(load_settings(documents, data), output.say)) as library:
        output.say("Watching for changes; Ctrl-C ends it.")
        with _interruptible():
            for report in follow_changes(library, output.say_error, Event()):
                output.console().print(output.changed(report), end="")


@app.command(short_help="List the collections of documents.")
def collections(
    *,
    remove: Annotated[str | None, typer.Option(metavar="NAME", help="Forget one; its files stay as they are.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="List in JSON.")] = False,
    data: Data = None,
) -> None:
    """List the collections: each has a name, a folder and its documents."""
    with closing(open_library(load_settings(None, data), output.say)) as library:
        if remove:
            library.drop_collection(remove)
        listed = library.collections()
    if as_json:
        output.print_json([asdict(each) for each in listed])
    else:
        output.console().print(output.collections(listed))


@app.command(short_help="Check that what was quoted still stands in the documents.")
def verify(
    receipt_ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Of receipts; without, all are checked.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Report in JSON, one receipt a line.")] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Read the documents again, and compare them with what was quoted; nothing that the index says is believed.

    Exit status: 0; 1 after an error, or if a receipt was altered or quotes what never stood in its document; 2 if
    there is no such receipt.
    """
    tally = receipts.Tally()
    with closing(ReceiptService(load_settings(documents, data))) as service:
        named = [_known(service, each) for each in receipt_ids or ()]
        console = output.console()
        styled = output.is_styled(console)
        with _interruptible("Stopped."), output.progress_bar("Checking") as show:
            checks = service.verify(named, show)
            first = list(islice(checks, 1))  # the files are read before it comes
        for check in chain(first, checks):
            tally.add(check)
            if as_json:
                output.print_json(receipts.as_json(check))
            elif check.state is not QuoteStatus.UNCHANGED:
                console.print(receipts.checked(check, styled=styled))
    if not as_json:
        console.print(tally.table())
    if not tally.is_sound:
        raise typer.Exit(1)


@app.command(short_help="Show the receipt of an answer.")
def receipt(
    receipt_id: Annotated[str, typer.Argument(metavar="ID", help="As it stands below the answer.")],
    *,
    question: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Say whether this was asked, also after it was forgotten."),
    ] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Let the link to it show nothing any more.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Show it in JSON.")] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Show what was answered, from which bytes of which files, and whether they still say so.

    Exit status: 0; 1 after an error, if it was altered, quotes what never stood in its document, or is not of the
    QUESTION; 2 if there is no such receipt.
    """
    with closing(ReceiptService(load_settings(documents, data))) as service:
        known = _known(service, receipt_id)
        if revoke:
            service.ledger.revoke(known)
        (check,) = service.verify([known], lambda _: None)
    was_asked = None if question is None else check.receipt.matches(question.strip())
    if as_json:
        asked = {} if question is None else {"was_asked": was_asked}
        output.print_json(receipts.as_json(check) | {"question": check.receipt.question} | asked)
    else:
        console = output.console()
        console.print(receipts.receipt(check, styled=output.is_styled(console)))
        if question is not None:
            console.print(f"\n{receipts.WAS_ASKED[was_asked]}", style="bold")
    if check.state is QuoteStatus.MISQUOTED or (question is not None and not was_asked):
        raise typer.Exit(1)


def _known(service: ReceiptService, receipt_id: str) -> str:
    """The id as it is kept."""
    found = service.ledger.get(receipt_id.strip().lower())
    if found is None:
        message = f"There is no receipt {output.one_line(receipt_id)}."
        raise typer.BadParameter(message)
    return found.id


@app.command(short_help="Check that all is well, and say what mends what is not.")
def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Report in JSON.")] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Check settings, model, index, documents and, if there is a token, Telegram; nothing is changed.

    For everything that is wrong, the command that mends it is named. Exit status: 0 if all is well, else 1.
    """
    from bot.cli.doctor import examine  # noqa: PLC0415 - the other commands need no such checks

    findings = []
    for finding in examine(documents, data, output.say):
        findings.append(finding)
        if not as_json:
            output.console().print(output.finding(finding))
    if as_json:
        output.print_json([asdict(each) for each in findings])
    if any(finding.remedy for finding in findings):
        raise typer.Exit(1)


@app.command(short_help="Answer in Telegram.")
def bot(documents: Documents = None, data: Data = None) -> None:
    """Answer in Telegram, until Ctrl-C or SIGTERM; the token is read from TELEGRAM_BOT_TOKEN."""
    from bot.services.watcher import watching  # noqa: PLC0415
    from bot.telegram.app import bot_token, run_bot  # noqa: PLC0415 - a terminal needs no Telegram
    from bot.web.server import serving  # noqa: PLC0415

    settings = load_settings(documents, data)
    bot_token(settings)  # without one, it ends here and not after the model was loaded
    with closing(open_library(settings, output.say)) as library:
        if not library.index.can_be_searched:
            _sync(library)
        with watching(library), serving(settings) if settings.public_url else nullcontext():
            run_bot(settings, library, lambda text: typer.echo(text, err=True))


app.command("gaps", short_help="List what was asked and not found, or disliked.")(gaps)
app.command("pin", short_help="Pin a passage as the answer to a question.")(pin)


Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


@app.command(short_help="Write everything that a person would miss into a file.")
def backup(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to; - is standard output.")],
    *,
    force: Force = False,
    data: Data = None,
) -> None:
    """Write the index, the receipts, who may ask, all settings of groups and what people sent into one file.

    The bot may go on meanwhile. The documents' own folder is no part of it. Only you can read FILE: keep it as you keep
    the data folder. Exit status: 0, or 1 after an error.
    """
    from bot.cli import backup as run  # noqa: PLC0415 - the other commands need it not

    output.say(run.back_up(load_settings(None, data), file, _version(), force=force))


@app.command(short_help="Read what `quoth backup` wrote.")
def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where from; - is standard input.")],
    *,
    force: Force = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Put back what `quoth backup` wrote, all of it or nothing; no document is read or encoded again.

    Stop the bot before. It may have been written with SQLite and be restored into PostgreSQL, or the other way round.
    Whoever kills it does it again. Exit status: 0, or 1 after an error.
    """
    from bot.cli import backup as run  # noqa: PLC0415 - the other commands need it not

    for line in run.restore(load_settings(documents, data), file, force=force):
        output.say(line)


@app.command("export", hidden=True, context_settings=_OLD)
@app.command("import", hidden=True, context_settings=_OLD)
def _name_successor(context: typer.Context) -> None:
    """Say what to use now."""
    now = {"export": "quoth backup FILE", "import": "quoth restore FILE"}[str(context.info_name)]
    message = f"`quoth {context.info_name}` is no more. Use: {now}"
    raise SettingsError(message)


@app.command(short_help="Show receipts in a browser.")
def serve(data: Data = None) -> None:
    """Show receipts to browsers, until Ctrl-C or SIGTERM; `quoth bot` does so too if QUOTH_PUBLIC_URL is set."""
    from bot.web.server import serve as run  # noqa: PLC0415 - the other commands need no server

    run(load_settings(None, data), output.say)


app.command("eval", short_help="Measure how well labelled questions are answered.")(evaluate)


def main() -> None:
    """Run the command; an error that a person can do something about is one line, with exit status 1."""
    _speak_utf8()
    try:
        app(prog_name="quoth")
    except QuothError as error:
        output.say_error(error)
        sys.exit(1)
    except OSError as error:
        # What no part of the library could foresee, such as a full disk behind standard output.
        reason = error.strerror or str(error)
        output.say(f"Error: {reason}: {error.filename}" if error.filename else f"Error: {reason}")
        sys.exit(1)


def _speak_utf8() -> None:
    """Read and write UTF-8, whatever the locale says.

    What is not comes in as surrogates, which `ask` refuses, and goes out as escapes, which JSON knows too.
    """
    sys.stdin = sys.stdin or StringIO()  # it is None for a process that was started with it closed
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            errors = "surrogateescape" if stream is sys.stdin else "backslashreplace"
            stream.reconfigure(encoding="utf-8", errors=errors)


@contextmanager
def _up_to_date(settings: Settings) -> Iterator[Library]:
    """A library that has seen the documents' latest state; what it could not read is said."""
    with closing(open_library(settings, output.say)) as library:
        if library.index.can_be_searched and library.index.is_being_written:
            # Waiting might take hours.
            output.say("Another process is indexing; answers come from what it has indexed so far.")
        else:
            _sync(library)
        yield library


@contextmanager
def _interruptible(
    stopped: str = "Stopped. What was indexed so far is kept; the next time, it goes on from there.",
) -> Iterator[None]:
    """Says what Ctrl-C has done."""
    try:
        yield
    except KeyboardInterrupt:
        output.say(stopped)
        raise typer.Exit(INTERRUPTED) from None


def _sync(library: Library) -> None:
    """Sync, and say what could not be read."""
    with _interruptible(), output.progress_bar() as show:
        report = library.sync(show)
    for failure in output.failures(report):
        output.say(failure)
