"""`quoth doctor`: what is wrong, and which command repairs it."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
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
"""A message names so many files."""
_PATIENCE_S = 5
_MAX_HEALTH = 4096
"""Bytes."""
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask who listens everywhere
_PRIVACY_OFF = "Privacy mode is off: in groups, Telegram hands the bot every message."
_PRIVACY_ON = (
    "Privacy mode is on: in groups, the bot gets commands and replies to it. A mention may not reach it; to change "
    "that, send /setprivacy to @BotFather, then remove the bot from the group and add it again."
)
_INLINE_ON = "Inline mode is on: people can quote in any chat."
_INLINE_OFF = "Inline mode is off: /setinline at @BotFather lets people quote in any chat."


class Severity(StrEnum):
    """How bad it is what a check found."""

    OK = "ok"
    INFO = "info"
    """Worth knowing."""
    WARNING = "warning"
    """Answers go on, but somebody should see to it."""
    ERROR = "error"
    """Something does not work."""


OK, INFO, WARNING, ERROR = Severity
_SIGNS = {OK: ("✓", "green"), INFO: ("·", "dim"), WARNING: ("!", "yellow"), ERROR: ("✗", "red")}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Holds the result of one check."""

    name: str
    """What was checked; it stays the same whatever the result."""
    severity: Severity
    message: str
    remediation: str = ""
    """The command that repairs it; empty where there is nothing to do."""


