"""Settings: from the command line, else the environment, else `.env`; read once and never changed."""

from __future__ import annotations

import math
import os
import re
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasGenerator,
    AnyHttpUrl,
    BeforeValidator,
    Field,
    SecretStr,
    UrlConstraints,
    ValidationError,
    ValidationInfo,
)
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict

from retrieval import DEFAULT_LIMITS, QUESTION_DAYS, Limits, MilvusAddress, SettingsError

UPLOADS = ".uploads"
"""Hidden: the data folder may lie in the owner's folder of documents, whose readers must not see a group's."""
_SIMILAR = 0.8
"""A name that is so much like that of a setting was meant for it, by the ratio of difflib."""


def _check_plain(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.query is not None or url.fragment is not None or url.username is not None:
        raise ValueError("the address may have a path, but no ?, # or @")
    return url


def _split(ids: str | frozenset[int]) -> list[str] | frozenset[int]:
    return ids.replace(",", " ").split() if isinstance(ids, str) else ids


def _check_secret(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret.get_secret_value()):
        raise ValueError("take 16 to 256 letters from A to Z, digits, _ and -")
    return secret


def _parse_tokens(text: str) -> dict[str, tuple[str, ...]]:
    """Map each token to the names of the collections behind it."""
    tokens: dict[str, tuple[str, ...]] = {}
    for entry in filter(None, map(str.strip, text.split(";"))):
        token, _, names = entry.partition(":")
        token = _check_secret(SecretStr(token.strip())).get_secret_value()
        if token in tokens:
            raise ValueError("each token may stand there once")
        tokens[token] = tuple(filter(None, map(str.strip, names.split(","))))
    return tokens


def _check_tokens(tokens: SecretStr) -> SecretStr:
    _parse_tokens(tokens.get_secret_value())
    return tokens


def _check_webhook(url: AnyHttpUrl, info: ValidationInfo) -> AnyHttpUrl:
    if not info.data.get("webhook_secret"):
        raise ValueError("a webhook needs a QUOTH_WEBHOOK_SECRET, as anybody could pretend to be Telegram")
    return url


def _check_database(url: SecretStr) -> SecretStr:
    # The address may hold a password, so no message repeats it.
    if not url.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("an address begins with postgresql://")
    return url


def _check_milvus(url: str) -> str:
    try:
        if url:
            MilvusAddress.of(url)
    except SettingsError as error:
        raise ValueError(str(error)) from None
    return url


def _check_tls(tls: str) -> str:
    if tls not in {"", "yes"} and not Path(tls).is_file():
        raise ValueError("take yes, or a file with the certificate of who signed that of Milvus")
    return tls


# In .env no shell replaces the ~ of a home folder.
Folder = Annotated[Path, BeforeValidator(os.path.expanduser)]
FolderOrId = Annotated[str, BeforeValidator(os.path.expanduser)]
# pydantic-settings itself would read a list as JSON.
Ids = Annotated[frozenset[int], NoDecode, BeforeValidator(_split)]
HttpUrl = Annotated[AnyHttpUrl, UrlConstraints(allowed_schemes=["http", "https"])]
PublicUrl = Annotated[HttpUrl, AfterValidator(_check_plain)]
WebhookUrl = Annotated[AnyHttpUrl, UrlConstraints(allowed_schemes=["https"]), AfterValidator(_check_webhook)]
WebhookSecret = Annotated[SecretStr, AfterValidator(_check_secret)]
Tokens = Annotated[SecretStr, AfterValidator(_check_tokens)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_check_database)]
MilvusUrl = Annotated[str, AfterValidator(_check_milvus)]
Tls = Annotated[str, BeforeValidator(os.path.expanduser), AfterValidator(_check_tls)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """Holds every setting of Quoth; `.env.example` explains them. A variable's name is the field's with QUOTH_."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        alias_generator=AliasGenerator(validation_alias=lambda name: f"QUOTH_{name.upper()}"),
    )

    documents: Folder | None = None
    data: Folder = Path(".quoth")
    uploads: Folder | None = None
    database: DatabaseUrl | None = None
    index: MilvusUrl = ""
    milvus_token: SecretStr = SecretStr("")
    milvus_tls: Tls = ""
    milvus_database: str = ""
    model: FolderOrId = ""
    reranker: FolderOrId = ""
    cache: Folder | None = None
    max_file_mib: int = Field(DEFAULT_LIMITS.file_mib, gt=0)
    max_unpacked_mib: int = Field(DEFAULT_LIMITS.unpacked_mib, gt=0)
    max_characters: int = Field(DEFAULT_LIMITS.characters, gt=0)
    max_pages: int = Field(DEFAULT_LIMITS.pages, gt=0)
    max_rows: int = Field(DEFAULT_LIMITS.rows, gt=0)
    max_seconds: int = Field(DEFAULT_LIMITS.seconds, gt=0)
    max_memory_mib: int = Field(DEFAULT_LIMITS.memory_mib, gt=0)
    max_scan_pages: int = Field(DEFAULT_LIMITS.scan_pages, gt=0)
    max_scan_seconds: int = Field(DEFAULT_LIMITS.scan_seconds, gt=0)
    max_scan_memory_mib: int = Field(DEFAULT_LIMITS.scan_memory_mib, gt=0)
    max_uploads_mib: int = Field(5_120, gt=0)
    refresh: Literal["never", "hourly", "daily", "weekly"] = "daily"
    keep_gone_days: int = Field(30, ge=0)
    allow_private_addresses: bool = False
    telegram_bot_token: SecretStr | None = Field(None, validation_alias="TELEGRAM_BOT_TOKEN")
    telegram_api_url: HttpUrl = Field(AnyHttpUrl("https://api.telegram.org"), validation_alias="TELEGRAM_API_URL")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    metrics_listen: str = "127.0.0.1"
    metrics_port: Port | None = None
    owners: Ids = frozenset()
    allowed: Ids = frozenset()
    public: bool = False
    webhook_secret: WebhookSecret | None = None
    webhook_url: WebhookUrl | None = None
    webhook_listen: str = "127.0.0.1"
    webhook_port: Port = 8443
    public_url: PublicUrl | None = None
    serve_listen: str = "127.0.0.1"
    serve_port: Port = 8080
    api_token: Tokens = SecretStr("")
    question_days: int = Field(QUESTION_DAYS, ge=0)
    secret_file: Folder | None = None
    questions_a_minute: int = Field(20, ge=1)

    @property
    def folder_of_uploads(self) -> Path:
        """The folder of the files that people send to the bot."""
        return self.uploads or self.data / UPLOADS

    @property
    def refresh_s(self) -> float:
        """How many seconds after its last check a web page is looked for again."""
        return {"never": math.inf, "hourly": 3_600, "daily": 86_400, "weekly": 604_800}[self.refresh]

    @property
    def database_url(self) -> str:
        """The URL of PostgreSQL; empty for SQLite files in the data folder."""
        return self.database.get_secret_value() if self.database else ""

    @property
    def api_tokens(self) -> dict[str, tuple[str, ...]]:
        """The tokens of people and programs that may ask, with the names of the collections that each sees."""
        return _parse_tokens(self.api_token.get_secret_value())

    @property
    def limits(self) -> Limits:
        """The most that one file may take."""
        return Limits(**{limit.name: getattr(self, f"max_{limit.name}") for limit in fields(Limits)})


def load_settings(documents: Path | None = None, data: Path | None = None) -> Settings:
    """Read the settings; the two folders come from the command line.

    Raises:
        SettingsError: a setting has a value it cannot have, or `.env` cannot be read.
    """
    options: dict[str, Any] = {"QUOTH_DOCUMENTS": documents, "QUOTH_DATA": data}
    try:
        return Settings(**{name: folder for name, folder in options.items() if folder is not None})
    except ValidationError as error:
        wrong = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors(include_input=False))
        message = f"A setting is wrong: {wrong}. Correct it in the environment or in .env."
    except UnicodeDecodeError as error:
        message = f"Cannot read .env: {error}. Save it as UTF-8."
    raise SettingsError(message)


def explain_unknown_names() -> list[str]:
    """Explain each name in the environment and in `.env` that is no setting, but looks as if it should be one.

    Others use these places, too. So only names that begin with QUOTH_ count, and in `.env` misspelled ones.
    """
    known = [str(field.validation_alias) for field in Settings.model_fields.values()]
    try:
        in_file = [name.upper() for name in DotEnvSettingsSource(Settings).env_vars]
    except (OSError, UnicodeDecodeError):
        in_file = []  # `load_settings` says why
    explained = []
    for place, names in (("in .env", in_file), ("in the environment", list(os.environ))):
        for name in (name for name in names if name.upper() not in known):
            similar = get_close_matches(name, known, n=1, cutoff=_SIMILAR)
            if name.startswith("QUOTH_") or (similar and names is in_file):
                remedy = f"Did you mean {similar[0]}?" if similar else "quoth --help names all settings."
                explained.append(f"There is no setting {name}, which stands {place}. {remedy}")
    return explained
