"""What an answer looks like in Telegram."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made_up import quote
from support.telegram_double import parse_html

from bot.telegram.render.answer import (
    count_passages,
    count_units,
    extract_heading,
    format_title,
    render_again,
    render_answer,
    render_closest,
    render_context,
    render_further,
    render_gone,
    render_quote,
    render_sources,
)
from bot.texts import LANGUAGES
from retrieval import Answer, Context, Location, Unit, Verdict

LIMIT = 4096


def answer(*quotes, verdict=Verdict.STRONG):
    return Answer("How many?", "id", verdict, 0.9, quotes, 12.0)


def test_what_answers_comes_first_and_its_source_below():
    best = quote(
        "They met. ",
        "Six officers came.",
        " They stayed.",
        offset=700,
        path="news/calais.txt",
        title="Calais",
        heading="The unit",
        place=Location(Unit.LINE, 12, 14),
    )
    assert render_answer(answer(best)) == (
        "This probably answers your question.\n\n"
        "<blockquote><b>Six officers came.</b></blockquote>\n"
        "— Calais · The unit · lines 12–14 · <code>news/calais.txt</code>"
    )


def test_all_sentences_that_answer_are_bold_and_the_one_that_they_lean_on_stands_before_them():
    found = quote("It rained. They met. ", "Six came.", " Two left.", more=["Two left."], leans_on="They met.")
    assert "<blockquote>They met. <b>Six came. Two left.</b></blockquote>" in render_answer(answer(found))


def test_what_a_question_names_and_a_passage_does_not_stands_below_its_source():
    found = quote(missing=["<b>Dunkirk", "2019", "2019"])
    assert render_answer(answer(found)).endswith("<code>a.txt</code>\nNot in this passage: &lt;b&gt;Dunkirk, 2019")
    assert "Not in" not in render_quote(found, "https://t.me/quoth_bot?start=r_id")


def test_passages_that_may_not_answer_are_not_shown_at_first():
    close, far = quote(sentence="Close.", path="b.txt"), quote(sentence="Far.", path="c.txt", may_answer=False)
    shown = render_answer(answer(quote(), close, far))
    assert "Close." in shown
    assert "Far." not in shown
    assert "Far." in render_further("Yes.", [close, far], LANGUAGES["en"])


def test_a_pinned_passage_says_so_behind_its_source_wherever_it_is_shown():
    pinned = replace(quote(sentence="Six officers came.", path="calais.txt", title="Calais"), is_pinned=True)
    line = "\n— Calais · <code>calais.txt</code> · 📌 pinned"
    context = Context("", "", is_beginning=True, is_end=True)
    for shown in (
        render_answer(answer(pinned)),
        render_further("This probably answers your question.", [pinned], LANGUAGES["en"]),
        render_context("This probably answers your question.", pinned, context, LANGUAGES["en"]),
    ):
        assert shown.endswith(line)
    assert f"{line}\n" in render_quote(pinned, "https://t.me/quoth_bot?start=r_id")
    assert format_title(pinned) == "📌 Calais"
    assert "pinned" not in render_answer(answer(replace(pinned, is_pinned=False)))


def test_the_next_two_passages_unfold_and_have_their_own_sources():
    quotes = [quote(sentence=f"Passage {n}.", path=f"{n}.txt", title=f"Title {n}") for n in (1, 2, 3, 4)]
    assert render_answer(answer(*quotes)) == (
        "This probably answers your question.\n\n"
        "<blockquote><b>Passage 1.</b></blockquote>\n— Title 1 · <code>1.txt</code>\n\n"
        "<blockquote expandable><b>Passage 2.</b></blockquote>\n— Title 2 · <code>2.txt</code>\n\n"
        "<blockquote expandable><b>Passage 3.</b></blockquote>\n— Title 3 · <code>3.txt</code>"
    )


def test_a_brief_answer_is_the_best_passage_alone_and_shortened_sooner():
    best = quote("Before. ", "Six came. " * 200, " After.")
    text, entities = parse_html(render_answer(answer(best, quote()), brief=True))
    assert [entity.type for entity in entities] == ["bold", "blockquote", "code"]
    assert 500 < count_units(text) <= 700


def test_a_weak_answer_says_so():
    assert render_answer(answer(quote(), verdict=Verdict.WEAK)).startswith(
        "This is the closest passage; it may not answer your question.\n"
    )


@pytest.mark.parametrize("quotes", [(), (quote("They met. ", "Six came."),)])
def test_without_an_answer_only_the_verdict_is_said(quotes):
    assert render_answer(answer(*quotes, verdict=Verdict.NONE)) == "The documents do not seem to answer this."


def test_the_closest_passages_are_not_shown_as_an_answer():
    quotes = [quote("They met. ", "Six came."), quote(sentence="They stayed.", path="b.txt", title="B")]
    assert render_closest(quotes) == (
        "The documents do not seem to answer this.\n\nThe closest passages, in case they help:\n\n"
        "<blockquote expandable>They met. Six came.</blockquote>\n— A · <code>a.txt</code>\n\n"
        "<blockquote expandable>They stayed.</blockquote>\n— B · <code>b.txt</code>"
    )


def test_closest_passages_that_are_gone_are_said_to_be():
    assert render_closest([]) == (
        "The documents do not seem to answer this.\n\nThe passages that came closest are not in the documents any more."
    )


def test_one_line_is_called_a_line_and_a_title_that_is_the_path_is_not_repeated():
    rendered = render_answer(answer(quote(path="a.txt", title="a.txt", place=Location(Unit.LINE, 7, 7))))
    assert rendered.endswith("\n— line 7 · <code>a.txt</code>")


MESSAGE = Location(Unit.MESSAGE, 7, 9, url="https://t.me/c/123/7?a=1&b=2")


def test_a_place_with_an_address_is_a_link_to_it():
    rendered = render_answer(answer(quote(path="result.json", title="Harbour", place=MESSAGE)))
    assert '\n— Harbour · <a href="https://t.me/c/123/7?a=1&amp;b=2">messages 7–9</a> · <code>' in rendered


@pytest.mark.parametrize(
    "url", ["http://example.org", "javascript:alert(1)", "https://a b", 'https://a"\n', "https://"]
)
def test_only_addresses_of_browsers_are_links(url):
    rendered = render_answer(answer(quote(place=replace(MESSAGE, url=url))))
    assert "· messages 7–9 ·" in rendered
    assert "<a " not in rendered


def test_a_title_that_is_the_heading_too_is_said_once():
    rendered = render_answer(answer(quote(path="a.pdf", title="Heating rules", heading="Heating rules")))
    assert rendered.endswith("\n— Heating rules · <code>a.pdf</code>")


def test_what_documents_and_file_names_hold_is_escaped():
    hostile = quote("</blockquote>& ", "<b>x</b>", path="<i>&amp;.txt", title="<a href='x'>", heading="a\nb")
    text, entities = parse_html(further(hostile))
    assert "</blockquote>& <b>x</b>\n— <a href='x'> · a b · <i>&amp;.txt" in text
    assert [entity.type for entity in entities] == ["bold", "expandable_blockquote", "code"]


def test_a_file_name_that_is_not_valid_unicode_can_be_sent():
    render_answer(answer(quote(path="caf\udce9.txt"))).encode()


def test_a_long_passage_is_cut_on_both_sides_of_its_sentence_between_words():
    rendered = further(quote("word " * 900, "Six came.", " word" * 900))
    [bold, passage, _] = parse_html(rendered)[1]
    assert bold.text == "Six came."
    assert re.fullmatch(r"\[…\] (word )+Six came\.( word)+ \[…\]", passage.text)
    assert 4000 < count_units(parse_html(rendered)[0]) <= LIMIT


def test_room_that_one_side_does_not_need_goes_to_the_other():
    rendered = further(quote("Short. ", "Six came.", " word" * 900))
    passage = parse_html(rendered)[1][1].text
    assert passage.startswith("Short. Six came. word word")
    assert count_units(passage) > 3900


def test_later_passages_are_shortened_before_the_best_one():
    best, second, third = (quote("They met. ", "Six came.", " word" * (size // 5)) for size in (2400, 1700, 900))
    text, entities = parse_html(further(best, second, third))
    assert best.text in text
    assert len(blockquotes(entities)) == 2
    assert entities[4].text.startswith("They met. Six came. word")
    assert entities[4].text.endswith("word […]")


def test_a_sentence_that_fits_only_without_its_surroundings_stays_whole():
    sentence = "s" * 4066
    entities = parse_html(render_quote(quote("They met. ", sentence, " They stayed."), "https://t.me/"))[1]
    assert [entity.text for entity in entities[:2]] == [sentence, f"[…] {sentence} […]"]


def test_a_sentence_that_cannot_fit_is_cut_at_its_end():
    text, entities = parse_html(further(quote("Before. ", "word " * 1000)))
    assert entities[0].type == "bold"
    assert entities[0].text.startswith("word word")
    assert entities[1].text.startswith("[…] word")
    assert entities[1].text.endswith("word […]")
    assert count_units(text) <= LIMIT


def test_what_is_cut_is_cut_between_graphemes():
    family = "👨‍👩‍👧‍👦"
    passage = parse_html(further(quote(family * 500, "Six.", family * 500)))[1][1].text
    assert re.fullmatch(rf"\[…\] ({family})+Six\.({family})+ \[…\]", passage)


passages = st.text(max_size=3000) | st.builds(
    lambda unit, times: unit * times,
    st.sampled_from(["word ", "長い文", "👨‍👩‍👧‍👦", "e\u0301", "&<>", "\r\n", "🇫🇷", "\ud800", "\u0600 "]),
    st.integers(0, 2000),
)
titles = st.text(max_size=300) | st.integers(0, 5000).map("x".__mul__)
paths = titles.filter(str.strip)
numbers = st.integers(1, 10**6)
quotes = st.builds(
    quote,
    passages,
    passages.filter(bool),
    passages,
    offset=numbers,
    path=paths,
    title=titles,
    heading=st.none() | titles,
    place=st.none()
    | st.builds(
        Location,
        st.sampled_from(Unit),
        numbers,
        numbers,
        st.none() | titles,
        st.none() | titles.map("https://{}".format),
    ),
)
answers = st.builds(
    lambda quotes, verdict: answer(*quotes, verdict=verdict),
    st.lists(quotes, max_size=4),
    st.sampled_from([Verdict.STRONG, Verdict.WEAK]),
)


@given(answers)
def test_any_answer_is_a_message_that_telegram_takes(shown):
    arabic = LANGUAGES["ar"]
    for message in (
        render_answer(shown),
        render_closest(shown.quotes),
        render_answer(shown, arabic),
        render_closest(shown.quotes, arabic),
    ):
        text, entities = parse_html(message)
        assert count_units(text) <= LIMIT
        assert len(entities) <= 100


@given(answers.filter(lambda shown: shown.quotes), passages, passages, st.text(max_size=3000), st.booleans())
def test_whatever_takes_an_answers_place_is_a_message_that_telegram_takes(shown, before, after, searched, is_whole):
    for say in (LANGUAGES["en"], LANGUAGES["ar"]):
        message = render_answer(shown, say, brief=True, searched_for=searched)
        heading = extract_heading(parse_html(message)[0])
        assert message == render_again(heading, shown.quotes, say, brief=True)
        context = Context(before, after, is_whole, is_whole)
        for view in (
            render_again(heading, shown.quotes, say, brief=False),
            render_further(heading, shown.quotes, say),
            render_context(heading, shown.quotes[0], context, say),
            render_closest(shown.quotes, say, heading),
            render_gone(heading, say),
        ):
            text, entities = parse_html(view)
            assert extract_heading(text) == heading
            assert count_units(text) <= LIMIT
            assert len([each for each in entities if "blockquote" in each.type]) == count_passages(view)


def test_the_context_stands_around_the_passage_with_its_sentence_in_bold_and_marks_where_it_is_cut():
    found = quote("They met. ", "Six came.", " They stayed.", path="calais.txt", title="Calais")
    context = Context("It was May. ", " It rained.", is_beginning=True, is_end=False)
    assert render_context("Yes.", found, context, LANGUAGES["en"]) == (
        "Yes.\n\n<blockquote>It was May. They met. <b>Six came.</b> They stayed. It rained. […]"
        "</blockquote>\n— Calais · <code>calais.txt</code>"
    )


def test_what_was_searched_for_stands_above_the_verdict_on_one_line():
    shown = render_answer(answer(quote()), searched_for="Who came?\n\nAnd <when>?")
    assert shown.startswith("Searched for: Who came? And &lt;when&gt;?\nThis probably answers your question.\n\n")


@given(answers)
def test_passages_are_shown_word_for_word_and_what_is_cut_is_marked(shown):
    entities = parse_html(further(*shown.quotes))[1]
    for passage, block in zip(shown.quotes, blockquotes(entities), strict=False):
        whole = sendable(passage.text)
        if block != whole:
            assert block.startswith("[…]") or block.endswith("[…]")
            assert block.removeprefix("[…] ").removesuffix(" […]") in whole


@given(answers.filter(lambda shown: shown.quotes))
def test_the_best_answering_sentence_is_whole_if_it_can_be(shown):
    bold = next(e.text for e in parse_html(render_answer(shown))[1] if e.type == "bold")
    sentence = sendable(shown.quotes[0].highlight.text)
    assert bold == sentence or (sentence.startswith(bold) and count_units(sentence) > 3500)


@given(answers)
def test_every_passage_has_its_own_source(shown):
    entities = parse_html(render_answer(shown))[1]
    shown_paths = [entity.text for entity in entities if entity.type == "code"]
    assert len(shown_paths) == len(blockquotes(entities))
    for passage, path in zip(shown.quotes, shown_paths, strict=False):
        assert sendable(" ".join(passage.source.path.split())).endswith(path.removeprefix("…"))


@given(answers)
def test_an_excerpt_is_a_part_of_its_passage_word_for_word(shown):
    entities = parse_html(render_answer(shown))[1]
    for passage, block in zip(shown.quotes, blockquotes(entities), strict=False):
        assert all(part in sendable(passage.text) for part in block.removesuffix(" […]").split(" […] "))


def further(*quotes):
    return render_further("Yes.", quotes, LANGUAGES["en"])


def blockquotes(entities):
    return [entity.text for entity in entities if "blockquote" in entity.type]


def sendable(text):
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def test_the_documents_are_listed_by_title_and_path():
    assert render_sources({"a.txt": "a.txt", "b/c.md": "Guide & rules"}) == (
        "2 documents:\n• <code>a.txt</code>\n• Guide &amp; rules · <code>b/c.md</code>"
    )


def test_without_documents_the_list_says_so():
    assert render_sources({}) == "There are no documents yet."


def test_a_list_that_is_too_long_ends_with_the_number_of_the_rest():
    text, entities = parse_html(render_sources({f"{n}.txt": f"Title {n}" for n in range(1000)}))
    assert text.startswith("1000 documents:\n• Title 0 · 0.txt\n")
    assert text.endswith("\n• Title 89 · 89.txt\n… and 910 more.")
    assert len(entities) == 90


@given(st.dictionaries(st.text(max_size=300), titles))
def test_any_list_of_documents_is_a_message_that_telegram_takes(sources):
    assert count_units(parse_html(render_sources(sources))[0]) <= LIMIT


def test_a_web_page_is_a_link_to_the_words_with_its_day():
    page = quote(
        path="https://example.org/a", title="Towers", url="https://example.org/a#:~:text=Six%20%26", place=None
    )
    page = replace(page, source=replace(page.source, fetched_at="2026-11-30T08:00:00+00:00"))
    link = '<a href="https://example.org/a#:~:text=Six%20%26">https://example.org/a</a>'
    assert render_answer(answer(page)).endswith(f"— Towers · {link} · fetched November 30, 2026")
    gone = replace(page, source=replace(page.source, is_gone=True))
    assert render_answer(answer(gone)).endswith("fetched November 30, 2026, gone since")
