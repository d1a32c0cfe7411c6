"""Receipts of quotes from web pages: against what was fetched then, and against the page of today."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from support.doubles import ReaderHere, WordEncoder
from support.site import Time, send, serving_site

from retrieval import Index, QuoteStatus, Verifier, ask
from retrieval.sources.fetching.fetcher import Fetcher, FetchSettings
from retrieval.sources.web_sources import WebSources, fetch_record
from retrieval.storage.pages import WebSource

PAGE = "<title>Towers</title><p>The tower is 96 metres high.</p><p>It is old.</p>"


@pytest.fixture
def site():
    with serving_site() as site:
        site.pages["/a"] = PAGE
        yield site


@pytest.fixture
def world(tmp_path, site):
    """An index with a page that was quoted, and a fetcher."""
    time = Time()
    (tmp_path / "papers").mkdir()
    fetcher = Fetcher(FetchSettings(allows_private=True, min_pause_s=0), now=time, clock=time, sleep=time.sleep)
    with (
        closing(Index(tmp_path / "data", WordEncoder("tower"), reader=ReaderHere())) as index,
        closing(WebSources(tmp_path / "data", fetcher, now=time)) as sources,
    ):
        sources.add(WebSource("default", site.address("/a")))

        def refresh():
            list(sources.refresh())
            index.sync(tmp_path / "papers")

        def verify(*, online=False):
            fetch = (lambda address: fetch_record(fetcher, address)) if online else None
            with closing(Verifier(tmp_path / "data", index.receipts, ReaderHere(), fetch=fetch)) as verifier:
                (check,) = verifier.check_all(index.receipts.all)
            return check.quotes[0]

        refresh()
        ask(index, "How high is the tower?")
        yield index, sources, refresh, verify


def test_the_receipt_seals_address_day_and_snapshot(world, site):
    index, _, _, _ = world
    (receipt,) = index.receipts.all()
    (citation,) = receipt.citations
    assert (citation.span.path, citation.fetched_at) == (site.address("/a"), "2027-01-15T08:00:00+00:00")
    said = json.loads(receipt.statement.to_json())["citations"][0]
    assert said["fetched_at"] == citation.fetched_at
    assert said["span"]["document_sha256"] == index.documents()[0].sha256


def test_a_changed_page_leaves_the_quote_proved(world, site):
    _, sources, refresh, verify = world
    site.pages["/a"] = PAGE.replace("96", "97")
    refresh()
    sources.prune(lambda: {one.span.document_sha256 for it in world[0].receipts.all() for one in it.citations})
    assert verify().state is QuoteStatus.UNCHANGED


def test_online_the_page_of_today_is_compared(world, site):
    *_, verify = world
    check = verify(online=True)
    assert (check.state, check.same_file) == (QuoteStatus.UNCHANGED, False)
    assert check.now.url.startswith(f"{site.address('/a')}#:~:text=The%20tower")
    site.pages["/a"] = PAGE.replace("<p>The", "<p>News of today.</p><p>The")
    assert verify(online=True).state is QuoteStatus.MOVED
    site.pages["/a"] = PAGE.replace("96", "97")
    changed = verify(online=True)
    assert (changed.state, "97" in changed.now.text, "96" in changed.quoted) == (QuoteStatus.CHANGED, True, True)
    site.pages["/a"] = lambda it: send(it, b"", status=403)
    assert verify(online=True).state is QuoteStatus.UNCHECKED
    del site.pages["/a"]
    assert verify(online=True).state is QuoteStatus.GONE
    assert verify().state is QuoteStatus.UNCHANGED


def test_an_altered_snapshot_cannot_be_checked(world, tmp_path):
    *_, verify = world
    (snapshot,) = tmp_path.glob("data/pages/*/*.warc.gz")
    snapshot.write_bytes(b"something else")
    check = verify()
    assert (check.state, "was altered" in check.reason) == (QuoteStatus.UNCHECKED, True)


def test_without_its_snapshot_the_newest_one_is_compared(world, site):
    _, sources, refresh, verify = world
    site.pages["/a"] = PAGE.replace("96", "97")
    refresh()
    sources.prune(set)
    assert verify().state is QuoteStatus.CHANGED


def test_a_removed_page_is_gone_once_its_snapshot_is(world, site):
    _, sources, refresh, verify = world
    sources.remove("default", site.address("/a"))
    refresh()
    assert verify().state is QuoteStatus.UNCHANGED
    sources.prune(set)
    assert verify().state is QuoteStatus.GONE
