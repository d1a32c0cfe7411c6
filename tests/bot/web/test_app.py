"""Receipts in a browser: what the pages say, and what they give away to nobody."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import socket
import threading
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from unittest.mock import Mock

import httpx
import pytest
from lxml import html
from PIL import Image
from support.made_files import EXPORT, drawn
from support.receipt_pages import QUESTION, Archive, Site

from bot.services.background import BackgroundThread
from bot.settings import Settings
from bot.texts import LANGUAGES
from bot.web import receipt_link
from bot.web.app import web_app
from bot.web.server import MAX_WAITING, serving
from retrieval import Ledger, QuoteStatus, SettingsError, StoreError, Verdict
from retrieval.documents import readers

TIMEOUT_S = 20
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
RULES = "# Rules\n\nThe gate is open. Six ships may pass. Nobody swims.\n\nThe end.\n"
WORDS = "The gate is open. Six ships may pass. Nobody swims."


@pytest.fixture
def archive(tmp_path):
    made = Archive(tmp_path)
    made.holds("rules.md", RULES)
    made.is_indexed()
    return made


@pytest.fixture
def site(archive):
    with Site(archive) as made:
        yield made


class Page:
    """A page as those read it who see it."""

    def __init__(self, response):
        self.response = response
        self.tree = html.document_fromstring(response.text)
        for spoken in self.tree.xpath("//*[@class='aside']"):
            spoken.drop_tree()

    def all(self, path):
        """The text of each element."""
        return [each.text_content() for each in self.tree.xpath(path)]

    def one(self, path):
        (text,) = self.all(path)
        return text

    @property
    def text(self):
        return " ".join(self.tree.body.text_content().split())

    @property
    def states(self):
        """State and what is said of it, of each quote."""
        found = self.tree.xpath("//*[contains(@class, 'state ')]")
        return [(each.get("class").removeprefix("state "), each.text_content().strip()) for each in found]


def page(site, receipt_id, **options):
    response = site.get(site.archive.link(receipt_id), **options)
    assert response.status_code == 200
    return Page(response)


# --- what a page shows


def test_the_quote_is_marked_and_its_answering_sentence_is_bold(archive, site):
    shown = page(site, archive.quote("rules.md", WORDS, "Six ships may pass."))
    assert shown.one("//blockquote//mark") == WORDS
    assert shown.one("//blockquote//mark/strong") == "Six ships may pass."
    assert shown.one("//blockquote") == RULES
    assert shown.one("//p[@class='answer']") == "Six ships may pass."
    assert shown.states == [("unchanged", "These words still stand there.")]


def test_context_ends_with_the_section_of_the_quote(archive, site):
    archive.holds(
        "rules.md", "# Ships\n\nA secret.\n\n## Gate\n\nBefore.\n\nSix may pass.\n\nAfter.\n\n## Crew\n\nA name.\n"
    )
    for is_indexed in (False, True):
        if is_indexed:
            archive.is_indexed()
        quoted = page(site, archive.quote("rules.md", "Six may pass.")).one("//blockquote")
        assert quoted == "[…] \n\n## Gate\n\nBefore.\n\nSix may pass.\n\nAfter. […]"


def test_of_a_table_only_the_quoted_rows_are_shown(archive, site):
    archive.holds("people.csv", "name,phone\n" + "".join(f"Person {number},0{number}\n" for number in range(39)))
    archive.is_indexed()
    text = readers.read("people.csv", (archive.documents / "people.csv").read_bytes()).text
    row = next(line for line in text.splitlines() if "Person 7" in line)
    shown = page(site, archive.quote("people.csv", row))
    assert shown.one("//blockquote") == row
    assert "Person 8" not in shown.text


def test_only_the_first_quote_has_context(archive, site):
    cited = [
        archive.cited("rules.md", text, rank=rank) for rank, text in ((1, "Six ships may pass."), (2, "Nobody swims."))
    ]
    shown = page(site, archive.quotes(*cited))
    assert shown.all("//blockquote") == [RULES, "Nobody swims."]


def test_what_was_not_shown_is_on_no_page(archive, site):
    cited = [
        archive.cited("rules.md", text, rank=rank) for rank, text in ((1, "Six ships may pass."), (2, "Nobody swims."))
    ]
    receipt_id = archive.quotes(cited[0], further=cited[1:])
    assert page(site, receipt_id).all("//mark") == ["Six ships may pass."]
    with closing(Ledger(archive.data)) as receipts:
        receipts.mark_shown(receipt_id, {2: "Nobody swims."})
    assert page(site, receipt_id).all("//mark") == ["Six ships may pass.", "Nobody swims."]


def test_of_a_long_document_a_page_shows_what_stands_near_the_quote(archive, site):
    before, after = "before " * 1_000, " after" * 1_000
    archive.holds("long.txt", f"{before}The middle.{after}")
    archive.is_indexed()
    text = page(site, archive.quote("long.txt", "The middle.")).one("//blockquote")
    left, right = text.split("The middle.")
    assert left.startswith("[…] before before ")
    assert right.endswith(" after after […]")
    assert 1_490 < len(left) < 1_510
    assert 1_490 < len(right) < 1_510


def test_a_page_says_where_the_quote_is_from_and_how_to_check_it(archive, site):
    receipt_id = archive.quote("rules.md", WORDS, title="The rules", heading="Rules")
    shown = page(site, receipt_id)
    file_hash, quote_hash = (hashlib.sha256(text.encode()).hexdigest() for text in (RULES, WORDS))
    assert shown.one("//h1") == "The rules"
    assert shown.all("//dl//dd") == ["Rules", "line 3", "rules.md", file_hash, quote_hash]
    assert shown.all("//pre") == ["sha256sum FILE", f"quoth verify {receipt_id}"]
    assert re.search(r"Given on \w+ \d+, 20\d\d, \d\d:\d\d UTC\. .*This probably answers your question\.", shown.text)


def test_a_place_with_an_address_is_a_link_that_tells_it_nothing(archive, site):
    archive.holds("result.json", json.dumps(EXPORT))
    archive.is_indexed()
    receipt_id = archive.quote("result.json", "The fee is 450 kroner.")
    (link,) = page(site, receipt_id).tree.xpath("//dl//a")
    assert link.text_content() == "message 2"
    assert (link.get("href"), link.get("rel")) == ("https://t.me/c/1234567890/2", "noopener noreferrer")


def test_an_address_that_is_no_page_is_no_link(archive, site):
    archive.holds("result.json", json.dumps(EXPORT))
    archive.is_indexed()
    citation, words = archive.cited("result.json", "The fee is 450 kroner.")
    place = replace(citation.place, url="javascript:alert(1)")
    shown = page(site, archive.quotes((replace(citation, place=place), words)))
    assert shown.tree.xpath("//dl//a") == []
    assert "message 2" in shown.all("//dl//dd")


def test_what_was_asked_and_by_whom_is_on_no_page(archive, site):
    text = site.get(archive.link(archive.quote("rules.md", WORDS))).text
    assert QUESTION not in text
    assert "harbour" not in text
    assert "Ann" not in text


def test_the_first_quotes_of_an_answer_can_be_unfolded(archive, site):
    sentences = ["The gate is open.", "Six ships may pass.", "Nobody swims.", "The end."]
    cited = [archive.cited("rules.md", text, rank=rank) for rank, text in enumerate(sentences, start=1)]
    shown = page(site, archive.quotes(*cited))
    assert shown.all("//mark") == sentences[:3]
    assert shown.all("//details//mark") == sentences[1:3]
    assert len(shown.states) == 3


def test_what_an_owner_has_pinned_says_so_and_nothing_else_does(archive, site):
    cited = [archive.cited("rules.md", text, is_pinned=text == "Nobody swims.") for text in (WORDS, "Nobody swims.")]
    said = "An owner said that this passage answers the question."
    shown = page(site, archive.quotes(*cited))
    assert shown.text.count(said) == 1
    assert said in shown.one("//details")


def test_a_list_shows_all_quotes_and_none_as_the_answer(archive, site):
    sentences = ["The gate is open.", "Six ships may pass.", "Nobody swims.", "The end."]
    cited = [archive.cited("rules.md", text, rank=rank) for rank, text in enumerate(sentences, start=1)]
    shown = page(site, archive.quotes(*cited, verdict=None))
    assert shown.all("//mark") == sentences
    assert shown.all("//p[@class='answer']") == []
    assert "Passages to choose from" in shown.text


def test_what_came_closest_is_not_shown_as_the_answer(archive, site):
    shown = page(site, archive.quotes(archive.cited("rules.md", WORDS), verdict=Verdict.NONE))
    assert shown.all("//p[@class='answer']") == []
    assert "The answer said: The documents do not seem to answer this." in shown.text
    assert "The closest passages, in case they help:" in shown.text


def test_an_answer_without_quotes_has_a_page_too(archive, site):
    shown = page(site, archive.quotes(verdict=Verdict.NONE))
    assert "No passage was quoted." in shown.text


# --- what became of a quote


def test_a_quote_whose_file_was_moved_says_where_it_is_now(archive, site):
    receipt_id = archive.quote("rules.md", WORDS)
    (archive.documents / "rules.md").rename(archive.documents / "harbour.md")
    archive.is_indexed()
    shown = page(site, receipt_id)
    assert shown.states == [("moved", "These words stand elsewhere now.")]
    assert shown.one("//mark") == WORDS
    assert shown.all("//dl//dd")[1:3] == ["rules.md", "harbour.md"]


def test_a_page_shows_the_quote_and_the_changed_words_of_now(archive, site):
    receipt_id = archive.quote("rules.md", WORDS, "Six ships may pass.")
    archive.holds("rules.md", RULES.replace("Six ships", "Nine ships"))
    shown = page(site, receipt_id)
    assert shown.states == [("changed", "The document does not say these words any more.")]
    then, now = shown.all("//blockquote")
    assert then == WORDS
    assert shown.one("//blockquote/strong") == "Six ships may pass."
    assert (shown.one("//del"), shown.one("//ins")) == ("Six", "Nine")
    assert now == RULES.replace("Six", "SixNine")
    assert shown.all("//p[@class='answer']") == []


def test_of_a_file_that_is_gone_the_quoted_words_are_shown(archive, site):
    receipt_id = archive.quote("rules.md", WORDS)
    (archive.documents / "rules.md").unlink()
    shown = page(site, receipt_id)
    assert shown.states == [("gone", "The document is not there any more.")]
    assert shown.one("//blockquote") == WORDS
    assert shown.all("//mark") == []


def test_of_a_file_that_cannot_be_read_the_reason_is_said(archive, site):
    receipt_id = archive.quote("rules.md", WORDS)
    archive.holds("rules.md", " ")
    shown = page(site, receipt_id)
    assert shown.states == [("unchecked", "This cannot be checked now.")]
    assert shown.one("//p[@class='reason']") == "The file holds no text. Remove it, or fill it."
    assert shown.one("//blockquote") == WORDS


def test_words_that_never_stood_there_are_called_so(archive, site):
    citation, _ = archive.cited("rules.md", "Six ships may pass.")
    forged, forged_words = archive.cited("rules.md", "Nobody swims.")
    false = type(citation)(**{name: getattr(citation, name) for name in citation.__slots__} | {
        "text_sha256": forged.text_sha256
    })  # fmt: skip
    shown = page(site, archive.quotes((false, forged_words)))
    assert shown.states == [("false", "These words never stood there.")]
    assert shown.all("//p[@class='answer']") == []


def test_a_receipt_that_was_altered_shows_nothing_but_that(archive, site):
    receipt_id = archive.quote("rules.md", WORDS, title="The rules")
    archive.alter(receipt_id, "The rules", "Forgeries")
    shown = page(site, receipt_id)
    assert shown.states == [("false", "This receipt was altered. Do not trust it.")]
    assert "Forgeries" not in shown.response.text
    assert "Six ships" not in shown.response.text


# --- what a page gives away to nobody


def everything(response):
    headers = {name: each for name, each in response.headers.items() if name != "date"}
    return response.status_code, headers, response.content


def test_a_revoked_receipt_looks_exactly_like_one_that_never_was(archive, site):
    receipt_id = archive.quote("rules.md", WORDS)
    assert site.get(archive.link(receipt_id)).status_code == 200
    archive.revoke(receipt_id)
    revoked = site.get(archive.link(receipt_id))
    assert revoked.status_code == 404
    assert "There is no receipt here" in revoked.text
    for unknown in ("a" * 20, "x", "A" * 5_000, "%00", "%ff", "..%2f..%2fetc", "' OR 1=1"):
        assert everything(site.get(f"/r/{unknown}")) == everything(revoked)
    assert everything(site.get(f"{archive.link(receipt_id)}/1.png")) == everything(revoked)


def formatted(archive, path):
    """An address with the secret of a receipt's page, or with its id."""
    receipt_id = archive.quote("rules.md", WORDS)
    return path.format(link=archive.link(receipt_id), id=receipt_id)


