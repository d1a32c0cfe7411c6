"""The page to ask on: who may ask, what an answer shows, and what a question leaves behind."""

from __future__ import annotations

import pytest
from lxml import html
from pydantic import SecretStr
from support.asking import HANDBOOK_TOKEN, RAIN, TOKEN, TOKENS, AskSite

from bot.services.background import BackgroundThread, BusyError
from bot.texts import ENGLISH, LANGUAGES
from bot.texts.ask_page import ASK_PAGE
from bot.web.authentication import COOKIE, is_loopback
from bot.web.pages import MAX_BODY
from retrieval import Channel, StoreError, UnreachableError, Verdict, pin_words

WORDS = ASK_PAGE["en"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with AskSite(tmp_path_factory.mktemp("page")) as made:
        yield made


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """The site of somebody who has set tokens."""
    folder = tmp_path_factory.mktemp("locked")
    with AskSite(folder, api_token=SecretStr(TOKENS), questions_a_minute=1_000) as made:
        yield made


def asked(site, question="rain", **options):
    return site.post("/", {"question": question}, **options)


def read(response, path):
    """The text of each element."""
    return [" ".join(each.text_content().split()) for each in html.document_fromstring(response.text).xpath(path)]


def signed_in(site, token):
    """The cookie that a token gives."""
    response = site.post("/sign-in", {"token": token})
    assert (response.status_code, response.headers["Location"]) == (303, "./")
    return dict(response.cookies)


# --- an answer


def test_an_answer_shows_the_marked_sentence_and_its_source(site):
    response = asked(site)
    assert response.status_code == 200
    (best,) = html.document_fromstring(response.text).xpath("//article[p/bdi = 'rain.md']")
    (mark, *_) = best.xpath("blockquote/mark")
    assert mark.text_content().endswith(f"Answer begins: {RAIN}Answer ends. ")
    assert best.xpath("h3")[0].text_content() == "Weather"
    assert best.xpath("p")[0].text_content() == "line 3 · rain.md"


def test_an_answer_leads_to_its_receipt(site):
    (link,) = html.document_fromstring(asked(site).text).xpath("//section/p/a/@href")
    receipt = site.get(f"/{link}")
    assert receipt.status_code == 200
    assert RAIN in receipt.text
    assert next(iter(site.library.index.receipts.all())).statement.channel is Channel.WEB


def test_what_the_question_names_and_a_passage_lacks_is_said(site):
    assert "Not in this passage: Oban" in read(asked(site, "Does the rain fall in Oban?"), "//p[@class='missing']")


def test_where_nothing_answers_the_closest_passages_are_folded_and_unmarked(site):
    response = asked(site, "fog")
    assert read(response, "//h2") == [ENGLISH.verdicts[Verdict.NONE]]
    assert read(response, "//details/summary") == ["Closest passages"]
    assert read(response, "//mark") == []
    assert RAIN in response.text


def test_a_pinned_passage_says_so(tmp_path):
    with AskSite(tmp_path) as site:
        pin_words(site.library.index, "When?", "rain.md", RAIN)
        response = asked(site, "When?")
    assert read(response, "//h2") == [ENGLISH.verdicts[Verdict.STRONG]]
    assert ENGLISH.web_pinned in read(response, "//article/p")


def test_without_documents_the_page_says_so(tmp_path):
    with AskSite(tmp_path) as site:
        site.library.drop_collection("handbook")
        site.library.empty()
        assert ENGLISH.no_documents in read(asked(site), "//section/p")


@pytest.mark.parametrize("hostile", ["</blockquote><script>alert(1)</script>", '"><img src=x>'])
def test_questions_documents_and_names_stay_text(tmp_path, hostile):
    with AskSite(tmp_path) as site:
        (tmp_path / "documents" / "rain<b>.txt").write_text(f"rain rain {hostile} rain\n")
        site.library.sync()
        page = html.document_fromstring(asked(site, f"rain {hostile}").text)
    assert page.xpath("//script | //img | //b") == []
    assert page.xpath("//input/@value") == [f"rain {hostile}"]
    assert hostile in page.text_content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_language_of_the_browser(site, language):
    response = asked(site, language=language)
    assert read(response, "//h1 | //label") == [ASK_PAGE[language].title, ASK_PAGE[language].label]
    assert html.document_fromstring(response.text).get("dir") == ("rtl" if language == "ar" else "ltr")


# --- what cannot be asked


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("  ", "The question is empty. Ask in a few words or a sentence."),
        ("x" * 2_001, "The question is too long. Ask in at most 2,000 characters."),
        ("Thanks!", "You are welcome!"),
    ],
)
def test_what_cannot_be_asked_is_said_below_the_field(site, question, said):
    response = asked(site, question)
    assert response.status_code == 422
    assert read(response, "//form//p[@role='alert']") == [said]
    (field,) = html.document_fromstring(response.text).xpath("//input")
    assert (field.get("value"), field.get("aria-describedby"), field.get("aria-invalid")) == (question, "error", "true")


def test_more_than_a_question_is_refused(site):
    assert site.post("/", b"question=" + b"x" * MAX_BODY).status_code == 413


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (StoreError("The disk is full."), 500, ENGLISH.failed),
        (UnreachableError("No answer from 10.0.0.1."), 503, ENGLISH.unreachable),
        (BusyError("Too many."), 503, ENGLISH.busy),
        (TimeoutError(), 503, ENGLISH.busy),
    ],
)
def test_a_failure_is_said_without_its_reason(site, monkeypatch, error, status, said):
    async def fail(*_):
        raise error

    monkeypatch.setattr(BackgroundThread, "run", fail)
    response = asked(site)
    assert (response.status_code, read(response, "//p[@role='alert']")) == (status, [said])
    assert "disk" not in response.text


