"""Web pages that the bot and `quoth watch` refresh by themselves."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from threading import Event

import pytest
from support.doubles import ReaderHere, WordEncoder
from support.site import serving_site

from bot.services import sources as service
from bot.services.library import Library
from bot.settings import Settings
from retrieval import Fetcher, FetchSettings, Index, WebSource, WebSources

DAY_S = 24 * 60 * 60


@pytest.fixture
def site():
    with serving_site() as site:
        site.pages["/"] = "<p>The tower is high.</p>"
        yield site


@pytest.fixture
def world(tmp_path, site):
    """A library with a page, its sources, and what refreshes them every day."""
    (tmp_path / "papers").mkdir()
    settings = Settings(_env_file=None, QUOTH_DATA=tmp_path / "data", QUOTH_DOCUMENTS=tmp_path / "papers")
    index = Index(tmp_path / "data", WordEncoder("tower"), reader=ReaderHere())
    fetcher = Fetcher(FetchSettings(allows_private=True, min_pause_s=0), sleep=lambda _: None)
    with closing(Library(index, settings.documents)) as library, closing(WebSources(settings.data, fetcher)) as sources:
        sources.add(WebSource("default", site.address()))
        yield library, sources, service.PageRefresher(sources, library, settings)


def test_a_waiting_page_is_fetched_and_indexed(world, site, log):
    library, _, refresher = world
    refresher.refresh_due(Event())
    assert [document.path for document in library.index.documents()] == [site.address()]
    assert "Web pages: 1 fetched." in log.text


def test_a_page_is_asked_for_once_a_day(world, site):
    _, sources, refresher = world
    refresher.refresh_due(Event())
    refresher.refresh_due(Event())
    assert site.requests.count("/") == 1
    page = sources.all()[0].pages[0]
    sources._store.pages.save_page(replace(page, checked_at=time.time() - 2 * DAY_S))  # as after a long sleep
    refresher.refresh_due(Event())
    assert site.requests.count("/") == 2


def test_what_cannot_be_fetched_is_logged(world, site, log):
    _, _, refresher = world
    del site.pages["/"]
    refresher.refresh_due(Event())
    assert f"Cannot fetch {site.address()}: The site says that there is no such page (HTTP 404)." in log.text


def test_it_stops_when_it_is_told_to(world, site):
    _, sources, refresher = world
    site.pages |= {f"/{number}": "<p>A" for number in range(5)}
    for number in range(5):
        sources.add(WebSource("default", site.address(f"/{number}")))
    stop = Event()
    stop.set()
    refresher.refresh_due(stop)
    assert len([path for path in site.requests if path != "/robots.txt"]) == 1