@pytest.mark.parametrize("path", ["/", "/r", "/r/", "{link}/", "/R/{id}", "{link}/1", "/r/../style.css", "/r/{id}"])
def test_there_are_no_other_addresses_and_no_redirects(archive, site, path):
    response = site.get(formatted(archive, path))
    assert response.status_code == 404
    assert "location" not in response.headers


@pytest.mark.parametrize("path", ["{link}", "/r/unknown", "/r/style.css", "/r/icon.svg", "{link}/1.png", "/"])
def test_every_response_lets_the_browser_only_show_it(archive, site, path):
    headers = site.get(formatted(archive, path)).headers
    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"].startswith("noindex")
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers


def test_one_can_look_and_do_nothing_else(archive, site):
    path = archive.link(archive.quote("rules.md", WORDS))
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        refused = site.get(path, method=method)
        assert refused.status_code == 405
        assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD"}
        assert refused.headers["content-security-policy"] == CSP
    seen, head = site.get(path), site.get(path, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert everything(head)[1] == everything(seen)[1]


HOSTILE = [
    "<script>alert(1)</script>",
    "</blockquote></main><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)' autofocus onfocus='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!--",
    "\u202eright to left\u2066\u2067\u200f",
    "a & b &lt; c &#x27;",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_document_says_stays_text(archive, site, hostile):
    text = f"Before {hostile} it. Then {hostile} as {hostile} said. After {hostile} it."
    archive.holds("hostile.txt", text)
    archive.is_indexed()
    words, sentence = f"Then {hostile} as {hostile} said.", f"{hostile} as"
    receipt_id = archive.quote("hostile.txt", words, sentence, title=hostile, heading=hostile)
    plain = page(site, archive.quote("rules.md", WORDS, "Six ships", title="T", heading="H"))
    shown = page(site, receipt_id)
    assert shown.one("//blockquote") == text
    assert shown.one("//mark") == words
    assert shown.one("//mark/strong") == sentence
    assert shown.one("//h1") == shown.all("//dl//dd")[0] == hostile
    assert shown.one("//title") == f"Receipt · {hostile} · Quoth"
    skeletons = [[(each.tag, *each.keys()) for each in made.tree.iter()] for made in (plain, shown)]
    assert skeletons[0] == skeletons[1]


@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>.txt", "\" onload='x'.txt", "\u202etxt.exe.txt"])
def test_what_a_file_is_called_stays_text(archive, site, hostile):
    archive.holds(hostile, "Some words.")
    archive.is_indexed()
    shown = page(site, archive.quote(hostile, "Some words.", title=""))
    assert shown.one("//h1/bdi") == hostile
    assert hostile in shown.all("//dl//dd/bdi")
    assert shown.tree.xpath("//img | //*[@onload]") == []


