"""Which addresses may be fetched."""

from __future__ import annotations

import pytest

from retrieval.errors import FetchError, FetchFault
from retrieval.sources.fetching.addresses import choose_public, is_public, normalize


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://example.org", "https://example.org/"),
        (" https://EXAMPLE.org:443/a#part ", "https://example.org/a"),
        ("http://example.org?q=1", "http://example.org/?q=1"),
        ("https://example.org/a/../b", "https://example.org/b"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
    ],
)
def test_an_address_is_written_in_one_way(written, address):
    assert normalize(written) == address


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "example.org",
        "https://",
        "https://ann:secret@example.org/",
        "https://example.org/a b",
        "https://example.org/" + "a" * 2_000,
        "http://0177.0.0.1/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_web_page_is_refused(address):
    with pytest.raises(FetchError) as error:
        normalize(address)
    assert error.value.fault is FetchFault.ADDRESS
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:a00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_private_machines_are_not_public(ip):
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_machines_of_the_internet_are_public(ip):
    assert is_public(ip)


def test_of_several_machines_the_public_ones_are_taken():
    assert choose_public("x", ["10.0.0.1", "93.184.216.34"], allows_private=False) == ["93.184.216.34"]


def test_a_private_machine_is_named_with_the_setting():
    with pytest.raises(FetchError, match="QUOTH_ALLOW_PRIVATE_ADDRESSES=true"):
        choose_public("wiki.local", ["10.0.0.1"], allows_private=False)
    assert choose_public("wiki.local", ["10.0.0.1"], allows_private=True) == ["10.0.0.1"]
