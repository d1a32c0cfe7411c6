"""Unanswered questions as Telegram shows them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.telegram_double import parse_html

from bot.telegram.questions.unanswered import MAX_GROUPS, PageTurn
from bot.telegram.render.answer import count_units
from bot.telegram.render.unanswered import render_unanswered
from bot.texts import LANGUAGES
from retrieval import ListedPin, PinState, UnansweredGroup, UnansweredQuestion
from retrieval.receipts.statement import Span

NEWEST = datetime(2026, 9, 23, 17, 5, tzinfo=UTC)


def unanswered(question, pin=None, asked=5_000):
    return UnansweredQuestion(question, asked, asked, asked, asked, NEWEST, ("r" * 20,), pin)


def group(*questions, asked=5_000):
    return UnansweredGroup(questions[0].question, asked, asked, asked, asked, NEWEST, questions)


def pinned(path):
    return ListedPin(
        7, "How many?", NEWEST, PinState.HOLDS, Span("letters", path, "0" * 64, 0, 4), None, "Six.", "Six."
    )


def test_names_of_people_and_files_are_no_markup():
    hostile = "<b>How</b>\n\nmany & why?"
    text, _ = parse_html(
        render_unanswered(
            {3: group(unanswered(hostile, pinned("<i>a</i>\n.txt")), unanswered("</b>x"))}, 9, LANGUAGES["en"]
        )
    )
    assert text.partition("\n\n")[2] == (
        "3. <b>How</b> many & why?\n"
        "5000 people · not found: 5000 · disliked: 5000 · last on Sep 23, 2026\n"
        "• </b>x\n"
        "📌 an answer has been pinned since, from letters: <i>a</i> .txt"
    )


@pytest.mark.parametrize("say", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("letter", ["a", "😀", "한", "&"])
def test_a_page_fits_into_a_message_however_long_the_questions_are(say, letter):
    long = letter * 2000
    shown = group(*(unanswered(f"{number} {long}", pinned(f"{long}.txt")) for number in range(9)))
    html = render_unanswered(dict.fromkeys(range(9995, 9995 + MAX_GROUPS), shown), 9_999, say)
    text, entities = parse_html(html)
    assert count_units(text) <= 4096
    assert len(entities) <= 100


def test_a_page_turn_fits_onto_a_button_and_is_parsed():
    turn = PageTurn(is_back=False, rank=(-5_000, -5_000, -4_102_444_800_000_000), made_at=4_102_444_800_000_000)
    data = turn.button().callback_data
    assert len(data.encode()) <= 64
    assert PageTurn.parse(data) == turn


@pytest.mark.parametrize("data", ["", "missed:", "missed:=:1:1:1:1", "missed:>:1:1:1", "missed:>:1:-1:1:1"])
def test_other_data_is_no_page_turn(data):
    assert PageTurn.parse(data) is None