def test_a_hostile_document_stays_text_also_in_the_comparison(archive, site):
    receipt_id = archive.quote("rules.md", WORDS)
    archive.holds("rules.md", RULES.replace("Six", "<script>alert(1)</script>"))
    shown = page(site, receipt_id)
    assert shown.tree.xpath("//script") == []
    assert "script>alert(1)</script> ships may pass." in shown.all("//blockquote")[1]


def test_who_asks_for_a_page_does_not_decide_where_it_leads(archive, site):
    receipt_id = archive.quote("rules.md", WORDS)
    made = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    response = site.get(archive.link(receipt_id), **made)
    assert response.content == site.get(archive.link(receipt_id)).content
    links = html.document_fromstring(response.text).xpath("//@href | //@src")
    assert links == ["style.css", "icon.svg"]


# --- the language


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("nl, ru;q=0.7, es;q=0.8", "es"),
        ("en;q=0.1, zh-Hans-CN;q=0.2", "zh"),
        ("fr;q=0, ar", "ar"),
        ("pt-BR, *;q=0.5", "en"),
        (";;q=,,=;q=x, de;q=nan, ru;q=1e999", "ru"),
    ],
)
def test_a_page_speaks_the_language_that_the_browser_likes_best(archive, site, accepted, language):
    shown = page(site, archive.quote("rules.md", WORDS), language=accepted)
    say = LANGUAGES[language]
    assert (shown.tree.get("lang"), shown.tree.get("dir")) == (language, say.direction)
    assert shown.states == [("unchanged", say.states[QuoteStatus.UNCHANGED])]
    assert say.web_in_document in shown.all("//h2")
    assert shown.response.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_there_is_nothing_is_said_in_each_language(site, language):
    shown = Page(site.get("/r/unknown", language=language))
    assert shown.one("//h1") == LANGUAGES[language].web_not_found


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_address_without_a_page_says_so_in_each_language(site, language):
    shown = Page(site.get("/nothing/here", language=language))
    assert shown.one("//h1") == LANGUAGES[language].web_no_page