def doctor(
    *,
    running: Annotated[
        bool, typer.Option("--running", help="Ask the running bot or server instead whether it is well.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report in JSON.")] = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Find what is wrong, and name the command that repairs it.

    It checks settings, model, index, documents and, if there is a token, Telegram. It changes nothing, but keeps other
    users of the machine out of the data folder. Exit status: 1 if there is an error, else 0, also with warnings.
    """
    results = []
    for result in ask_running(documents, data) if running else examine(documents, data, output.say):
        results.append(result)
        if not as_json:
            output.console().print(_render(result))
    if as_json:
        output.print_json([asdict(result) for result in results])
    if any(result.severity is ERROR for result in results):
        raise typer.Exit(ExitCode.ERROR)


def _render(result: CheckResult) -> Text:
    sign, style = _SIGNS[result.severity]
    text = Text.assemble((f"{sign} ", style), output.one_line(result.message))
    if result.remediation:
        text.append("\n  → ", "dim").append(output.one_line(result.remediation), "bold")
    return text


def examine(documents: Path | None, data: Path | None, message: Callable[[str], None]) -> Iterator[CheckResult]:
    """Check everything, and give one result after another."""
    try:
        settings = load_settings(documents, data)
    except QuothError as error:
        yield CheckResult("settings", ERROR, str(error), "edit .env")
        return
    yield CheckResult("settings", OK, "The settings can be read.")
    env = Path(".env")
    if env.is_file() and env.stat().st_mode & 0o077 and any(name in env.read_text("utf-8") for name in _SECRETS):
        yield CheckResult(
            "secrets", WARNING, "Others who use this machine can read the token in .env.", "chmod 600 .env"
        )
    yield from _check_disk(settings.data)
    yield from _protect(settings)
    yield from _check_uploads(settings)
    yield from _catch("isolation", _check_containment(settings), "install Quoth again")
    file = settings.data / RECEIPTS_FILE
    restore = f"put {file} back from a backup, or mv {file}* elsewhere"
    receipts = list(_catch("receipts", _check_receipts(settings, restore), restore))
    yield from receipts
    if not any(result.severity is ERROR for result in receipts):  # without them, no index can be opened
        remediation = "correct QUOTH_MODEL, QUOTH_RERANKER or QUOTH_CACHE"
        yield from _catch("model", _check_index(settings, message), remediation)
    if settings.telegram_bot_token:
        yield from _check_telegram(settings)
    else:
        yield CheckResult("telegram", INFO, "There is no token, so only the terminal answers.")
    if settings.metrics_port:
        yield _check_process(settings, unheard=INFO)


def ask_running(documents: Path | None, data: Path | None) -> Iterator[CheckResult]:
    """Ask the running process alone, which takes no model and no time."""
    settings = load_settings(documents, data)
    if settings.metrics_port:
        yield _check_process(settings, unheard=ERROR)
        return
    remediation = "set it, such as to 9464, and start quoth bot or quoth serve again"
    yield CheckResult("process", ERROR, "No process can be asked, as QUOTH_METRICS_PORT is not set.", remediation)


def _check_process(settings: Settings, *, unheard: Severity) -> CheckResult:
    """Ask `/healthz`; `unheard` is how bad it is if nothing answers."""
    host, port = settings.metrics_listen, settings.metrics_port
    connection = HTTPConnection(_LOOPBACK.get(host, host), port, timeout=_PATIENCE_S)
    try:
        with closing(connection):
            connection.request("GET", "/healthz")
            health = json.loads(connection.getresponse().read(_MAX_HEALTH))
            is_ready, polling, last_sync, queue = (health[key] for key in ("ready", "polling", "last_sync", "queue"))
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        message = f"No bot or server answers at {host}:{port}."
        return CheckResult("process", unheard, message, "start quoth bot or quoth serve, or look into its log")
    if not is_ready:
        message = "The running process is not ready: it reads documents, or its database does not answer, or it hangs."
        return CheckResult("process", ERROR, message, "look into its log")
    if polling is False:
        message = "The running bot does not hear from Telegram."
        return CheckResult("process", ERROR, message, "check the network and TELEGRAM_API_URL, and look into its log")
    synced = f"the last sync was at {last_sync}" if last_sync else "it has not synced"
    return CheckResult("process", OK, f"The running process is well: {queue} updates wait, and {synced}.")


def _catch(
    name: str, results: Iterator[CheckResult], remediation: str, kind: type[QuothError] = QuothError
) -> Iterator[CheckResult]:
    """Turn an error of a check into one more result."""
    try:
        yield from results
    except kind as error:
        yield CheckResult(name, ERROR, str(error), remediation)


def _report_damages(name: str, subject: str, damages: list[str], remediation: str) -> CheckResult:
    if damages:
        return CheckResult(name, ERROR, f"{subject} damaged: {damages[0]}.", remediation)
    return CheckResult(name, OK, f"{subject} sound.")


def _check_disk(data: Path) -> Iterator[CheckResult]:
    existing = next(folder for folder in (data.absolute(), *data.absolute().parents) if folder.exists())
    free = shutil.disk_usage(existing).free >> 20
    if free < _MIN_FREE_MIB:
        yield CheckResult("disk", WARNING, f"The disk of {data} has only {free:,} MiB left.", "free some space")


def _protect(settings: Settings) -> Iterator[CheckResult]:
    """Keep other users out of the data folder, and say so if they were not."""
    changed, refused = protect(settings)
    for folder in {settings.data, settings.folder_of_uploads} & {*changed}:
        yield CheckResult("privacy", INFO, f"Other users of this machine could read {folder}: now they cannot.")
    if refused:
        remediation = f"sudo chmod -R go= {settings.data}"
        yield CheckResult("privacy", WARNING, f"Other users of this machine can read {refused[0]}.", remediation)


def _check_uploads(settings: Settings) -> Iterator[CheckResult]:
    from bot.telegram.documents.storage import measure_uploads  # noqa: PLC0415 - only bots have uploads

    used, most = measure_uploads(settings.folder_of_uploads) / MIB, settings.max_uploads_mib
    if used or settings.folder_of_uploads.is_dir():
        message = f"Files that people sent take {int(used):,} of {most:,} MiB."
        if used > _NEARLY_FULL * most:
            remediation = "delete documents with /documents in Telegram, or raise QUOTH_MAX_UPLOADS_MIB"
            yield CheckResult("uploads", WARNING, message, remediation)
        else:
            yield CheckResult("uploads", OK, message)


def _check_containment(settings: Settings) -> Iterator[CheckResult]:
    with closing(IsolatedReader(settings.limits)) as reader:
        left = reader.describe_containment().left
    freedoms_by_reason: dict[str, list[str]] = {}
    for freedom, reason in left.items():
        freedoms_by_reason.setdefault(reason, []).append(freedom)
    if not left:
        message = "Files are read by a process that reaches no other file, no network and no other program."
        yield CheckResult("isolation", OK, message)
    for reason, freedoms in freedoms_by_reason.items():
        message = f"The process that reads files is contained in part: it can {_join(freedoms)}, as {reason}."
        yield CheckResult("isolation", WARNING, message)


def _join(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _check_receipts(settings: Settings, remediation: str) -> Iterator[CheckResult]:
    if settings.database or (settings.data / RECEIPTS_FILE).exists():
        with closing(open_ledger(settings)) as ledger:
            yield _report_damages("receipts", "The receipts are", ledger.damages(), remediation)


def _check_index(settings: Settings, message: Callable[[str], None]) -> Iterator[CheckResult]:
    models = load_models(settings, message)
    yield CheckResult("model", OK, "The model can be loaded.")
    if unused := unused_model_folders(settings.cache):
        names = ", ".join(map(str, unused))
        leftovers = f"Other versions of Quoth made {names}. If none of them runs any more, delete that."
        yield CheckResult("cache", INFO, leftovers)
    data = settings.data
    if not settings.database and not (data / INDEX_FILE).exists():
        yield _say_nothing_is_indexed(f"There is no index in {data} yet.")
        return
    # Only the index is moved: nothing can rebuild what else lies in the folder.
    rebuild = f"mkdir {data}.damaged && mv {data}/{INDEX_FILE}* {data}.damaged && quoth index"
    yield from _catch("database", _check_database(settings, models, rebuild), rebuild)


def _say_nothing_is_indexed(message: str) -> CheckResult:
    """Name the next step of a new install, which is no problem."""
    return CheckResult("index", INFO, message, "quoth index" if DEFAULT_FOLDER.is_dir() else "quoth index FOLDER")


def _check_database(settings: Settings, models: tuple[Encoder, Reranker | None], rebuild: str) -> Iterator[CheckResult]:
    with closing(open_index(settings, models)) as index:
        database = _report_damages("database", "The database is", index.health.find_damages(), rebuild)
        yield database
        if database.severity is ERROR:
            return
        if not index.collections():
            yield _say_nothing_is_indexed("Nothing has been indexed yet.")
            return
        if not index.can_be_searched:
            message = "The index was made with another model or by another version of Quoth."
            yield CheckResult("index", ERROR, message, "quoth index")
            return
        yield from _catch("search", _check_search_files(index), "start Milvus, or correct .env", UnreachableError)
        yield from _check_documents(index)


def _check_search_files(index: Index) -> Iterator[CheckResult]:
    report = index.health.check_indexes()
    if report.summary:
        yield CheckResult("search", OK, report.summary)
    for damage in report.damages:
        yield CheckResult("search", WARNING, damage, "quoth index")
    if not report.damages:
        yield CheckResult("search", OK, "The files for searching show all that the database holds.")


def _check_documents(index: Index) -> Iterator[CheckResult]:
    folders = {collection.name: collection.folder for collection in index.collections()}
    for name, folder in folders.items():
        if not folder.is_dir():
            message = f"The folder {folder} of the collection {name} is missing."
            remediation = f"quoth index FOLDER --collection {name}, or quoth collections --remove {name}"
            yield CheckResult("documents", WARNING, message, remediation)
    for name, paths in index.health.list_differences().items():
        if paths:
            more = f" and {len(paths) - _MAX_NAMES:,} more" if len(paths) > _MAX_NAMES else ""
            names = ", ".join(paths[:_MAX_NAMES])
            message = f"New, changed or gone since, in {name}: {names}{more}."
            yield CheckResult("documents", WARNING, message, "quoth index")
        else:
            yield CheckResult("documents", OK, f"The index of {folders[name]} is up to date.")
    for failure in index.health.list_failures():
        message = f"{failure.path} could not be read: {failure.reason}"
        yield CheckResult("documents", WARNING, message, "quoth index, after that")


def _check_telegram(settings: Settings) -> Iterator[CheckResult]:
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
        remediation = "ask @BotFather for it: /mybots, API Token"
        yield CheckResult("telegram", ERROR, "Telegram refuses the token.", remediation)
    except TelegramError as error:
        remediation = "check the network and TELEGRAM_API_URL"
        yield CheckResult("telegram", ERROR, f"Telegram cannot be reached: {error}.", remediation)
    else:
        yield CheckResult("telegram", OK, f"Telegram knows the bot as @{me.username}.")
        yield CheckResult("telegram", INFO, _PRIVACY_OFF if me.can_read_all_group_messages else _PRIVACY_ON)
        yield CheckResult("telegram", INFO, _INLINE_ON if me.supports_inline_queries else _INLINE_OFF)
