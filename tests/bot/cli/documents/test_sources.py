"""`quoth add` and `quoth sources`, with a site on this machine."""

from __future__ import annotations

import json
from functools import partial

import pytest
from support.doubles import ReaderHere
from support.site import serving_site

from retrieval import FetchSettings


@pytest.fixture
def site():
    with serving_site() as site:
        site.pages |= {"/": "<title>Tower</title><p>The tower is high.</p><a href=b>b</a>", "/b": "<p>The bell is old."}
        yield site


@pytest.fixture
def quoth(quoth_with_words, papers, monkeypatch):
    """The command, whose documents are two files, and which may fetch pages of this machine at once."""
    monkeypatch.setenv("QUOTH_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("QUOTH_DOCUMENTS", str(papers))
    for module in ("library", "receipts"):
        monkeypatch.setattr(f"bot.services.{module}.IsolatedReader", lambda _: ReaderHere())
    monkeypatch.setattr("bot.services.sources.FetchSettings", partial(FetchSettings, min_pause_s=0))
    return quoth_with_words


def test_a_page_is_added_quoted_and_removed(quoth, site):
    status, out, _ = quoth("add", site.address())
    assert (status, out) == (0, f"fetched   {site.address()}\n1 fetched\n")
    _, out, _ = quoth("ask", "Which tower?")
    assert f"— Tower · {site.address()}#:~:text=The%20tower%20is%20high, fetched 20" in out
    _, out, _ = quoth("sources")
    assert out.startswith(f"{site.address()}  1 ok, checked 20")
    status, _, said = quoth("sources", "--remove", site.address())
    assert (status, said) == (0, "Removed, with 1 document.\n")
    assert quoth("sources")[1] == "There are no web pages yet: quoth add URL\n"


def test_pages_below_are_added_and_refreshed(quoth, site):
    quoth("add", site.address(), "--below", "5")
    assert quoth("sources")[1].startswith(f"{site.address()}  below, at most 5  2 ok, checked 20")
    site.pages["/b"] = "<p>The bell is new."
    _, out, _ = quoth("sources", "--refresh")
    assert out.splitlines() == [
        f"unchanged {site.address()}",
        f"fetched   {site.address('/b')}",
        "1 unchanged, 1 fetched",
    ]


def test_a_page_that_cannot_be_fetched_is_status_1(quoth, site):
    status, out, _ = quoth("add", site.address("/missing"))
    assert status == 1
    assert out.startswith(f"gone      {site.address('/missing')}: The site says that there is no such page (HTTP 404).")


def test_a_page_that_cannot_be_read_is_status_1(quoth, site):
    site.pages["/empty"] = " "
    status, out, _ = quoth("add", site.address("/empty"))
    assert (status, out.splitlines()[-1]) == (1, "1 fetched, 1 failed")
    assert f"failed    {site.address('/empty')}: The file holds no text." in out


def test_what_is_no_address_is_refused(quoth):
    status, _, said = quoth("add", "nonsense")
    assert (status, said.startswith("Error: Only pages of the web can be read")) == (1, True)


def test_private_machines_are_refused(quoth, site, monkeypatch):
    monkeypatch.delenv("QUOTH_ALLOW_PRIVATE_ADDRESSES")
    status, out, _ = quoth("add", site.address())
    assert (status, out.startswith("refused")) == (1, True)
    assert site.requests == []


def test_index_fetches_what_sources_txt_names(quoth, papers, site):
    (papers / "sources.txt").write_text(f"{site.address()}\n")
    status, out, said = quoth("index")
    assert (status, said) == (0, "Fetching web pages.\n")
    assert f"indexed   {site.address()}" in out
    assert quoth("index") == (0, "3 unchanged\n", "")


def test_verify_compares_with_the_page_of_today(quoth, site):
    quoth("add", site.address())
    quoth("ask", "Which tower?")
    site.pages["/"] = "<title>Tower</title><p>The tower is low.</p><a href=b>b</a>"
    state = json.loads(quoth("verify", "--json")[1].splitlines()[0])
    today = json.loads(quoth("verify", "--online", "--json")[1].splitlines()[0])
    assert (state["state"], today["state"]) == ("unchanged", "changed")
    assert today["quotes"][0]["fetched_at"] == state["quotes"][0]["fetched_at"]


def test_sitemap_and_below_exclude_each_other(quoth, site):
    assert quoth("add", site.address(), "--sitemap", "--below", "3")[0] == 2
