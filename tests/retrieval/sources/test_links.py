"""Links of a page that lie below an address."""

from __future__ import annotations

import pytest

from retrieval.sources.links import is_below, list_below

ROOT = "https://example.org/docs/start"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://example.org/docs/start", True),
        ("https://example.org/docs/a/b?q=1", True),
        ("https://example.org/docs", False),
        ("https://example.org/docs-old/a", False),
        ("https://example.org/", False),
        ("http://example.org/docs/a", False),
        ("https://evil.example/docs/a", False),
        ("https://example.org:444/docs/a", False),
    ],
)
def test_below_is_the_same_folder_of_the_same_site(address, expected):
    assert is_below(ROOT, address) is expected


def test_links_are_listed_once_in_their_order():
    page = b"""<a href="b#part">1</a><a href='/docs/a'>2</a><a href=b>3</a><area href="c/d?q=1&amp;r=2">
               <a href="/other">4</a><a href="mailto:x@example.org">5</a><a href="http://[">6</a><a>7</a>"""
    assert list_below(ROOT, ROOT, page) == [f"https://example.org/docs/{path}" for path in ("b", "a", "c/d?q=1&r=2")]


def test_a_base_moves_relative_links():
    assert list_below(ROOT, ROOT, b'<base href="/docs/sub/"><a href="a">') == ["https://example.org/docs/sub/a"]


def test_links_that_are_not_to_be_followed_are_not():
    assert list_below(ROOT, ROOT, b'<a href="a" rel="external nofollow">a</a>') == []


def test_any_bytes_are_a_page():
    assert list_below(ROOT, ROOT, b"\xff\0<a href='\xff'><![CDATA[<a href=") == ["https://example.org/docs/%EF%BF%BD"]
