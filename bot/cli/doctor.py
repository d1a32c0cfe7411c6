"""`quoth doctor`: is all as it should be? If not, what is wrong, and which command mends it."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.services.library import DEFAULT_FOLDER, index_of, load_models
from bot.settings import load_settings
from retrieval import Ledger, QuothError, SettingsError, UnreachableError, unused_model_folders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from telegram import User

    from bot.settings import Settings
    from retrieval import Index

_MIN_FREE_MIB = 512
_SECRETS = ("TELEGRAM_BOT_TOKEN", "QUOTH_MILVUS_TOKEN")
_SHOWN = 3
"""Names of files in one finding."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found."""

    what: str
    remedy: str = ""
    """Which command mends it; empty if all is well."""


def examine(documents: Path | None, data: Path | None, message: Callable[[str], None]) -> Iterator[Finding]:
    """Look at everything, one thing after another."""
    try:
        settings = load_settings(documents, data)
    except SettingsError as error:
        yield Finding(str(error), "edit .env")
        return
    yield Finding("The settings can be read.")
    yield from _secrets()
    yield from _disk(settings.data)
    receipts = list(_receipts(settings))
    yield from receipts
    if not any(finding.remedy for finding in receipts):  # without them, there is no index either
        yield from _index(settings, message)
    if settings.telegram_bot_token:
        yield from _telegram(settings)
    else:
        yield Finding("There is no token, so only the terminal answers.")


def _secrets() -> Iterator[Finding]:
    env = Path(".env")
    if env.is_file() and env.stat().st_mode & 0o077 and any(name in env.read_text("utf-8") for name in _SECRETS):
        yield Finding("Others who use this machine can read the token in .env.", "chmod 600 .env")


def _disk(data: Path) -> Iterator[Finding]:
    there = next(folder for folder in (data.absolute(), *data.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free >> 20
    if free < _MIN_FREE_MIB:
        yield Finding(f"The disk of {data} has only {free:,} MiB left.", "free some space")


def _receipts(settings: Settings) -> Iterator[Finding]:
    file = settings.data / "receipts.db"
    if not settings.database and not file.exists():
        return
    remedy = f"put {file} back from a backup, or mv {file}* elsewhere"
    try:
        with closing(Ledger(settings.data, settings.question_days, settings.database_url)) as receipts:
            damages = receipts.damages()
    except QuothError as error:
        yield Finding(str(error), remedy)
        return
    if damages:
        yield Finding(f"The receipts are damaged: {damages[0]}.", remedy)
    else:
        yield Finding("The receipts are sound.")


def _index(settings: Settings, message: Callable[[str], None]) -> Iterator[Finding]:
    try:
        models = load_models(settings, message)
    except QuothError as error:
        yield Finding(str(error), "correct QUOTH_MODEL, QUOTH_RERANKER or QUOTH_CACHE")
        return
    yield Finding("The model can be loaded.")
    yield from _unused(settings)
    if not settings.database and not (settings.data / "quoth.db").exists():
        yield Finding(f"There is no index in {settings.data} yet.", "quoth index")
        return
    try:
        with closing(index_of(settings, models)) as index:
            yield from _database(settings, index)
    except QuothError as error:
        yield Finding(str(error), _anew(settings.data))


def _unused(settings: Settings) -> Iterator[Finding]:
    unused = unused_model_folders(settings.cache)
    if unused:
        names = ", ".join(map(str, unused))
        yield Finding(f"Other versions of Quoth made {names}. If none of them runs any more, delete that.")


def _database(settings: Settings, index: Index) -> Iterator[Finding]:
    damages = index.health.find_damages()
    if damages:
        yield Finding(f"The database is damaged: {damages[0]}.", _anew(settings.data))
        return
    yield Finding("The database is sound.")
    if not index.can_be_searched:
        yield Finding("The index was made with another model or by another version of Quoth.", "quoth index")
        return
    yield from _caches(index)
    yield from _documents(settings, index)


def _caches(index: Index) -> Iterator[Finding]:
    try:
        report = index.health.check_indexes()
    except UnreachableError as error:
        yield Finding(str(error), "start Milvus, or correct .env")
        return
    if report.summary:
        yield Finding(report.summary)
    for damage in report.damages:
        yield Finding(damage, "quoth index")
    if not report.damages:
        yield Finding("The files for searching show all that the database holds.")


def _anew(data: Path) -> str:
    """The index alone: what else lies in the folder cannot be made anew."""
    return f"mkdir {data}.damaged && mv {data}/quoth.db* {data}.damaged && quoth index"


def _documents(settings: Settings, index: Index) -> Iterator[Finding]:
    folders = {each.name: each.folder for each in index.collections()}
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
            yield Finding(f"New, changed or gone since, in {name}: {_names(paths)}.", "quoth index")
        else:
            yield Finding(f"The index of {folders[name]} is up to date.")
    for failure in index.health.list_failures():
        yield Finding(f"{failure.path} could not be read: {failure.reason}", "quoth index, after that")
    if settings.documents is None and not folders and not DEFAULT_FOLDER.is_dir():
        yield Finding(f"There is no folder {DEFAULT_FOLDER}.", "quoth index FOLDER")


def _names(paths: list[str]) -> str:
    shown = ", ".join(paths[:_SHOWN])
    return shown if len(paths) <= _SHOWN else f"{shown} and {len(paths) - _SHOWN:,} more"


def _telegram(settings: Settings) -> Iterator[Finding]:
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
            yield Finding("Privacy mode is on: in groups, the bot gets commands and replies to it only.")
        if me.supports_inline_queries:
            yield Finding("Inline mode is on: people can quote in any chat.")
        else:
            yield Finding("Inline mode is off: /setinline at @BotFather lets people quote in any chat.")
