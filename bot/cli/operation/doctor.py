"""`quoth doctor`: what is wrong, and which command repairs it."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from bot.cli import output
from bot.cli.exit_codes import ExitCode
from bot.cli.options import Data, Documents
from bot.services.library import DEFAULT_FOLDER, load_models, open_index
from bot.services.privacy import protect
from bot.services.receipts import open_ledger
from bot.settings import load_settings
from retrieval import INDEX_FILE, MIB, RECEIPTS_FILE, IsolatedReader, QuothError, UnreachableError, unused_model_folders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from telegram import User

    from bot.settings import Settings
    from retrieval import Encoder, Index, Reranker

_MIN_FREE_MIB = 512
_SECRETS = ("TELEGRAM_BOT_TOKEN", "QUOTH_MILVUS_TOKEN")
_NEARLY_FULL = 0.9
_MAX_NAMES = 3
"""A finding names so many files."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Holds the result of one check."""

    what: str
    remedy: str = ""
    """The command that repairs it; empty if all is well."""


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Report in JSON.")] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Find what is wrong, and name the command that repairs it.

    It checks settings, model, index, documents and, if there is a token, Telegram. It changes nothing, but keeps other
    users of the machine out of the data folder. Exit status: 0 if all is well, else 1.
    """
    findings = []
    for finding in examine(documents, data, output.say):
        findings.append(finding)
        if not as_json:
            output.console().print(_render(finding))
    if as_json:
        output.print_json([asdict(finding) for finding in findings])
    if any(finding.remedy for finding in findings):
        raise typer.Exit(ExitCode.ERROR)


def _render(finding: Finding) -> Text:
    what, remedy = output.one_line(finding.what), output.one_line(finding.remedy)
    if not remedy:
        return Text.assemble(("✓ ", "green"), what)
    return Text.assemble(("✗ ", "red"), what, ("\n  → ", "dim"), (remedy, "bold"))


def examine(documents: Path | None, data: Path | None, message: Callable[[str], None]) -> Iterator[Finding]:
    """Check everything, and give one finding after another."""
    try:
        settings = load_settings(documents, data)
    except QuothError as error:
        yield Finding(str(error), "edit .env")
        return
    yield Finding("The settings can be read.")
    env = Path(".env")
    if env.is_file() and env.stat().st_mode & 0o077 and any(name in env.read_text("utf-8") for name in _SECRETS):
        yield Finding("Others who use this machine can read the token in .env.", "chmod 600 .env")
    yield from _check_disk(settings.data)
    yield from _protect(settings)
    yield from _check_uploads(settings)
    yield from _catch(_check_containment(settings), "install Quoth again")
    file = settings.data / RECEIPTS_FILE
    restore = f"put {file} back from a backup, or mv {file}* elsewhere"
    receipts = list(_catch(_check_receipts(settings, restore), restore))
    yield from receipts
    if not any(finding.remedy for finding in receipts):  # without them, no index can be opened
        yield from _catch(_check_index(settings, message), "correct QUOTH_MODEL, QUOTH_RERANKER or QUOTH_CACHE")
    if settings.telegram_bot_token:
        yield from _check_telegram(settings)
    else:
        yield Finding("There is no token, so only the terminal answers.")


def _catch(findings: Iterator[Finding], remedy: str, kind: type[QuothError] = QuothError) -> Iterator[Finding]:
    """Turn an error into one more finding."""
    try:
        yield from findings
    except kind as error:
        yield Finding(str(error), remedy)


def _report_damages(subject: str, damages: list[str], remedy: str) -> Finding:
    return Finding(f"{subject} damaged: {damages[0]}.", remedy) if damages else Finding(f"{subject} sound.")


def _check_disk(data: Path) -> Iterator[Finding]:
    existing = next(folder for folder in (data.absolute(), *data.absolute().parents) if folder.exists())
    free = shutil.disk_usage(existing).free >> 20
    if free < _MIN_FREE_MIB:
        yield Finding(f"The disk of {data} has only {free:,} MiB left.", "free some space")


def _protect(settings: Settings) -> Iterator[Finding]:
    """Keep other users out of the data folder, and say so if they were not."""
    changed, refused = protect(settings)
    for folder in {settings.data, settings.folder_of_uploads} & {*changed}:
        yield Finding(f"Other users of this machine could read {folder}: now they cannot.")
    if refused:
        yield Finding(f"Other users of this machine can read {refused[0]}.", f"sudo chmod -R go= {settings.data}")


def _check_uploads(settings: Settings) -> Iterator[Finding]:
    from bot.telegram.documents.storage import measure_uploads  # noqa: PLC0415 - only bots have uploads

    used, most = measure_uploads(settings.folder_of_uploads) / MIB, settings.max_uploads_mib
    if used or settings.folder_of_uploads.is_dir():
        is_nearly_full = used > _NEARLY_FULL * most
        remedy = (
            "delete documents with /documents in Telegram, or raise QUOTH_MAX_UPLOADS_MIB" if is_nearly_full else ""
        )
        yield Finding(f"Files that people sent take {int(used):,} of {most:,} MiB.", remedy)


def _check_containment(settings: Settings) -> Iterator[Finding]:
    with closing(IsolatedReader(settings.limits)) as reader:
        left = reader.describe_containment().left
    freedoms_by_reason: dict[str, list[str]] = {}
    for freedom, reason in left.items():
        freedoms_by_reason.setdefault(reason, []).append(freedom)
    if not left:
        yield Finding("Files are read by a process that reaches no other file, no network and no other program.")
    for reason, freedoms in freedoms_by_reason.items():
        yield Finding(f"The process that reads files is contained in part: it can {_join(freedoms)}, as {reason}.")


def _join(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _check_receipts(settings: Settings, remedy: str) -> Iterator[Finding]:
    if settings.database or (settings.data / RECEIPTS_FILE).exists():
        with closing(open_ledger(settings)) as ledger:
            yield _report_damages("The receipts are", ledger.damages(), remedy)


def _check_index(settings: Settings, message: Callable[[str], None]) -> Iterator[Finding]:
    models = load_models(settings, message)
    yield Finding("The model can be loaded.")
    if unused := unused_model_folders(settings.cache):
        names = ", ".join(map(str, unused))
        yield Finding(f"Other versions of Quoth made {names}. If none of them runs any more, delete that.")
    data = settings.data
    if not settings.database and not (data / INDEX_FILE).exists():
        yield Finding(f"There is no index in {data} yet.", "quoth index")
        return
    # Only the index is moved: nothing can rebuild what else lies in the folder.
    rebuild = f"mkdir {data}.damaged && mv {data}/{INDEX_FILE}* {data}.damaged && quoth index"
    yield from _catch(_check_database(settings, models, rebuild), rebuild)


def _check_database(settings: Settings, models: tuple[Encoder, Reranker | None], rebuild: str) -> Iterator[Finding]:
    with closing(open_index(settings, models)) as index:
        database = _report_damages("The database is", index.health.find_damages(), rebuild)
        yield database
        if database.remedy:
            return
        if not index.can_be_searched:
            yield Finding("The index was made with another model or by another version of Quoth.", "quoth index")
            return
        yield from _catch(_check_search_files(index), "start Milvus, or correct .env", UnreachableError)
        yield from _check_documents(settings, index)


def _check_search_files(index: Index) -> Iterator[Finding]:
    report = index.health.check_indexes()
    if report.summary:
        yield Finding(report.summary)
    for damage in report.damages:
        yield Finding(damage, "quoth index")
    if not report.damages:
        yield Finding("The files for searching show all that the database holds.")


def _check_documents(settings: Settings, index: Index) -> Iterator[Finding]:
    folders = {collection.name: collection.folder for collection in index.collections()}
    if not folders:
        yield Finding("Nothing has been indexed yet.", "quoth index")
    for name, folder in folders.items():
        if not folder.is_dir():
            yield Finding(
                f"The folder {folder} of the collection {name} is missing.",
                f"quoth index FOLDER --collection {name}, or quoth collections --remove {name}",
            )
    for name, paths in index.health.list_differences().items():
        if paths:
            more = f" and {len(paths) - _MAX_NAMES:,} more" if len(paths) > _MAX_NAMES else ""
            names = ", ".join(paths[:_MAX_NAMES])
            yield Finding(f"New, changed or gone since, in {name}: {names}{more}.", "quoth index")
        else:
            yield Finding(f"The index of {folders[name]} is up to date.")
    for failure in index.health.list_failures():
        yield Finding(f"{failure.path} could not be read: {failure.reason}", "quoth index, after that")
    if settings.documents is None and not folders and not DEFAULT_FOLDER.is_dir():
        yield Finding(f"There is no folder {DEFAULT_FOLDER}.", "quoth index FOLDER")


def _check_telegram(settings: Settings) -> Iterator[Finding]:
    from telegram import Bot  # noqa: PLC0415 - only those with a token need it
    from telegram.error import InvalidToken, TelegramError  # noqa: PLC0415

    from bot.telegram.app import bot_token  # noqa: PLC0415

    async def ask() -> User:
        url = str(settings.telegram_api_url).rstrip("/")
        async with Bot(bot_token(settings), base_url=f"{url}/bot") as bot:
            return bot.bot

    try:
        me = asyncio.run(ask())
    except InvalidToken:
        yield Finding("Telegram refuses the token.", "ask @BotFather for it: /mybots, API Token")
    except TelegramError as error:
        yield Finding(f"Telegram cannot be reached: {error}.", "check the network and TELEGRAM_API_URL")
    else:
        yield Finding(f"Telegram knows the bot as @{me.username}.")
        if me.can_read_all_group_messages:
            yield Finding("Privacy mode is off: in groups, Telegram hands the bot every message.")
        else:
            yield Finding(
                "Privacy mode is on: in groups, the bot gets commands and replies to it. A mention may not reach it; "
                "to change that, send /setprivacy to @BotFather, then remove the bot from the group and add it again."
            )
        if me.supports_inline_queries:
            yield Finding("Inline mode is on: people can quote in any chat.")
        else:
            yield Finding("Inline mode is off: /setinline at @BotFather lets people quote in any chat.")
