"""Settings: the environment, then `.env`, then the defaults; read once and never changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, UrlConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from retrieval.errors import SettingsError

HttpUrl = Annotated[AnyHttpUrl, UrlConstraints(allowed_schemes=["http", "https"])]


class Settings(BaseSettings):
    """Every setting of Quoth; `.env.example` explains each to the person who sets it."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    documents: Path = Field(Path("seeds"), validation_alias="QUOTH_DOCUMENTS")
    data: Path = Field(Path(".quoth"), validation_alias="QUOTH_DATA")
    model: str = Field("", validation_alias="QUOTH_MODEL")
    telegram_bot_token: SecretStr | None = Field(None, validation_alias="TELEGRAM_BOT_TOKEN")
    telegram_api_url: HttpUrl = Field(
        AnyHttpUrl("https://api.telegram.org"), validation_alias="TELEGRAM_API_URL"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", validation_alias="QUOTH_LOG_LEVEL"
    )


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: a setting has a value it cannot have.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors(include_input=False))
        message = f"A setting is wrong: {wrong}. Correct it in the environment or in .env."
        raise SettingsError(message) from None
