"""Settings: where they come from, which counts, and what is said of a wrong one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import explain_unknown_names, load_settings
from retrieval import SettingsError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder and an environment without settings."""
    for name in [name for name in os.environ if name.startswith(("QUOTH_", "TELEGRAM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_any_settings_the_defaults_count():
    settings = load_settings()
    assert settings.documents is None
    assert settings.data == Path(".quoth")
    assert settings.model == ""
    assert settings.cache is None
    assert settings.telegram_bot_token is None
    assert str(settings.telegram_api_url) == "https://api.telegram.org/"
    assert settings.log_level == "info"
    assert (settings.owners, settings.allowed, settings.public) == (frozenset(), frozenset(), False)
    assert settings.questions_a_minute == 20


def test_people_and_groups_are_numbers_with_commas_or_spaces_between(monkeypatch):
    monkeypatch.setenv("QUOTH_OWNERS", "1001")
    monkeypatch.setenv("QUOTH_ALLOWED", "1002, -1000000000001 1003,")
    settings = load_settings()
    assert settings.owners == {1001}
    assert settings.allowed == {1002, -1000000000001, 1003}


def test_a_person_who_is_no_number_is_refused(monkeypatch):
    monkeypatch.setenv("QUOTH_OWNERS", "@ann")
    with pytest.raises(SettingsError, match=r"^A setting is wrong: QUOTH_OWNERS: .*integer.*Correct it in"):
        load_settings()


def test_tokens_stand_between_semicolons_with_their_collections(monkeypatch):
    monkeypatch.setenv("QUOTH_API_TOKEN", "first-token-of-all; second-token-of-all : handbook, house rules;")
    settings = load_settings()
    assert settings.api_tokens == {"first-token-of-all": (), "second-token-of-all": ("handbook", "house rules")}
    assert "token-of-all" not in repr(settings)


@pytest.mark.parametrize(
    "tokens", ["too-short", "with a space inside it", "a-token-that-is-twice; a-token-that-is-twice:a"]
)
def test_a_wrong_token_is_refused_without_repeating_it(monkeypatch, tokens):
    monkeypatch.setenv("QUOTH_API_TOKEN", tokens)
    with pytest.raises(SettingsError, match=r"^A setting is wrong: QUOTH_API_TOKEN: ") as raised:
        load_settings()
    assert tokens not in str(raised.value)


def test_options_count_before_the_environment_and_that_before_env(folder, monkeypatch):
    (folder / ".env").write_text("QUOTH_DOCUMENTS=file\nQUOTH_DATA=file\nQUOTH_MODEL=file\n")
    monkeypatch.setenv("QUOTH_DOCUMENTS", "environment")
    monkeypatch.setenv("QUOTH_DATA", "environment")
    settings = load_settings(documents=Path("option"))
    assert (settings.documents, settings.data, settings.model) == (Path("option"), Path("environment"), "file")


def test_an_empty_value_is_as_good_as_none(folder, monkeypatch):
    (folder / ".env").write_text("QUOTH_CACHE=\nQUOTH_LOG_LEVEL=\n")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "")
    settings = load_settings()
    assert (settings.cache, settings.log_level, settings.telegram_bot_token) == (None, "info", None)


def test_the_file_may_name_the_home_folder_as_shells_do(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    (folder / ".env").write_text("QUOTH_DATA=~/index\nQUOTH_MODEL=~/model\nQUOTH_CACHE=~/cache\n")
    settings = load_settings(documents=Path("~/papers"))
    assert settings.documents == folder / "papers"
    assert settings.data == folder / "index"
    assert Path(settings.model) == folder / "model"
    assert settings.cache == folder / "cache"


@pytest.mark.parametrize("url", ["api.telegram.org", "ftp://api.telegram.org", "http://"])
def test_the_api_server_must_be_a_web_address(monkeypatch, url):
    monkeypatch.setenv("TELEGRAM_API_URL", url)
    with pytest.raises(SettingsError, match=r"^A setting is wrong: TELEGRAM_API_URL: .*Correct it in"):
        load_settings()


def test_all_wrong_settings_are_named_without_their_values(monkeypatch):
    monkeypatch.setenv("TELEGRAM_API_URL", "a-secret")
    monkeypatch.setenv("QUOTH_LOG_LEVEL", "a-secret")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "TELEGRAM_API_URL" in str(error.value)
    assert "QUOTH_LOG_LEVEL" in str(error.value)
    assert "a-secret" not in str(error.value)


def test_a_file_that_is_not_utf_8_is_named(folder):
    (folder / ".env").write_bytes("QUOTH_DOCUMENTS=Bücher".encode("latin-1"))
    with pytest.raises(SettingsError, match=r"^Cannot read \.env: .* Save it as UTF-8\.$"):
        load_settings()


def test_the_token_masks_itself(monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "42:a-secret")
    settings = load_settings()
    assert settings.telegram_bot_token.get_secret_value() == "42:a-secret"
    assert "a-secret" not in f"{settings} {settings!r} {settings.telegram_bot_token} {settings.model_dump_json()}"


def test_settings_do_not_change():
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().log_level = "debug"


SECRET = "a-secret-of-the-webhook"  # noqa: S105


def test_a_webhook_needs_a_secret(monkeypatch):
    monkeypatch.setenv("QUOTH_WEBHOOK_URL", "https://bot.example.org/quoth")
    with pytest.raises(SettingsError, match=r"QUOTH_WEBHOOK_URL: .* a webhook needs a QUOTH_WEBHOOK_SECRET"):
        load_settings()
    monkeypatch.setenv("QUOTH_WEBHOOK_SECRET", SECRET)
    settings = load_settings()
    assert str(settings.webhook_url) == "https://bot.example.org/quoth"
    assert settings.webhook_secret.get_secret_value() == SECRET
    assert SECRET not in f"{settings} {settings!r}"


@pytest.mark.parametrize("secret", ["too-short", "a secret with spaces", "x" * 257, "é" * 20])
def test_a_secret_that_telegram_does_not_take_is_refused(monkeypatch, secret):
    monkeypatch.setenv("QUOTH_WEBHOOK_SECRET", secret)
    with pytest.raises(SettingsError, match=r"QUOTH_WEBHOOK_SECRET: .* 16 to 256 letters") as error:
        load_settings()
    assert secret not in str(error.value)


def test_a_webhook_without_encryption_is_refused(monkeypatch):
    monkeypatch.setenv("QUOTH_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("QUOTH_WEBHOOK_URL", "http://bot.example.org/quoth")
    with pytest.raises(SettingsError, match=r"QUOTH_WEBHOOK_URL: .*https"):
        load_settings()


def test_the_address_of_receipts_may_have_a_path(monkeypatch):
    monkeypatch.setenv("QUOTH_PUBLIC_URL", "http://example.org/quoth")
    assert str(load_settings().public_url) == "http://example.org/quoth"


@pytest.mark.parametrize(
    "url",
    ["example.org", "ftp://example.org", "https://example.org/?a", "https://example.org/#a", "https://ann@example.org"],
)
def test_the_address_of_receipts_is_a_plain_web_address(monkeypatch, url):
    monkeypatch.setenv("QUOTH_PUBLIC_URL", url)
    with pytest.raises(SettingsError, match=r"^A setting is wrong: QUOTH_PUBLIC_URL: "):
        load_settings()


def test_the_vector_store_is_an_address_and_hides_its_token(monkeypatch, tmp_path):
    authority = tmp_path / "authority.pem"
    authority.touch()
    monkeypatch.setenv("QUOTH_INDEX", "milvus://db.example:19530")
    monkeypatch.setenv("QUOTH_MILVUS_TOKEN", "me:hidden")
    monkeypatch.setenv("QUOTH_MILVUS_TLS", str(authority))
    settings = load_settings()
    assert (settings.index, settings.milvus_tls) == ("milvus://db.example:19530", str(authority))
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("QUOTH_INDEX", "http://db.example", r"QUOTH_INDEX: .*Take milvus://host:19530"),
        ("QUOTH_INDEX", "milvus://me:hidden@db.example", r"QUOTH_INDEX: .*QUOTH_MILVUS_TOKEN"),
        ("QUOTH_MILVUS_TLS", "nowhere.pem", r"QUOTH_MILVUS_TLS: .*take yes, or a file"),
    ],
)
def test_an_impossible_vector_store_is_refused(monkeypatch, name, value, match):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=match) as caught:
        load_settings()
    assert "hidden" not in str(caught.value)


# --- names that are no settings


def test_known_names_and_those_of_others_are_not_explained(folder, monkeypatch):
    (folder / ".env").write_text("quoth_data=index\nTELEGRAM_BOT_TOKEN=\nCOMPOSE_PROJECT_NAME=quoth\n")
    monkeypatch.setenv("TELEGRAM_TOKEN", "of another program")
    assert explain_unknown_names() == []


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("QUOTH_DOCUMENT", "Did you mean QUOTH_DOCUMENTS?"),
        ("QOUTH_DATA", "Did you mean QUOTH_DATA?"),
        ("TELEGRAM_TOKEN", "Did you mean TELEGRAM_BOT_TOKEN?"),
        ("QUOTH_SPELLING", "quoth --help names all settings."),
    ],
)
def test_a_wrong_name_in_env_is_explained(folder, name, remedy):
    (folder / ".env").write_text(f"{name}=1\n")
    assert explain_unknown_names() == [f"There is no setting {name}, which stands in .env. {remedy}"]


def test_a_wrong_name_in_the_environment_is_explained(monkeypatch):
    monkeypatch.setenv("QUOTH_DATAS", "index")
    assert explain_unknown_names() == [
        "There is no setting QUOTH_DATAS, which stands in the environment. Did you mean QUOTH_DATA?"
    ]


def test_an_env_that_cannot_be_read_is_left_to_who_reads_it(folder):
    (folder / ".env").write_bytes(b"QUOTH_DATA=\xff\n")
    assert explain_unknown_names() == []
