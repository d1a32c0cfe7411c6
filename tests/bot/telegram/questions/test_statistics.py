"""/stats, which shows owners how much is asked and answered."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from support.running_bot import restartable

NOTHING = "Nobody has asked anything in the last 30 days."
WORDS = "snow for Elvira"


@pytest.fixture
def library(weather_library):
    return weather_library


@pytest.fixture
def olga(telegram):
    return telegram.person("Olga")


@pytest.fixture
def bot(telegram, library, tmp_path, olga):
    with restartable(telegram, library, tmp_path / "data", owners=frozenset({olga.chat.id})) as start:
        start()
        yield


@pytest.fixture
def ask(telegram, bot):
    """Asks as somebody, and waits for the answer."""
    elvira = telegram.person("Elvira")

    def asked(question):
        elvira.writes(question)
        return elvira.reads()

    return asked


def stats(person):
    person.writes("/stats")
    return person.reads().text


def date_back(data, days):
    """Let all answers have been given so many days earlier."""
    with closing(sqlite3.connect(data / "receipts.db")) as db, db:
        db.execute("UPDATE receipts SET given_at = given_at - ?", (days * 24 * 60 * 60,))


def test_without_a_question_it_says_so(bot, olga):
    assert stats(olga) == NOTHING


def test_questions_answers_and_documents_are_counted(ask, olga, tmp_path):
    ask("snow")
    date_back(tmp_path / "data", 8)
    for question in ("snow", "rain", "rain"):
        ask(question)
    first, answers, quoted = stats(olga).split("\n\n")
    heading, days, *periods = first.splitlines()
    assert (heading, periods) == ("Questions", ["In 7 days: 3, 0.4 a day", "In 30 days: 4, 0.1 a day"])
    assert [day.split()[1] for day in days.split(" · ")] == ["0", "0", "0", "0", "0", "0", "3"]
    assert answers.splitlines()[0] == "Answers in 30 days"
    assert sum(int(line.rpartition("(")[2].rstrip(")")) for line in answers.splitlines()[1:]) == 4
    assert quoted == "Most quoted in 30 days\n• rain.txt · 2\n• snow.txt · 2"


def test_answers_of_more_than_30_days_ago_do_not_count(ask, olga, tmp_path):
    ask("snow")
    date_back(tmp_path / "data", 30)
    assert stats(olga) == NOTHING


def test_ratings_are_counted(ask, olga, telegram):
    answer = ask("snow")
    olga.presses(next(button for button in answer.buttons if button.text == "👍")).reads()
    assert "\n👍 1 · 👎 0\n" in stats(olga)


def test_files_that_cannot_be_read_are_named(bot, library, olga):
    for number in range(7):
        (library.documents / f"empty{number}.txt").touch()
    library.sync()
    listed = "".join(f"• empty{number}.txt\n" for number in range(5))
    assert stats(olga) == (
        f"{NOTHING}\n\nFiles that cannot be read\n{listed}… and 2 more.\n"
        "On the computer where I run, this says why: quoth doctor"
    )


def test_no_person_and_no_word_of_a_question_is_in_it(ask, olga):
    ask(WORDS)
    assert "Elvira" not in stats(olga)


def test_only_owners_see_it_and_only_in_private(bot, telegram, olga):
    ann, group = telegram.person("Ann"), telegram.group("Readers")
    assert stats(ann) == "Only owners of the bot can do that."
    olga.writes("/stats", to=group)
    assert group.reads().text == "Write /stats to me alone: it names documents from everywhere."


def test_owners_find_it_in_their_menu(bot, telegram, olga):
    olga.writes("/help")
    assert "/stats – how much is asked and answered" in olga.reads().text
