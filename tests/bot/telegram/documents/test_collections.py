"""/collections: who sees a named collection."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from support.doubles import ReaderHere, WordEncoder
from support.running_bot import RunningBot

from bot.services import library as library_module
from bot.services.library import open_library
from bot.settings import Settings

NOTHING = "The documents do not seem to answer this."


@pytest.fixture
def olga(telegram):
    """The owner."""
    return telegram.person("Olga")


@pytest.fixture
def ann(telegram):
    return telegram.person("Ann")


@pytest.fixture
def group(telegram):
    return telegram.group("Readers")


@pytest.fixture
def bot(telegram, olga, tmp_path, monkeypatch):
    """Of a public bot with a named collection, board."""
    monkeypatch.setattr(library_module, "load_models", lambda *_: (WordEncoder("cat", "snow"), None))
    monkeypatch.setattr(library_module, "IsolatedReader", lambda _: ReaderHere())
    for name, text in {"documents": "Snow is cold.", "board": "The cat is dear."}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(text)
    settings = Settings(
        QUOTH_DOCUMENTS=tmp_path / "documents",
        QUOTH_DATA=tmp_path / "data",
        TELEGRAM_BOT_TOKEN=SecretStr("unused"),
        _env_file=None,
    )
    library = open_library(settings, lambda _: None)
    library.sync()
    library.sync_collection("board", tmp_path / "board")
    running = RunningBot(telegram, library, settings.data, owners=frozenset({olga.user["id"]}), public=True)
    yield running
    running.stop()
    running.wait()
    library.close()


def asks(person, question, to=None):
    person.writes(f"/ask {question}", to=to)
    return (to or person.chat).reads()


def test_a_named_collection_is_the_owners_alone_at_first(olga, ann, group, bot):
    assert asks(olga, "cat").marked("bold") == ["The cat is dear."]
    assert asks(ann, "cat").text == NOTHING
    assert asks(ann, "cat", to=group).text == NOTHING


def test_an_owner_shows_it_to_a_group_and_hides_it_again(olga, ann, group, bot):
    olga.writes("/collections", to=group)
    message = group.reads()
    assert message.text == "Named collections. Tap one to show it to this group, or to hide it again:"
    for label, is_quoted in (("☐ board", True), ("☑ board", False)):
        (button,) = message.buttons
        assert button.text == label
        olga.presses(button).reads()
        assert group.reads_edited() is message
        assert bool(asks(ann, "cat", to=group).marked("bold")) is is_quoted
        assert asks(ann, "cat").text == NOTHING


def test_an_owner_shows_it_to_everybody_in_private(olga, ann, group, bot):
    olga.writes("/collections")
    message = olga.reads()
    assert message.text.startswith("Named collections. Tap one to show it to everybody who may ask")
    olga.presses(message.buttons[0]).reads()
    olga.reads_edited()
    assert asks(ann, "cat").marked("bold") == ["The cat is dear."]
    assert asks(ann, "cat", to=group).marked("bold") == ["The cat is dear."]
    assert ann.types("cat").reads().results[0].description == "The cat is dear."


def test_nobody_else_decides_that(telegram, olga, ann, group, bot):
    ann.writes("/collections", to=group)
    assert group.reads().text == "Only owners of the bot can do that."
    olga.writes("/collections", to=group)
    message = group.reads()
    assert ann.presses(message.buttons[0]).reads() == "Only owners of the bot can do that."
    assert asks(ann, "cat", to=group).text == NOTHING


def test_a_group_keeps_it_when_it_gets_another_id(olga, ann, group, bot):
    olga.writes("/collections", to=group)
    olga.presses(group.reads().buttons[0]).reads()
    group.reads_edited()
    supergroup = ann.upgrades(group)
    assert asks(ann, "cat", to=supergroup).marked("bold") == ["The cat is dear."]
