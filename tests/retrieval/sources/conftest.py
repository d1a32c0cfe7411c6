"""A site on this machine, and a fetcher that may connect to it and never waits."""

from __future__ import annotations

import ssl

import pytest
from support.site import Time, serving_site

from retrieval.sources.fetching.fetcher import Fetcher, FetchSettings


@pytest.fixture
def site():
    with serving_site() as site:
        yield site


@pytest.fixture
def time():
    return Time()


@pytest.fixture(scope="session")
def trusted():
    """The authorities of this machine, read once."""
    return ssl.create_default_context()


@pytest.fixture
def make_fetcher(time, trusted):
    made = []

    def make(**options):
        settings = {"allows_private": True, "max_mib": 1}
        settings |= {
            name: options.pop(name) for name in ("min_pause_s", "allows_private", "seconds") if name in options
        }
        options = {"now": time, "clock": time, "sleep": time.sleep, "context": trusted} | options
        made.append(Fetcher(FetchSettings(**settings), **options))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()


@pytest.fixture
def fetcher(make_fetcher):
    return make_fetcher()