def test_a_question_is_in_no_log_and_no_address(site, log):
    response = asked(site, "rain on my secret wedding")
    assert "wedding" not in log.text
    assert response.url.query == b""
    assert response.headers["Cache-Control"] == "no-store"


# --- who may ask


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080"])
def test_at_this_machine_everybody_may_ask_all_collections(site, host):
    response = asked(site, Host=host)
    assert response.status_code == 200
    assert {"handbook: secret.md", "rain.md"} <= set(read(response, "//bdi[@translate='no']"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "localhost.example:8080"},
        {"Host": "["},
        {"X-Forwarded-For": "192.0.2.1"},
        {"Forwarded": "for=192.0.2.1"},
        {"Via": "1.1 example.org"},
    ],
)
def test_who_comes_by_another_name_or_a_proxy_may_not(site, headers):
    for response in (site.get("/", **headers), asked(site, **headers)):
        assert response.status_code == 403
        assert WORDS.here_only in response.text
        assert RAIN not in response.text


def test_a_server_with_a_public_address_answers_nobody_without_a_token(tmp_path):
    with AskSite(tmp_path, public_url="https://example.org") as site:
        assert asked(site).status_code == 403


def test_a_server_for_other_machines_answers_nobody_without_a_token(tmp_path):
    every_address = "0.0.0.0"  # noqa: S104
    with AskSite(tmp_path, serve_listen=every_address) as site:
        site.address = site.address.replace(every_address, "127.0.0.1")
        assert asked(site).status_code == 403


@pytest.mark.parametrize(
    ("host", "is_own"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("::", False), ("a.de", False)],
)
def test_only_loopback_is_this_machine_alone(host, is_own):
    assert is_loopback(host) == is_own


@pytest.mark.parametrize(
    ("headers", "is_answered"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "http://localhost:8080"}, True),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
    ],
)
def test_another_site_cannot_ask_through_the_browser(site, headers, is_answered):
    response = asked(site, Host="localhost:8080", **headers)
    assert response.status_code == (200 if is_answered else 403)
    assert (RAIN in response.text) == is_answered


def test_with_tokens_the_page_asks_for_one(locked):
    shown, refused = locked.get("/"), asked(locked)
    assert (shown.status_code, refused.status_code) == (200, 403)
    assert read(shown, "//label") == read(refused, "//label") == [WORDS.token]
    wrong = locked.post("/sign-in", {"token": f"{TOKEN}x"})
    assert (wrong.status_code, read(wrong, "//p[@role='alert']")) == (403, [WORDS.wrong_token])
    assert COOKIE not in wrong.cookies


def test_a_token_opens_the_page_for_its_collections(locked):
    paths = {
        token: set(read(asked(locked, cookies=signed_in(locked, token)), "//bdi[@translate='no']"))
        for token in (TOKEN, HANDBOOK_TOKEN)
    }
    assert paths == {TOKEN: {"rain.md"}, HANDBOOK_TOKEN: {"handbook: secret.md"}}


def test_the_cookie_does_not_tell_the_token_and_scripts_cannot_read_it(locked):
    response = locked.post("/sign-in", {"token": f" {TOKEN}\n"})
    cookie = response.headers["Set-Cookie"]
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=strict", "Max-Age=2592000"} <= set(cookie.split("; "))
    assert asked(locked, cookies={COOKIE: TOKEN}).status_code == 403


def test_over_https_the_cookie_is_sent_over_https_only(tmp_path):
    with AskSite(tmp_path, api_token=SecretStr(TOKEN), public_url="https://example.org") as site:
        assert "Secure" in site.post("/sign-in", {"token": TOKEN}).headers["Set-Cookie"]


def test_another_site_can_sign_nobody_in_or_out(locked):
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert "Set-Cookie" not in locked.post("/sign-in", {"token": TOKEN}, **elsewhere).headers
    assert "Set-Cookie" not in locked.post("/sign-out", {}, **elsewhere).headers
    assert "Max-Age=0" in locked.post("/sign-out", {}).headers["Set-Cookie"]


def test_a_question_too_many_in_a_minute_is_told(tmp_path):
    with AskSite(tmp_path, api_token=SecretStr(TOKEN), questions_a_minute=1) as site:
        cookie = signed_in(site, TOKEN)
        answered, refused = asked(site, cookies=cookie), asked(site, cookies=cookie)
    assert (answered.status_code, refused.status_code) == (200, 429)
    assert read(refused, "//p[@role='alert']") == [ENGLISH.slow_down]


# --- where the page is


def test_the_page_may_send_forms_to_itself_only(site):
    headers = site.get("/").headers
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_server_in_front_may_take_the_path_away_or_not(tmp_path):
    with AskSite(tmp_path, api_token=SecretStr(TOKEN), public_url="https://example.org/quoth") as site:
        pages = [site.get(path).text for path in ("/", "/quoth/")]
        moved = site.get("/quoth")
    assert pages[0] == pages[1]
    assert 'href="r/style.css"' in pages[0]
    assert (moved.status_code, moved.headers["Location"]) == (307, "/quoth/")


def test_where_only_receipts_are_served_there_is_no_such_page(tmp_path):
    from support.receipt_pages import Archive, Site  # noqa: PLC0415

    archive = Archive(tmp_path)
    archive.is_indexed()
    with Site(archive) as site:
        assert (site.get("/").status_code, site.post("/", {"question": "rain"}).status_code) == (404, 404)
