"""Settings: from the command line, else the environment, else `.env`; read once and never changed."""

from __future__ import annotations

import os.path
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BeforeValidator,
    Field,
    SecretStr,
    UrlConstraints,
    ValidationError,
    ValidationInfo,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from retrieval import DEFAULT_LIMITS, QUESTION_DAYS, MilvusAddress, SettingsError

UPLOADS = ".uploads"
"""Hidden: the data folder may lie in the owner's folder of documents, whose readers must not see a group's."""

HttpUrl = Annotated[AnyHttpUrl, UrlConstraints(allowed_schemes=["http", "https"])]


def _plain(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.query is not None or url.fragment is not None or url.username is not None:
        raise ValueError("the address may have a path, but no ?, # or @")
    return url


PublicUrl = Annotated[HttpUrl, AfterValidator(_plain)]
# In .env no shell replaces the ~ of a home folder.
Folder = Annotated[Path, BeforeValidator(os.path.expanduser)]
FolderOrId = Annotated[str, BeforeValidator(os.path.expanduser)]


def _split(ids: str | frozenset[int]) -> list[str] | frozenset[int]:
    return ids.replace(",", " ").split() if isinstance(ids, str) else ids


# pydantic-settings itself would read a list as JSON.
Ids = Annotated[frozenset[int], NoDecode, BeforeValidator(_split)]


def _checked_secret(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret.get_secret_value()):
        raise ValueError("take 16 to 256 letters from A to Z, digits, _ and -")
    return secret


def _with_secret(url: AnyHttpUrl, info: ValidationInfo) -> AnyHttpUrl:
    if not info.data.get("webhook_secret"):
        raise ValueError("a webhook needs a QUOTH_WEBHOOK_SECRET, as anybody could pretend to be Telegram")
    return url


WebhookSecret = Annotated[SecretStr, AfterValidator(_checked_secret)]
HttpsUrl = Annotated[AnyHttpUrl, UrlConstraints(allowed_schemes=["https"]), AfterValidator(_with_secret)]


def _checked_database(url: SecretStr) -> SecretStr:
    # A password may stand in it, so that it is nowhere repeated.
    if not url.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("an address begins with postgresql://")
    return url


DatabaseUrl = Annotated[SecretStr, AfterValidator(_checked_database)]


def _engine(url: str) -> str:
    try:
        if url:
            MilvusAddress.of(url)
    except SettingsError as error:
        raise ValueError(str(error)) from None
    return url


def _authority(tls: str) -> str:
    if tls not in {"", "yes"} and not Path(tls).is_file():
        raise ValueError("take yes, or a file with the certificate of who signed that of Milvus")
    return tls


EngineUrl = Annotated[str, AfterValidator(_engine)]
Authority = Annotated[str, BeforeValidator(os.path.expanduser), AfterValidator(_authority)]


class Settings(BaseSettings):
    """Every setting of Quoth; `.env.example` explains each to the person who sets it."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    documents: Folder | None = Field(None, validation_alias="QUOTH_DOCUMENTS")
    data: Folder = Field(Path(".quoth"), validation_alias="QUOTH_DATA")
    uploads: Folder | None = Field(None, validation_alias="QUOTH_UPLOADS")
    database: DatabaseUrl | None = Field(None, validation_alias="QUOTH_DATABASE")
    index: EngineUrl = Field("", validation_alias="QUOTH_INDEX")
    milvus_token: SecretStr = Field(SecretStr(""), validation_alias="QUOTH_MILVUS_TOKEN")
    milvus_tls: Authority = Field("", validation_alias="QUOTH_MILVUS_TLS")
    milvus_database: str = Field("", validation_alias="QUOTH_MILVUS_DATABASE")
    model: FolderOrId = Field("", validation_alias="QUOTH_MODEL")
    reranker: FolderOrId = Field("", validation_alias="QUOTH_RERANKER")
    cache: Folder | None = Field(None, validation_alias="QUOTH_CACHE")
    max_file_mib: int = Field(DEFAULT_LIMITS.file_mib, gt=0, validation_alias="QUOTH_MAX_FILE_MIB")
    max_unpacked_mib: int = Field(DEFAULT_LIMITS.unpacked_mib, gt=0, validation_alias="QUOTH_MAX_UNPACKED_MIB")
    max_characters: int = Field(DEFAULT_LIMITS.characters, gt=0, validation_alias="QUOTH_MAX_CHARACTERS")
    max_pages: int = Field(DEFAULT_LIMITS.pages, gt=0, validation_alias="QUOTH_MAX_PAGES")
    max_rows: int = Field(DEFAULT_LIMITS.rows, gt=0, validation_alias="QUOTH_MAX_ROWS")
    max_seconds: int = Field(DEFAULT_LIMITS.seconds, gt=0, validation_alias="QUOTH_MAX_SECONDS")
    max_memory_mib: int = Field(DEFAULT_LIMITS.memory_mib, gt=0, validation_alias="QUOTH_MAX_MEMORY_MIB")
    telegram_bot_token: SecretStr | None = Field(None, validation_alias="TELEGRAM_BOT_TOKEN")
    telegram_api_url: HttpUrl = Field(AnyHttpUrl("https://api.telegram.org"), validation_alias="TELEGRAM_API_URL")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", validation_alias="QUOTH_LOG_LEVEL")
    owners: Ids = Field(frozenset(), validation_alias="QUOTH_OWNERS")
    allowed: Ids = Field(frozenset(), validation_alias="QUOTH_ALLOWED")
    public: bool = Field(False, validation_alias="QUOTH_PUBLIC")  # noqa: FBT003
    webhook_secret: WebhookSecret | None = Field(None, validation_alias="QUOTH_WEBHOOK_SECRET")
    webhook_url: HttpsUrl | None = Field(None, validation_alias="QUOTH_WEBHOOK_URL")
    webhook_listen: str = Field("127.0.0.1", validation_alias="QUOTH_WEBHOOK_LISTEN")
    webhook_port: int = Field(8443, ge=1, le=65535, validation_alias="QUOTH_WEBHOOK_PORT")
    public_url: PublicUrl | None = Field(None, validation_alias="QUOTH_PUBLIC_URL")
    serve_listen: str = Field("127.0.0.1", validation_alias="QUOTH_SERVE_LISTEN")
    serve_port: int = Field(8080, ge=1, le=65535, validation_alias="QUOTH_SERVE_PORT")
    question_days: int = Field(QUESTION_DAYS, ge=0, validation_alias="QUOTH_QUESTION_DAYS")
    questions_a_minute: int = Field(20, ge=1, validation_alias="QUOTH_QUESTIONS_A_MINUTE")

    @property
    def folder_of_uploads(self) -> Path:
        """Where the files are that people send to the bot."""
        return self.uploads or self.data / UPLOADS

    @property
    def database_url(self) -> str:
        """Of PostgreSQL; empty for SQLite files in the data folder."""
        return self.database.get_secret_value() if self.database else ""


def load_settings(documents: Path | None = None, data: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        documents: from the command line.
        data: from the command line.

    Raises:
        SettingsError: a setting has a value it cannot have, or `.env` cannot be read.
    """
    options: dict[str, Any] = {"QUOTH_DOCUMENTS": documents, "QUOTH_DATA": data}
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors(include_input=False))
        message = f"A setting is wrong: {wrong}. Correct it in the environment or in .env."
        raise SettingsError(message) from None
    except UnicodeDecodeError as error:
        message = f"Cannot read .env: {error}. Save it as UTF-8."
        raise SettingsError(message) from None
