"""`quoth index`, `quoth watch` and `quoth collections`, and the synced index that other commands answer from."""

from __future__ import annotations

import re
import time
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from bot import texts
from bot.cli import output
from bot.cli.exit_codes import ExitCode
from bot.cli.options import Data, Documents
from bot.monitoring.logs import log_to_stderr
from bot.services import library as services
from bot.services.visibility import EVERYBODY, is_named_collection, is_upload_collection
from bot.settings import load_settings
from bot.telegram.state import BOT_FILE, BOT_SCHEMA
from bot.telegram.state.chats import ChatRepository
from retrieval import DEFAULT_COLLECTION, FileReport, FileState, Removals, SettingsError, StoreError, open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.services.library import Library, ListedCollection
    from bot.settings import Settings
    from retrieval import QuothError, SyncReport

_STYLES = {
    FileState.INDEXED: "green",
    FileState.MOVED: "green",
    FileState.UNCHANGED: "dim",
    FileState.REMOVED: "yellow",
    FileState.SKIPPED: "dim",
    FileState.FAILED: "red",
}
_MUCH = 0.1
"""What a reader leaves out is said where it is more than this part of the text."""


def index(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="The same as --documents.")] = None,
    *,
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="Index only this collection, from FOLDER from now on.")
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Begin again from nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove documents even if that looks like an accident.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="End with status 1 if a file cannot be read.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report in JSON.")] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Read new and changed documents into the index.

    The report has a line for each file that is not as it was, as soon as it is done; `quoth doctor` names all that
    cannot be read. After Ctrl-C, the next run goes on where this one stopped. Documents are not removed without --yes
    if their folder is empty or another one, or if most of them are gone. Exit status: 0; 1 after an error, if
    documents were not removed, or with --strict, if a file cannot be read; 2 if there are files, but none can be read.
    """
    source = context.get_parameter_source("documents")
    if folder and source and source.name == "COMMANDLINE":  # before the command, it counts less than FOLDER
        raise typer.BadParameter("FOLDER and --documents mean the same: give one of them.")
    folder = folder or documents
    if folder and collection and is_upload_collection(collection):
        message = f"{collection} is what people send to the bot. Choose another name."
        raise typer.BadParameter(message)
    settings = load_settings(folder if collection in {None, DEFAULT_COLLECTION} else None, data)

    def show_file(file: FileReport) -> None:
        if not as_json and file.state is not FileState.UNCHANGED and (rebuild or not file.is_known):
            output.console().print(render_file(file))

    with closing(open_library(settings)) as library, output.interruptible(), output.progress_bar() as show:
        removals = Removals(are_confirmed=yes)
        if collection:
            report = library.sync_collection(collection, folder, show, show_file, rebuild=rebuild, removals=removals)
        else:
            report = library.sync(show, show_file, rebuild=rebuild, removals=removals)
        report = fetch_due_pages(settings, library, report, show_file)
    counts = (f"{report.count(state)} {state}" for state in FileState if report.count(state))
    nothing = "Nothing was changed." if report.withheld else "The folder holds no documents."
    summary = Text(", ".join(counts) or nothing, style="bold")
    output.show(summary, asdict(report), as_json=as_json)
    _say_unnamed(report)
    _say_withheld(report)
    raise typer.Exit(_exit_code(report, is_strict=strict))


def _exit_code(report: SyncReport, *, is_strict: bool) -> ExitCode:
    failed = report.count(FileState.FAILED)
    if report.withheld:
        return ExitCode.ERROR
    if failed and not any(map(report.count, (FileState.INDEXED, FileState.MOVED, FileState.UNCHANGED))):
        return ExitCode.MISUSE
    return ExitCode.ERROR if failed and is_strict else ExitCode.OK


def fetch_due_pages(
    settings: Settings, library: Library, report: SyncReport, show: Callable[[FileReport], None]
) -> SyncReport:
    """Fetch the web pages that are due, show each as a file, and add them to the report of a sync."""
    due_before = time.time() - settings.refresh_s
    if not library.has_due_pages(due_before):
        return report
    from bot.services.sources import open_sources, refresh_pages  # noqa: PLC0415 - httpx takes long to import

    output.say("Fetching web pages.")
    states = {"fetched": FileState.INDEXED, "unchanged": FileState.UNCHANGED}
    with closing(open_sources(settings)) as sources:
        pages = []
        for page in refresh_pages(sources, library, due_before=due_before):
            state = states.get(page.change, FileState.FAILED)
            pages.append(FileReport(page.address, state, page.reason, collection=page.collection))
            show(pages[-1])
    known = {(file.collection, file.path): file for file in [*report.files, *pages]}
    return replace(report, files=list(known.values()))


def watch(documents: Documents = None, data: Data = None) -> None:
    """Keep the index up to date while documents change.

    It ends with Ctrl-C. `quoth bot` does the same by itself.
    """
    from bot.services.sources import refreshing  # noqa: PLC0415 - the other commands need no such libraries
    from bot.services.watcher import follow_changes, log_report  # noqa: PLC0415

    said: list[str] = []

    def say_once(error: QuothError) -> None:
        if str(error) not in said:
            said.append(str(error))
            output.say(f"Error: {error}")

    settings = load_settings(documents, data)
    if settings.log_format == "json":
        log_to_stderr(settings)
    with closing(open_library(settings)) as library:
        output.say("Watching for changes; Ctrl-C ends it.")
        with output.interruptible(), refreshing(library, settings):
            for report in follow_changes(library, say_once, Event()):
                said.clear()
                if settings.log_format == "json":
                    log_report(report)
                    continue
                for file in report.files:
                    if file.state not in {FileState.UNCHANGED, FileState.SKIPPED}:
                        output.console().print(render_file(file))
                _say_withheld(report)


def collections(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The collection to --allow or to --deny.")] = None,
    *,
    shown_to: Annotated[
        str | None, typer.Option("--allow", metavar="WHO", help="Show it to a chat in Telegram: its ID, or everybody.")
    ] = None,
    hidden_from: Annotated[
        str | None, typer.Option("--deny", metavar="WHO", help="Hide it again from a chat, or from everybody.")
    ] = None,
    remove: Annotated[str | None, typer.Option(metavar="NAME", help="Forget one; its files stay as they are.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="List in JSON.")] = False,
    data: Data = None,
) -> None:
    """List the collections, and who sees them.

    Each has a name, a folder and its documents. The terminal and the owners of the bot see all of them. Others see a
    collection that has a name of its own only if an owner shows it to their chat.
    """
    if (shown_to or hidden_from) and not name:
        raise typer.BadParameter("Name the collection: quoth collections NAME --allow everybody")
    settings = load_settings(None, data)
    with closing(open_library(settings)) as library:
        if remove:
            library.drop_collection(remove)
        if name:
            library.check_collection(name)
        listed = library.collections()
    with _chats(settings, is_needed=shown_to is not None) as chats:
        if chats and remove:
            chats.hide_collection(remove)  # a later one of this name is another
        if chats and name and shown_to:
            _check_is_named(name)
            chats.show_collection(name, _parse_chat(shown_to), is_shown=True)
        if chats and name and hidden_from:
            chats.show_collection(name, _parse_chat(hidden_from), is_shown=False)
        audiences = {
            known.name: chats.chats_shown(known.name) if chats else []
            for known in listed
            if is_named_collection(known.name)
        }
    rendered = "\n".join(_describe(known, audiences.get(known.name)) for known in listed)
    described = [asdict(known) | {"shown_to": audiences.get(known.name, [EVERYBODY])} for known in listed]
    output.show(rendered or "There are no collections yet.", described, as_json=as_json)


@contextmanager
def _chats(settings: Settings, *, is_needed: bool) -> Iterator[ChatRepository | None]:
    """Open what the bot knows of chats; None where there is no bot yet, unless it is needed."""
    if not (is_needed or settings.database_url or (settings.data / BOT_FILE).exists()):
        yield None
        return
    with closing(open_database(settings.data / BOT_FILE, BOT_SCHEMA, settings.database_url)) as database:
        yield ChatRepository(database)


def _check_is_named(collection: str) -> None:
    if not is_named_collection(collection):
        message = (
            f"Everybody who may ask sees {collection}, or only its group does. /settings in the group decides that."
        )
        raise SettingsError(message)


def _parse_chat(text: str) -> int:
    if text == "everybody":
        return EVERYBODY
    if not re.fullmatch(r"-?\d{1,16}", text, re.ASCII):
        raise typer.BadParameter(
            "WHO is everybody, or the Telegram ID of a person or group: /members in Telegram lists it."
        )
    return int(text)


def _describe(collection: ListedCollection, audience: list[int] | None) -> str:
    """Lay out a collection on one line; an audience of None is settled otherwise."""
    documents = output.format_count(collection.documents, "document")
    who = "" if audience is None else "  seen by owners only"
    if audience:
        who = f"  seen by {'everybody' if EVERYBODY in audience else ', '.join(map(str, audience))}"
    return output.one_line(f"{collection.name}  {collection.folder}  {documents}{who}")


def open_library(settings: Settings) -> Library:
    """Open the library, and show meanwhile that the model is made ready, which takes long the first time."""
    with output.waiting() as progress:
        return services.open_library(settings, output.say, progress)


@contextmanager
def open_synced(settings: Settings) -> Iterator[Library]:
    """Open the library and sync it, unless another process is indexing: waiting for that could take hours.

    Raises:
        StoreError: the other process has no document ready yet.
    """
    with closing(open_library(settings)) as library:
        if library.index.is_being_written:
            documents = len(library.index.documents())
            if not (documents and library.index.can_be_searched):
                raise StoreError("Another process is indexing, and no document is ready yet. Try again in a minute.")
            ready = output.format_count(documents, "document")
            output.say(f"Another process is indexing; answers come from the {ready} that it has indexed so far.")
        else:
            sync(library)
        yield library


def sync(library: Library) -> None:
    """Sync the library, and name the files that can no longer be read; without its folder, it stays as it is."""
    try:
        with output.interruptible(), output.progress_bar() as show:
            report = library.sync(show, _say_failure)
    except SettingsError as error:
        if not library.has_lost_its_folder():
            raise
        output.say(f"{error} Answers come from what was indexed before.")
        return
    _say_unnamed(report)
    _say_withheld(report)


def _say_failure(file: FileReport) -> None:
    if file.state is FileState.FAILED and not file.is_known:
        output.say(f"Cannot read {texts.path(file.collection, file.path)}: {file.reason}")


def _say_unnamed(report: SyncReport) -> None:
    """Count the files that cannot be read, if some of them were named the last time only."""
    failed = [file for file in report.files if file.state is FileState.FAILED]
    if any(file.is_known for file in failed):
        output.say(f"{output.format_count(len(failed), 'file')} cannot be read: quoth doctor")


def _say_withheld(report: SyncReport) -> None:
    for withheld in report.withheld:
        output.say(withheld.message)


def render_file(file: FileReport) -> Text:
    """Lay out what became of a file, on one line."""
    name = output.one_line(texts.path(file.collection, file.path))
    line = Text.assemble((f"{file.state:<9}", _STYLES[file.state]), f" {name}")
    if file.state is FileState.INDEXED and file.passages:
        line.append(f"  {output.format_count(file.passages, 'passage')}", style="dim")
    if file.cut:
        line.append(f", {output.format_count(file.cut, 'long sentence')} cut in parts", style="dim")
    if sum(file.left_out.values()) > _MUCH * file.characters:
        kinds = (f"{output.format_count(count, 'character')} of {kind}" for kind, count in file.left_out.items())
        line.append(f", without {', '.join(kinds)}", style="dim")
    if file.moved_from:
        line.append(f"  before: {output.one_line(file.moved_from)}", style="dim")
    if file.reason:
        line.append(f": {output.one_line(file.reason)}")
    return line
