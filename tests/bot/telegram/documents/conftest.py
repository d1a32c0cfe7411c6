"""What the tests of documents in chat have in common."""

from __future__ import annotations

import pytest
from support.doubles import ReaderHere
from support.uploading import Bots

from bot.services import library as library_module
from bot.telegram.documents import reporter


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """No report says "Reading…", however slow the machine is."""
    monkeypatch.setattr(reporter, "PROGRESS_AFTER_S", (60.0,))


@pytest.fixture
def olga(telegram):
    """The owner."""
    return telegram.person("Olga")


@pytest.fixture
def bots(telegram, olga, tmp_path, monkeypatch):
    made = Bots(telegram, tmp_path, olga)
    monkeypatch.setattr(library_module, "load_models", lambda *_: (made.encoder, None))
    monkeypatch.setattr(library_module, "IsolatedReader", lambda _: ReaderHere())
    yield made
    made.stop()


@pytest.fixture
def bot(bots):
    bots.start()
    return bots


@pytest.fixture
def ann(telegram):
    return telegram.person("Ann")


@pytest.fixture
def group(telegram, ann):
    """A group that Ann administers."""
    made = telegram.group("Readers")
    made.administrators.append(ann)
    return made
