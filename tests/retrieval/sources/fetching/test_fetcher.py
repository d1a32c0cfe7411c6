"""Fetching from real servers on this machine, which do their worst."""

from __future__ import annotations

import gzip
import ssl
from itertools import chain, repeat

import pytest
import trustme
from support.site import Time, redirect_to, send, serving_site

from retrieval.errors import FetchError, FetchFault
from retrieval.sources.fetching.fetcher import Validators

MIB = 1 << 20


def fault_of(fetcher, address):
    with pytest.raises(FetchError) as error:
        fetcher.fetch(address)
    return error.value


def test_a_page_comes_with_its_headers(site, fetcher, time):
    site.pages["/"] = "<p>Hello"
    response = fetcher.fetch(site.address())
    assert (response.address, response.body, response.fetched_at) == (site.address(), b"<p>Hello", time.now)
    assert response.get("content-type") == "text/html"
    assert site.headers[-1]["User-Agent"].startswith("Quoth/")


def test_an_unchanged_page_is_not_sent_again(site, fetcher):
    site.pages["/"] = "<p>Hello"
    first = fetcher.fetch(site.address())
    assert fetcher.fetch(site.address(), first.validators).body is None


def test_a_date_does_what_an_etag_does(site, fetcher):
    day = "Mon, 30 Nov 2026 03:00:00 GMT"
    site.pages["/"] = lambda it: send(it, b"", status=304 if it.headers["If-Modified-Since"] == day else 500)
    assert fetcher.fetch(site.address(), Validators(last_modified=day)).body is None


def test_redirects_are_followed(site, fetcher):
    site.pages |= {"/a": redirect_to("b"), "/b": redirect_to(site.address("/c")), "/c": "<p>Here"}
    response = fetcher.fetch(site.address("/a"))
    assert (response.address, response.body) == (site.address("/c"), b"<p>Here")


def test_redirects_in_a_circle_end(site, fetcher):
    site.pages |= {"/a": redirect_to("/b"), "/b": redirect_to("/a")}
    assert "redirects more than 5 times" in str(fault_of(fetcher, site.address("/a")))


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://[", "gopher://example.org/"])
def test_a_redirect_leads_only_to_web_pages(site, fetcher, target):
    site.pages["/"] = redirect_to(target)
    fault_of(fetcher, site.address())


def test_a_redirect_to_a_private_machine_is_refused(site, make_fetcher):
    # The site itself is taken for a public machine; 127.0.0.2 is none.
    site.pages["/"] = redirect_to(f"http://127.0.0.2:{site.port}/secret")
    public = make_fetcher(allows_private=False, resolve=lambda host, _: ["127.0.0.1" if host == "public" else host])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("retrieval.sources.fetching.addresses.is_public", lambda ip: ip == "127.0.0.1")
        error = fault_of(public, site.address(host="public"))
    assert error.fault is FetchFault.PRIVATE
    assert site.requests == ["/robots.txt", "/"]


def test_a_name_is_resolved_once_for_a_connection(site, make_fetcher):
    site.pages["/"] = "<p>Hello"
    answers = chain(["93.184.216.34"], repeat("127.0.0.1"))  # public when it is checked, private afterwards
    asked = []

    def resolve(host, port):
        asked.append(host)
        return [next(answers)]

    def connect(address, *_):
        connected.append(address)
        raise OSError("not in a test")

    connected = []
    fetcher = make_fetcher(allows_private=False, resolve=resolve)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socket.create_connection", lambda address, *_, **__: connect(address[0]))
        fault_of(fetcher, "http://rebinding.example/")
    assert connected == ["93.184.216.34"]
    assert set(asked) == {"rebinding.example"}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "2130706433", "127.1"])
def test_this_machine_is_refused(site, make_fetcher, host):
    error = fault_of(make_fetcher(allows_private=False), site.address(host=host))
    assert error.fault is FetchFault.PRIVATE
    assert site.requests == []


def test_an_endless_body_is_cut(site, fetcher):
    def pour(handler):
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(bytes(65536))

    site.pages["/"] = pour
    error = fault_of(fetcher, site.address())
    assert (error.fault, str(error)) == (
        FetchFault.TOO_LARGE,
        "The page is larger than 1 MiB. Raise QUOTH_MAX_FILE_MIB.",
    )


def test_a_packed_body_is_limited_unpacked(site, fetcher):
    bomb = gzip.compress(bytes(50 * MIB))
    site.pages["/"] = lambda it: send(it, bomb, Content_Encoding="gzip")
    assert "larger than 1 MiB" in str(fault_of(fetcher, site.address()))


def test_a_packed_body_is_unpacked(site, fetcher):
    site.pages["/"] = lambda it: send(it, gzip.compress(b"<p>Hello"), Content_Encoding="gzip")
    assert fetcher.fetch(site.address()).body == b"<p>Hello"
    assert site.headers[-1]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("packed", [b"no gzip", gzip.compress(b"<p>Hello")[:-9]])
def test_a_damaged_body_is_an_error(site, fetcher, packed):
    site.pages["/"] = lambda it: send(it, packed, Content_Encoding="gzip")
    assert "damaged" in str(fault_of(fetcher, site.address()))