@pytest.mark.parametrize(("url", "style"), [(None, "/r/style.css"), ("https://a.example/quoth", "/quoth/r/style.css")])
def test_an_address_without_a_page_has_the_style_of_the_others(archive, url, style):
    with Site(archive, **({"public_url": url} if url else {})) as site:
        shown = Page(site.get("/nothing/here"))
        assert [link.get("href") for link in shown.tree.xpath("//link[@rel='stylesheet']")] == [style]
        assert site.get(style).status_code == 200


# --- pages of a PDF


LINES = [(60, 500, "The gate is open for all ships"), (60, 480, "Six ships may pass it in an hour")]


def picture(response):
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    return Image.open(BytesIO(response.content)).convert("RGB")


def test_the_page_of_a_pdf_is_a_picture_with_the_quote_marked(archive, site):
    archive.holds("rules.pdf", drawn(LINES))
    archive.is_indexed()
    receipt_id = archive.quote("rules.pdf", "Six ships may pass it in an hour")
    shown = page(site, receipt_id)
    (image,) = shown.tree.xpath("//img")
    assert image.get("src") == f"{archive.link(receipt_id).removeprefix('/r/')}/1.png"
    assert image.get("alt") == "The page as a picture. The quoted words stand above as text."
    drawn_page = picture(site.get(f"{archive.link(receipt_id)}/1.png"))
    assert drawn_page.width <= 1_400
    per_point = drawn_page.height / 595.28
    colours = {y: drawn_page.getpixel((round(61 * per_point), round((595.28 - y - 3) * per_point)))
               for y in (500, 480)}  # fmt: skip
    assert colours == {500: (255, 255, 255), 480: (255, 214, 88)}


