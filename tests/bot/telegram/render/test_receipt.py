"""What a receipt looks like in Telegram."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given
from support.telegram_double import parse_html

from bot.services.visibility import COMMON, View
from bot.telegram.render.answer import count_units, extract_heading
from bot.telegram.render.receipt import entries_for, render_receipt
from bot.texts import LANGUAGES
from retrieval import (
    Channel,
    Check,
    Citation,
    CurrentPlace,
    Location,
    QuoteCheck,
    QuoteStatus,
    Receipt,
    Statement,
    Unit,
    Verdict,
)
from retrieval.receipts.statement import Span

EVERYBODYS = View(COMMON, is_owners=False)
LINK = "https://t.me/quoth_bot?start=r_abc"
SIX = "They met. Six came. They stayed."
SHA = "0123456789abcdef" * 4


def citation(rank=1, *, path="calais.txt", collection="default", title="Calais", sentence=(710, 719), **more):
    span = Span(collection, path, SHA, 700, 732)
    values = {"heading": "The unit", "place": Location(Unit.PAGE, 2, 2)} | more
    return Citation(rank, span, "0" * 64, "text 1", title, sentence=sentence, score=0.5, **values)


def check(*quotes, verdict=Verdict.STRONG, is_revoked=False, is_intact=True):
    """A receipt with these citations and what became of them."""
    said = Statement(
        "2026-11-23T17:05:00.000+00:00",
        Channel.TELEGRAM,
        verdict,
        1,
        "m",
        "h",
        tuple(one for one, _ in quotes),
    )
    receipt = Receipt("abc", said, is_intact, is_revoked=is_revoked)
    return Check(receipt, tuple(found for _, found in quotes) if is_intact else ())


def unchanged(**more):
    return QuoteCheck(
        QuoteStatus.UNCHANGED,
        now=CurrentPlace("default", "calais.txt", 700, 732, SIX, None),
        **{"same_file": True} | more,
    )


def rendered(found, view=EVERYBODYS, language="en", heading=None):
    return render_receipt(found, entries_for(found, view), view, LINK, LANGUAGES[language], heading=heading)


def test_a_receipt_shows_its_quotes_sources_and_statuses():
    assert rendered(check((citation(), unchanged()))) == (
        "This probably answers your question.\n\n"
        f'<b>Receipt</b> <code>abc</code> · <a href="{LINK}">Link</a>\n'
        "Given on November 23, 2026, 17:05 UTC.\n\n"
        "<blockquote expandable>[…] <b>Six came.</b> They stayed.</blockquote>\n"
        "1. Calais · The unit · page 2 · <code>calais.txt</code>\n"
        "SHA-256 <code>0123456789abcdef</code>\n"
        "✅ These words still stand there."
    )


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (unchanged(same_file=False), "✅ The file has changed since, but these words still stand there."),
        (
            QuoteCheck(QuoteStatus.CHANGED, same_file=False, quoted=SIX),
            "✏️ The document does not say these words any more.",
        ),
        (QuoteCheck(QuoteStatus.GONE, same_file=False, quoted=SIX), "❌ The document is not there any more."),
        (
            QuoteCheck(QuoteStatus.UNCHECKED, same_file=False, quoted=SIX, reason="/home/x"),
            "❔ This cannot be checked now.",
        ),
        (QuoteCheck(QuoteStatus.MISQUOTED, same_file=True, quoted=SIX), "⛔ These words never stood there."),
        (
            QuoteCheck(
                QuoteStatus.MOVED,
                same_file=False,
                now=CurrentPlace("default", "b.txt", 0, 32, SIX, Location(Unit.LINE, 3, 3)),
            ),
            "↪️ These words stand elsewhere now.\n— line 3 · b.txt",
        ),
        (
            QuoteCheck(QuoteStatus.MOVED, same_file=True, now=CurrentPlace("chat-5", "b.txt", 0, 32, SIX, None)),
            "↪️ These words stand elsewhere now.",
        ),
    ],
)
def test_each_status_has_its_own_mark_and_words(finding, said):
    text, _ = parse_html(rendered(check((citation(), finding))))
    assert text.endswith(
        f"\n\n[…] Six came. They stayed.\n1. Calais · The unit · page 2 · calais.txt\nSHA-256 {SHA[:16]}\n{said}"
    )


def test_the_current_text_is_not_shown_as_the_quote():
    now = CurrentPlace("default", "calais.txt", 700, 705, "Other words.", None)
    assert "Other words." not in rendered(
        check((citation(), QuoteCheck(QuoteStatus.MISQUOTED, same_file=True, now=now)))
    )


def test_a_chat_sees_only_the_quotes_of_its_collections():
    found = check((citation(collection="chat-5"), unchanged()), (citation(2), unchanged()))
    assert [each.rank for each, _ in entries_for(found, EVERYBODYS)] == [2]
    assert [each.rank for each, _ in entries_for(found, View("chat-5", is_owners=False))] == [1, 2]
    assert entries_for(check((citation(collection="chat-5"), unchanged())), EVERYBODYS) is None
    assert entries_for(check((citation(), unchanged()), is_revoked=True), EVERYBODYS) is None
    assert entries_for(check(verdict=Verdict.NONE), EVERYBODYS) == []


def test_a_pinned_quote_is_marked():
    text, _ = parse_html(rendered(check((citation(is_pinned=True), unchanged()))))
    assert "\n📌 1. Calais · " in text


def test_of_an_altered_receipt_nothing_is_shown():
    found = check((citation(), unchanged()), is_intact=False)
    assert rendered(found, heading="Yes.") == (
        f'Yes.\n\n<b>Receipt</b> <code>abc</code> · <a href="{LINK}">Link</a>\n'
        "This receipt was altered. Do not trust it."
    )


passages = st.text(max_size=3000) | st.builds(
    lambda unit, times: unit * times,
    st.sampled_from(["word ", "長い文", "👨‍👩‍👧‍👦", "e\u0301", "&<>", "\r\n", "🇫🇷", "\ud800", "\u0600 "]),
    st.integers(0, 2000),
)
titles = st.text(max_size=300) | st.integers(0, 5000).map("x".__mul__)
paths = titles.filter(str.strip)
offsets = st.integers(-10, 5000)
places = st.none() | st.builds(
    Location, st.sampled_from(Unit), st.integers(1, 10**6), st.integers(1, 10**6), st.none() | titles
)
citations = st.builds(
    citation,
    st.integers(1, 10),
    path=paths,
    title=titles,
    heading=st.none() | titles,
    place=places,
    sentence=st.tuples(offsets, offsets),
)
findings = st.builds(
    QuoteCheck,
    st.sampled_from(QuoteStatus),
    st.booleans(),
    st.none() | passages,
    st.none() | st.builds(CurrentPlace, st.just("default"), paths, offsets, offsets, passages, places),
)


@given(
    st.lists(st.tuples(citations, findings), max_size=5),
    st.none() | st.sampled_from(Verdict),
    st.sampled_from(list(LANGUAGES)),
    st.booleans(),
)
def test_any_receipt_is_a_message_that_telegram_takes(quotes, verdict, language, has_heading):
    heading = "Searched for: " + "<" * 300 + "\nYes." if has_heading else None
    text, entities = parse_html(rendered(check(*quotes, verdict=verdict), language=language, heading=heading))
    assert count_units(text) <= 4096
    assert len(entities) <= 100
    if heading:
        assert extract_heading(text) == heading
