"""Web pages in Telegram: who may add documents sends a link and presses a button, and the page can be asked."""

from __future__ import annotations

import pytest
from support.site import redirect_to, send, serving_site
from support.uploading import asks

from bot.services import sources
from retrieval import Fetcher, FetchSettings

NO_LINKS = "I do not open links. Those who may add documents send me the file itself."
OLD = "This button does not work any more. Please ask again."
THIS, BELOW, NO = "This page", "And pages below it, at most 1,000", "No"


@pytest.fixture
def site():
    with serving_site() as site:
        site.pages["/"] = '<title>Pets</title><p>A cat sleeps all day.</p><p><a href="/whales">Whales</a></p>'
        site.pages["/whales"] = "<title>Sea</title><p>A whale sings at night.</p>"
        yield site


@pytest.fixture(autouse=True)
def fetcher(monkeypatch):
    """Pages of this machine are fetched, without a pause."""

    def open_fetcher(settings):
        private = settings.allow_private_addresses
        return Fetcher(FetchSettings(allows_private=private, max_mib=1, min_pause_s=0), sleep=lambda _: None)

    monkeypatch.setattr(sources, "open_fetcher", open_fetcher)


@pytest.fixture
def bot(bots):
    bots.start(allow_private_addresses=True)
    return bots


def offers(person, link, to=None):
    person.writes(link, to=to)
    return (to or person.chat).reads()


def presses(person, question, label, to=None):
    """Press a button, and give the message that it changes."""
    person.presses(question, label)
    return (to or person.chat).reads()