def test_a_pdf_that_was_changed_has_no_picture(archive, site):
    archive.holds("rules.pdf", drawn(LINES))
    archive.is_indexed()
    receipt_id = archive.quote("rules.pdf", "Six ships may pass it in an hour")
    archive.holds("rules.pdf", drawn([*LINES, (60, 400, "And nobody swims")]))
    shown = page(site, receipt_id)
    assert shown.tree.xpath("//img") == []
    assert site.get(f"{archive.link(receipt_id)}/1.png").status_code == 404


@pytest.mark.parametrize("rank", ["2", "0", "-1", "999999999999999999999", "x"])
def test_there_is_no_picture_of_a_quote_that_is_not_there(archive, site, rank):
    archive.holds("rules.pdf", drawn(LINES))
    archive.is_indexed()
    receipt_id = archive.quote("rules.pdf", "Six ships may pass it in an hour")
    assert site.get(f"{archive.link(receipt_id)}/{rank}.png").status_code == 404


def test_what_is_no_pdf_has_no_picture(archive, site):
    receipt_id = archive.quote("rules.md", WORDS)
    assert page(site, receipt_id).tree.xpath("//img") == []
    assert site.get(f"{archive.link(receipt_id)}/1.png").status_code == 404


# --- too much at once, and what goes wrong


