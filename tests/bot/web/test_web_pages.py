"""Quotes of web pages in a browser: the day when each was fetched, and a link to its words."""

from __future__ import annotations

from contextlib import closing

import pytest
from lxml import html
from pydantic import SecretStr
from support.receipt_pages import Archive, Site
from support.site import Time, serving_site
from support.small_library import SmallLibrary

from retrieval.sources.fetching.fetcher import Fetcher, FetchSettings
from retrieval.sources.web_sources import WebSources
from retrieval.storage.pages import WebSource

DAY = {"en": "fetched January 15, 2027", "de": "Stand: 15. Januar 2027", "zh": "网页获取于 2027年1月15日"}


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """The address of a page, and what a browser shows of an answer and its receipt, by language."""
    folder, time = tmp_path_factory.mktemp("web-pages"), Time()
    archive = Archive(folder)
    fetcher = Fetcher(FetchSettings(allows_private=True, min_pause_s=0), now=time, clock=time, sleep=time.sleep)
    with serving_site() as web, closing(WebSources(archive.data, fetcher, now=time)) as sources:
        web.pages["/a"] = "<title>Weather</title><p>Mind the gap.</p><p>The rain falls on Monday.</p>"
        address = web.address("/a")
        sources.add(WebSource("default", address))
        list(sources.refresh())
    with closing(SmallLibrary(folder)) as library, Site(archive, library, api_token=SecretStr("")) as site:
        yield address, {language: read_both(site, language) for language in DAY}


def read_both(site, language):
    answer = html.document_fromstring(site.post("/", {"question": "rain"}, language=language).text)
    (link,) = answer.xpath("//section[@id='answer']/p/a/@href")
    return answer, html.document_fromstring(site.get(f"/{link}", language).text)


@pytest.mark.parametrize("language", DAY)
def test_an_answer_and_its_receipt_name_the_page_and_its_day(asked, language):
    address, pages = asked
    answer, receipt = pages[language]
    (source,) = answer.xpath("//article/p[a]")
    (row,) = receipt.xpath("//section[@class='source']//dd[a]")
    assert [source.text_content(), row.text_content()] == [f"{address} · {DAY[language]}"] * 2


def test_an_answer_leads_to_its_sentence_and_a_receipt_to_its_passage(asked):
    address, pages = asked
    links = [page.xpath("//main//a[starts-with(@href, 'http')]/@href") for page in pages["en"]]
    sentence = "The%20rain%20falls%20on%20Monday"
    assert links == [[f"{address}#:~:text={sentence}"], [f"{address}#:~:text=Mind%20the%20gap.,{sentence}"]]


def test_nobody_is_told_to_compare_the_bytes_of_a_page(asked):
    _, pages = asked
    assert pages["en"][1].xpath("//pre")[0].text_content().startswith("quoth verify ")
