"""Sitemaps, also hostile ones."""

from __future__ import annotations

import gzip

import pytest

from retrieval.errors import FetchError
from retrieval.sources.sitemap import list_pages

SITE = "https://example.org"
MAP = f"{SITE}/sitemap.xml"


def urlset(*paths):
    return f"<urlset xmlns='http://x'>{''.join(f'<url><loc> {SITE}{path} </loc></url>' for path in paths)}</urlset>"


def index(*addresses):
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{it}</loc></sitemap>' for it in addresses)}</sitemapindex>"


def pages_of(files, max_pages=10):
    return list_pages(MAP, lambda address: files[address].encode(), max_pages)


def test_pages_are_listed_in_their_order():
    assert pages_of({MAP: urlset("/b", "/a", "/b")}) == [f"{SITE}/b", f"{SITE}/a"]


def test_a_sitemap_of_sitemaps_is_followed():
    files = {MAP: index(f"{SITE}/1.xml", f"{SITE}/2.xml"), f"{SITE}/1.xml": urlset("/a"), f"{SITE}/2.xml": urlset("/b")}
    assert pages_of(files) == [f"{SITE}/a", f"{SITE}/b"]


def test_a_sitemap_that_names_itself_ends():
    assert pages_of({MAP: index(MAP)}) == []


def test_no_more_pages_are_listed_than_wanted():
    assert len(pages_of({MAP: urlset(*(f"/{number}" for number in range(100)))}, max_pages=7)) == 7


def test_a_sitemap_may_be_packed_or_plain_text():
    assert list_pages(MAP, lambda _: gzip.compress(urlset("/a").encode()), 10) == [f"{SITE}/a"]
    assert list_pages(MAP, lambda _: f"{SITE}/a\n\n{SITE}/b\n".encode(), 10) == [f"{SITE}/a", f"{SITE}/b"]


def test_pages_of_other_sites_are_left_out():
    other = "<urlset><url><loc>https://evil.example/</loc></url><url><loc>nonsense</loc></url></urlset>"
    assert pages_of({MAP: other}) == []


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><urlset><url><loc>&b;</loc></url></urlset>"


@pytest.mark.parametrize("text", ["<html><body>Not found", BOMB, "<urlset><url>"])
def test_what_is_no_sitemap_is_an_error(text):
    with pytest.raises(FetchError, match="This is no sitemap"):
        pages_of({MAP: text})


def test_a_packed_bomb_is_not_unpacked():
    with pytest.raises(FetchError, match="larger than 50 MiB"):
        list_pages(MAP, lambda _: gzip.compress(bytes(60 << 20), 1), 10)