class StuckReceipts:
    def __init__(self):
        self.may_go_on = threading.Event()

    def check_linked(self, _):
        assert self.may_go_on.wait(TIMEOUT_S)


def test_more_than_can_be_checked_at_once_is_sent_away():
    receipts = StuckReceipts()

    async def requests(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://quoth") as client:
            asked = [asyncio.create_task(client.get("/r/unknown")) for _ in range(MAX_WAITING + 1)]
            done, _ = await asyncio.wait(asked, timeout=TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
            (refused,) = (each.result() for each in done)
            receipts.may_go_on.set()
            rest = [response.status_code for response in await asyncio.gather(*asked)]
            return refused, rest, (await client.get("/r/unknown")).status_code

    with closing(BackgroundThread("web", MAX_WAITING)) as background:
        refused, statuses, later = asyncio.run(requests(web_app(receipts, background)))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "Many receipts are being checked just now." in refused.text
    assert refused.headers["content-security-policy"] == CSP
    assert (sorted(statuses), later) == ([404] * MAX_WAITING + [503], 404)


def test_the_log_says_why_receipts_cannot_be_read_and_the_page_not(log):
    with closing(BackgroundThread("web", MAX_WAITING)) as background:
        error = StoreError("Cannot use the receipts in /home/ann: disk full.")
        app = web_app(Mock(**{"check_linked.side_effect": error}), background)

        async def request():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://quoth") as client:
                return await client.get("/r/abcdef")

        response = asyncio.run(request())
    assert response.status_code == 500
    assert "something went wrong here" in response.text
    assert "ann" not in response.text
    log.waits_for("ERROR A receipt cannot be shown: Cannot use the receipts in /home/ann: disk full.")
    ours = [line for line in log.text.splitlines() if "HTTP Request:" not in line]  # that is the test's own client
    assert "abcdef" not in "".join(ours)


# --- the address


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (None, None),
        ("https://example.org", "https://example.org/r/abc"),
        ("https://example.org/", "https://example.org/r/abc"),
        ("http://example.org:8080/quoth", "http://example.org:8080/quoth/r/abc"),
        ("https://example.org/quoth/", "https://example.org/quoth/r/abc"),
    ],
)
def test_a_receipt_has_a_link_where_there_is_an_address(monkeypatch, tmp_path, url, link):
    monkeypatch.chdir(tmp_path)
    settings = Settings(**{"QUOTH_PUBLIC_URL": url} if url else {})
    assert receipt_link(settings, "abc") == link


@pytest.mark.parametrize("url", ["https://example.org/quoth", "https://example.org/quoth/"])
def test_the_server_in_front_may_take_the_path_away_or_not(archive, url):
    receipt_id = archive.quote("rules.md", WORDS)
    with Site(archive, public_url=url) as site:
        assert site.get(f"/quoth{archive.link(receipt_id)}").content == site.get(archive.link(receipt_id)).content
        assert site.get("/quoth/r/style.css").headers["content-type"].startswith("text/css")
        assert site.get("/elsewhere/r/style.css").status_code == 404


def test_the_path_may_have_letters_of_any_language(archive):
    with Site(archive, public_url="https://example.org/größe") as site:
        assert site.get("/größe/r/style.css").status_code == 200


def test_a_port_in_use_names_the_settings_to_change(archive):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = archive.settings().model_copy(update={"serve_port": taken.getsockname()[1]})
        with pytest.raises(SettingsError, match=r"^Cannot listen on 127\.0\.0\.1:\d+: Address already in use.* Set"):
            serving(settings).__enter__()


def test_a_server_that_has_ended_answers_nobody(archive):
    with Site(archive) as site:
        assert site.get("/r/style.css").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{site.address}/r/style.css", trust_env=False)