def test_an_unknown_packing_is_an_error(site, fetcher):
    site.pages["/"] = lambda it: send(it, b"x", Content_Encoding="br")
    assert "was not asked for" in str(fault_of(fetcher, site.address()))


@pytest.mark.parametrize("begins_with", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_a_slow_drip_ends_with_the_deadline(site, make_fetcher, begins_with):
    def drip(handler):
        handler.wfile.write(begins_with)
        while True:
            handler.wfile.write(b"x")
            handler.wfile.flush()

    site.pages["/"] = drip
    clock = Time(step=0.5)  # half a second for each look at it
    error = fault_of(make_fetcher(clock=clock, now=clock, sleep=clock.sleep, seconds=60), site.address())
    assert error.fault is FetchFault.FAILED
    assert site.requests.count("/") == 3  # each with its own deadline


def test_a_busy_site_is_asked_again_after_the_pause_it_names(site, fetcher, time):
    answers = iter([429, 503])
    site.pages["/"] = lambda it: (
        send(it, b"", status=status, Retry_After="7") if (status := next(answers, 0)) else send(it, b"<p>Now")
    )
    assert fetcher.fetch(site.address()).body == b"<p>Now"
    assert [pause for pause in time.slept if pause > 1] == [7, 7]


def test_a_long_pause_is_left_to_the_next_refresh(site, fetcher, time):
    site.pages["/"] = lambda it: send(it, b"", status=429, Retry_After="3600")
    assert fault_of(fetcher, site.address()).fault is FetchFault.FAILED
    assert site.requests == ["/robots.txt", "/"]


def test_a_broken_site_is_asked_three_times(site, fetcher, time):
    site.pages["/"] = lambda it: send(it, b"", status=500)
    assert "HTTP 500" in str(fault_of(fetcher, site.address()))
    assert site.requests.count("/") == 3
    assert [pause for pause in time.slept if pause > 1] == [2, 4]


@pytest.mark.parametrize(
    ("status", "fault"),
    [(404, FetchFault.GONE), (410, FetchFault.GONE), (403, FetchFault.FORBIDDEN), (418, FetchFault.FAILED)],
)
def test_the_status_says_what_is_wrong(site, fetcher, status, fault):
    site.pages["/"] = lambda it: send(it, b"", status=status)
    assert fault_of(fetcher, site.address()).fault is fault


def test_a_site_rests_between_two_pages(site, fetcher, time):
    site.pages |= {"/a": "<p>A", "/b": "<p>B"}
    for path in ("/a", "/b"):
        fetcher.fetch(site.address(path))
    assert time.slept == [0.25, 0.25]  # after robots.txt, and after the first page


def test_robots_txt_is_obeyed(site, fetcher):
    site.pages |= {"/robots.txt": "User-agent: *\nDisallow: /private", "/private": "<p>No", "/a": "<p>Yes"}
    error = fault_of(fetcher, site.address("/private"))
    assert (error.fault, site.requests) == (FetchFault.ROBOTS, ["/robots.txt"])
    assert fetcher.fetch(site.address("/a")).body == b"<p>Yes"
    assert site.requests == ["/robots.txt", "/a"]


def test_robots_txt_may_name_quoth(site, fetcher):
    site.pages |= {"/robots.txt": "User-agent: Quoth\nDisallow: /\n\nUser-agent: *\nAllow: /", "/": "<p>No"}
    assert fault_of(fetcher, site.address()).fault is FetchFault.ROBOTS


def test_the_delay_of_robots_txt_is_kept(site, fetcher, time):
    site.pages |= {"/robots.txt": "User-agent: *\nCrawl-delay: 9", "/a": "<p>A", "/b": "<p>B"}
    for path in ("/a", "/b"):
        fetcher.fetch(site.address(path))
    assert time.slept[-1] == 9.25


def test_while_robots_txt_is_broken_nothing_is_fetched(site, fetcher):
    site.pages |= {"/robots.txt": lambda it: send(it, b"", status=500), "/": "<p>Hello"}
    assert fault_of(fetcher, site.address()).fault is FetchFault.FAILED
    assert "/" not in site.requests


def test_a_certificate_must_be_valid(make_fetcher):
    authority = trustme.CA()
    for_name, context = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(for_name)
    authority.issue_cert("wiki.example").configure_cert(context)
    with serving_site(context) as site:
        site.pages["/"] = "<p>Hello"

        def fetch(host, trusted):
            fetcher = make_fetcher(context=trusted, resolve=lambda *_: ["127.0.0.1"])
            return fetcher.fetch(site.address(host=host)).body

        assert fetch("wiki.example", for_name) == b"<p>Hello"
        for host, trusted in [("other.example", for_name), ("wiki.example", ssl.create_default_context())]:
            with pytest.raises(FetchError, match="certificate is not valid"):
                fetch(host, trusted)
        assert site.requests == ["/robots.txt", "/"]


def test_an_unknown_name_is_an_error(make_fetcher):
    def resolve(host, port):
        raise OSError("no such name")

    assert "the name nowhere.example is not known" in str(
        fault_of(make_fetcher(resolve=resolve), "http://nowhere.example/")
    )
