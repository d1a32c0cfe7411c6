"""What the bot says, in all its languages."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, datetime
from string import Formatter

import pytest
from babel import Locale
from support.made_up import answer, quote
from support.telegram_double import parse_html

from bot.telegram.render.answer import render_answer, render_sources
from bot.texts import ENGLISH, LANGUAGES, Texts, in_language
from retrieval import DocumentFault, Location, QuestionFault, QuoteStatus, Unit, Verdict

COMMAND = re.compile(r"(?<![<\w])/[a-z]+")
every_language = pytest.mark.parametrize("say", LANGUAGES.values(), ids=LANGUAGES)


def all_texts(say):
    """Name → text; what is said in several ways has several names."""
    found = {}
    for field in fields(Texts):
        value = getattr(say, field.name)
        for key, text in value.items() if not isinstance(value, str) else [("", value)]:
            for number, each in enumerate([text] if isinstance(text, str) else text):
                found[field.name, key, number] = each
    return found


def _shown_above_the_chat(say):
    return (
        say.button_is_old,
        say.stranger,
        say.slow_down,
        say.rated,
        say.owners_only,
        say.no_uploads_here,
        say.administrators_only,
        say.no_receipt,
        say.forget_in_private,
    )


def variables(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def in_one_form(name):
    """The name of a text with the categories of numbers taken for one."""
    return (name[0], "", 0) if name[0].endswith("_by_number") else name


@every_language
def test_nothing_is_missing_and_every_language_has_the_same_variables(say):
    english = {in_one_form(name): variables(text) for name, text in all_texts(ENGLISH).items()}
    texts = all_texts(say)
    assert {in_one_form(name) for name in texts} == english.keys()
    for name, text in texts.items():
        assert text.strip()
        assert variables(text) == english[in_one_form(name)], name


@every_language
def test_every_language_has_a_form_for_each_of_its_categories_of_numbers(say):
    categories = Locale.parse(say.language).plural_form.tags | {"other"}
    assert say.documents_by_number.keys() == say.more_documents_by_number.keys() == categories
    assert say.passages_by_number.keys() == say.people_by_number.keys() == categories


@every_language
def test_everything_is_html_that_telegram_takes(say):
    for text in all_texts(say).values():
        parse_html(text)


@every_language
def test_what_is_named_by_a_key_has_all_keys(say):
    assert say.verdicts.keys() == say.stats_verdicts.keys() == set(Verdict)
    assert say.faults.keys() == set(QuestionFault)
    assert say.upload_faults.keys() == set(DocumentFault)
    assert say.parts.keys() == set(Unit)
    assert say.commands.keys() == {
        "ask",
        "new",
        "sources",
        "help",
        "allow",
        "deny",
        "members",
        "documents",
        "collections",
        "add",
        "uploads",
        "settings",
        "receipt",
        "forget_me",
        "unanswered",
        "stats",
    }
    assert say.states.keys() == set(QuoteStatus)


@every_language
def test_all_of_help_is_one_message(say):
    parts = (say.help, say.help_with_answers, say.help_on_receipts, say.help_in_any_chat, say.help_for_owners)
    text, _ = parse_html("\n\n".join([*parts, say.help_on_documents]).format(bot="@" + 32 * "b"))
    assert len(text.encode("utf-16-le")) // 2 <= 4096


@every_language
def test_the_menu_and_the_descriptions_are_within_telegrams_limits(say):
    assert len(say.description) <= 512
    assert len(say.short_description) <= 120
    assert all(len(text) <= 256 for text in say.commands.values())
    assert all(len(text) <= 200 for text in _shown_above_the_chat(say))
    assert all(len(text) <= 64 for text in (say.inline_hint, say.inline_nothing, say.inline_stranger))


@every_language
def test_every_language_names_the_same_commands(say):
    for name, text in all_texts(say).items():
        english = all_texts(ENGLISH).get(name, "")
        assert sorted(set(COMMAND.findall(text))) == sorted(set(COMMAND.findall(english))), name


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("fr", "fr"),
        ("zh-hans", "zh"),
        ("zh-hant-TW", "zh"),
        ("DE", "de"),
        ("pt-BR", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_language_that_the_bot_does_not_speak_is_english(code, language):
    assert in_language(code).language == language


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ["0 documents:", "1 document:", "2 documents:", "5 documents:", "21 documents:"]),
        (
            "fr",
            [f"{count}\u00a0:" for count in ("0 document", "1 document", "2 documents", "5 documents", "21 documents")],
        ),
        ("es", ["0 documentos:", "1 documento:", "2 documentos:", "5 documentos:", "21 documentos:"]),
        ("de", ["0 Dokumente:", "1 Dokument:", "2 Dokumente:", "5 Dokumente:", "21 Dokumente:"]),
        ("ru", ["0 документов:", "1 документ:", "2 документа:", "5 документов:", "21 документ:"]),
        ("ar", ["0 وثيقة:", "وثيقة واحدة (1):", "وثيقتان (2):", "5 وثائق:", "21 وثيقة:"]),
        ("zh", ["0 个文档：", "1 个文档：", "2 个文档：", "5 个文档：", "21 个文档："]),
    ],
)
def test_numbers_have_the_right_form(language, shown):
    assert [LANGUAGES[language].documents(count) for count in (0, 1, 2, 5, 21)] == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "Prices, rows 3–5"),
        ("fr", "Prices, lignes 3–5"),
        ("de", "Prices, Zeilen 3–5"),
        ("ru", "Prices, строки 3–5"),
        ("ar", "\u2068Prices\u2069، الصفوف 3–5"),
        ("zh", "Prices，第 3–5 行"),
    ],
)
def test_a_place_is_said_in_the_language(language, shown):
    assert LANGUAGES[language].place(Location(Unit.ROW, 3, 5, "Prices")) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "10,000,000"),
        ("fr", "10\u202f000\u202f000"),
        ("de", "10.000.000"),
        ("ru", "10\u00a0000\u00a0000"),
    ],
)
def test_the_digits_of_a_large_number_are_in_groups(language, shown):
    assert LANGUAGES[language].number(10_000_000) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "Given on November 23, 2026, 17:05 UTC."),
        ("de", "Ausgestellt am 23. November 2026, 17:05 UTC."),
        ("es", "Emitida el 23 de noviembre de 2026, 17:05 UTC."),
    ],
)
def test_when_an_answer_was_given_is_said_in_the_language(language, shown):
    assert LANGUAGES[language].given_at(datetime(2026, 11, 23, 17, 5, tzinfo=UTC)) == shown


def test_in_arabic_names_that_run_the_other_way_turn_nothing_and_a_copied_path_holds_no_marks():
    found = quote(sentence="Six came.", path="calais.txt", title="Calais", place=Location(Unit.LINE, 3, 3))
    assert render_answer(answer(found), LANGUAGES["ar"]) == (
        "هذا يجيب على الأرجح عن سؤالك.\n\n"
        "<blockquote><b>Six came.</b></blockquote>\n"
        "\u200f— \u2068Calais\u2069 · السطر 3 · \u2068<code>calais.txt</code>\u2069"
    )
    assert render_sources({"a.txt": "A"}, LANGUAGES["ar"]) == (
        "وثيقة واحدة (1):\n\u200f• \u2068A\u2069 · \u2068<code>a.txt</code>\u2069"
    )


def test_in_arabic_missing_words_that_run_the_other_way_turn_nothing():
    shown = LANGUAGES["ar"].not_in_passage(["Dunkirk", "2019"])
    assert shown == "ليس في هذا المقطع: \u2068Dunkirk\u2069، \u20682019\u2069"


def test_in_french_no_mark_stands_alone_on_a_line():
    assert not re.search(r" [;:?!»%]|« ", "\n".join(all_texts(LANGUAGES["fr"]).values()))


def test_in_arabic_the_slash_of_a_command_stays_in_front_of_it():
    commands = re.findall(r"(.?)(?<![<\w])/[a-z]+", "\n".join(map(str, all_texts(LANGUAGES["ar"]).values())))
    assert set(commands) == {"\u200e"}
