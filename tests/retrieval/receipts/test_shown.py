"""A receipt names what was shown: at once, on demand, or chosen from a list."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace

import pytest
from support.doubles import ReaderHere, WordEncoder

from retrieval import Asker, Channel, Index, QuoteStatus, Verifier, ask, find, mark_shown, read_quotes
from retrieval.receipts.ledger import DAY_S, FURTHER_DAYS, UNCHOSEN_S

INLINE = Asker(Channel.INLINE, "Ann")
PAGE = range(10)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(1, 5):
        (folder / f"{number}.txt").write_text(f"Snow number {number}." + " It snows." * number)
    return folder


@pytest.fixture
def index(tmp_path, folder, database):
    encoder = WordEncoder("snow snows", "rain")
    with closing(Index(tmp_path / "data", encoder, reader=ReaderHere(), database=database)) as made:
        made.sync(folder)
        yield made


@pytest.fixture
def receipts(index):
    return index.receipts


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = time.time()

    monkeypatch.setattr("time.time", lambda: Clock.now)
    return Clock


def ask_showing(index, count):
    return ask(index, "snow", 10, choose_shown=lambda answer: answer.quotes[:count])


def ranks(citations):
    return [citation.rank for citation in citations]


def kept_texts(receipts):
    return {text for (text,) in receipts._db.run("SELECT text FROM texts")}


def test_a_receipt_names_what_was_shown_at_once(index, receipts):
    answer = ask_showing(index, 1)
    receipt = receipts.get(answer.receipt_id)
    assert len(answer.quotes) == 4
    assert (ranks(receipt.citations), ranks(receipt.further)) == ([1], [2, 3, 4])
    assert ranks(receipt.statement.citations) == [1]
    assert kept_texts(receipts) == {answer.quotes[0].text}


def test_python_is_shown_all_that_it_is_given(index, receipts):
    receipt = receipts.get(ask(index, "snow", 2).receipt_id)
    assert (ranks(receipt.citations), ranks(receipt.further)) == ([1, 2], [3, 4])


def test_what_is_shown_on_demand_comes_on_the_receipt(index, receipts):
    answer = ask_showing(index, 1)
    mark_shown(index, answer.receipt_id, answer.quotes[2:3])
    receipt = receipts.get(answer.receipt_id)
    assert receipt.is_intact
    assert (ranks(receipt.citations), ranks(receipt.further)) == ([1, 3], [2, 4])
    assert kept_texts(receipts) == {answer.quotes[0].text, answer.quotes[2].text}
    mark_shown(index, answer.receipt_id, answer.quotes)
    mark_shown(index, answer.receipt_id, answer.quotes)
    assert ranks(receipts.get(answer.receipt_id).citations) == [1, 2, 3, 4]


def test_nothing_comes_on_the_receipt_that_was_not_found(index, receipts):
    answer = ask_showing(index, 1)
    mark_shown(index, answer.receipt_id, [replace(answer.quotes[1], text="Forged.")])
    mark_shown(index, "unknown", answer.quotes)
    assert ranks(receipts.get(answer.receipt_id).citations) == [1]


def test_a_quote_that_was_put_on_a_receipt_makes_it_altered(index, receipts):
    first, second = ask_showing(index, 1), ask_showing(index, 2)
    mark_shown(index, first.receipt_id, first.quotes[1:])
    change = "UPDATE receipts SET shown = (SELECT shown FROM receipts WHERE id = ?) WHERE id = ?"
    receipts._db.run(change, (first.receipt_id, second.receipt_id))
    assert not receipts.get(second.receipt_id).is_intact


def test_all_that_was_found_can_be_shown_later(index):
    answer = ask_showing(index, 0)
    assert [quote.rank for quote in read_quotes(index, answer.receipt_id)] == [1, 2, 3, 4]


def test_what_nobody_wanted_to_see_is_forgotten(index, receipts, clock):
    answer = ask_showing(index, 1)
    mark_shown(index, answer.receipt_id, answer.quotes[1:2])
    clock.now += FURTHER_DAYS * DAY_S + 1
    receipts.forget_old()
    receipt = receipts.get(answer.receipt_id)
    assert receipt.is_intact
    assert (ranks(receipt.citations), ranks(receipt.further)) == ([1, 2], [])


def test_a_change_of_what_was_not_shown_is_no_change(index, receipts, folder, tmp_path, database):
    answer = ask_showing(index, 1)
    (folder / answer.quotes[1].source.path).write_text("Rain.")
    with closing(Verifier(tmp_path / "data", receipts, ReaderHere(), database=database)) as verifier:
        check = verifier.check(receipts.get(answer.receipt_id))
        assert (check.state, len(check.quotes)) == (QuoteStatus.UNCHANGED, 1)
        mark_shown(index, answer.receipt_id, answer.quotes[1:2])
        check = verifier.check(receipts.get(answer.receipt_id))
        assert (check.state, len(check.quotes)) == (QuoteStatus.CHANGED, 2)


# --- inline


def test_an_inline_receipt_names_what_was_chosen(index, receipts, clock):
    listing = find(index, "snow", PAGE, asker=INLINE)
    assert ranks(receipts.get(listing.receipt_id).citations) == []
    mark_shown(index, listing.receipt_id, listing.quotes[1:2])
    clock.now += UNCHOSEN_S + 1
    receipts.forget_old()
    assert ranks(receipts.get(listing.receipt_id).citations) == [2]


def test_a_list_without_a_choice_is_forgotten_within_the_hour(index, receipts, clock):
    listing = find(index, "snow", PAGE, asker=INLINE)
    given = ask(index, "snow")
    clock.now += UNCHOSEN_S - 1
    receipts.forget_old()
    assert receipts.get(listing.receipt_id)
    clock.now += 2
    find(index, "snow", PAGE, asker=INLINE)
    assert receipts.get(listing.receipt_id) is None
    assert receipts.get(given.receipt_id)
    assert kept_texts(receipts) == {quote.text for quote in given.quotes}


# --- links


def test_a_page_has_a_secret_that_is_made_once(index, receipts):
    first, second = ask(index, "snow").receipt_id, ask(index, "rain").receipt_id
    link = receipts.links.make(first)
    assert len(link) >= 22
    assert receipts.links.make(first) == link != receipts.links.make(second)
    assert receipts.links.find(link) == first
    assert receipts.links.find(first) is None
    assert receipts.links.make("unknown") is None


def test_a_revoked_receipt_has_no_page(index, receipts):
    receipt_id = ask(index, "snow").receipt_id
    link = receipts.links.make(receipt_id)
    receipts.revoke(receipt_id)
    assert receipts.links.find(link) is None


@pytest.mark.parametrize("link", ["", "x", "\udc80", "\0", "a" * 5_000, "' OR 1=1"])
def test_no_other_link_opens_a_page(index, receipts, link):
    receipts.links.make(ask(index, "snow").receipt_id)
    assert receipts.links.find(link) is None


# --- documents that had to go


def test_the_words_of_a_document_that_had_to_go_are_erased(index, receipts, folder):
    answer = ask_showing(index, 2)
    gone, stays = answer.quotes[:2]
    receipts.pins.add("snow?", receipts.get(answer.receipt_id).citations[0].span, (0, 1), gone.text)
    assert receipts.forget_document("default", gone.source.path) == 1
    assert kept_texts(receipts) == {stays.text}
    assert receipts.pins.all() == []
    receipt = receipts.get(answer.receipt_id)
    assert (receipt.is_intact, ranks(receipt.citations)) == (True, [1, 2])


def test_further_quotes_of_it_are_erased_too(index, receipts):
    answer = ask_showing(index, 1)
    assert receipts.forget_document("default", answer.quotes[2].source.path) == 0
    assert ranks(receipts.get(answer.receipt_id).found) == [1, 2, 4]


def test_a_document_is_known_by_its_bytes_where_it_was_moved(index, receipts, folder):
    first = ask_showing(index, 1)
    path = first.quotes[0].source.path
    (folder / path).rename(folder / "moved.txt")
    index.sync(folder)
    ask_showing(index, 1)
    assert receipts.forget_document("default", "moved.txt") == 2
    assert kept_texts(receipts) == set()


# --- from before


def test_a_receipt_from_before_names_all_quotes(index, receipts):
    answer = ask_showing(index, 4)
    receipt = receipts.get(answer.receipt_id)
    before = receipts.record(
        "snow",
        Asker(),
        verdict=receipt.statement.verdict,
        generation=1,
        model="words",
        citations=receipt.citations,
        texts=[quote.text for quote in answer.quotes],
    )
    assert not receipt.names_all
    assert receipts.get(before).names_all
    assert ranks(receipts.get(before).citations) == [1, 2, 3, 4]
