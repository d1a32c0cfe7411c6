"""What a question names is called missing only where it does not stand, in whatever form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from retrieval.answers.missing import find_missing_words
from retrieval.documents.language import load_stemmer

CALAIS = "The British government sent forty police officers to Calais in 2015. Mr. O'Brien's unit stays until May."
FRENCH = "Le gouvernement du Brésil a ouvert 1 500 écoles en 2003, sous la présidence de François Ier, à São Paulo."
RUSSIAN = "Городская библиотека Германии открылась в 1936 году. Её построил архитектор Семён Лавров."
ARABIC = "تأسست مدرسة الموسيقى عام 1975 على يد عازف العود سليم الحداد في مصر."
GERMAN = "Das Waldbad wurde 1931 vom Architekten Konrad Weiss erbaut. Es öffnet im Mai."


def missing(question: str, text: str, language: str = "en") -> list[str]:
    return [word.text for word in find_missing_words(question, [text], language)]


@pytest.mark.parametrize(
    ("question", "text", "language", "names"),
    [
        ("How many police officers will work in Dunkirk?", CALAIS, "en", ["Dunkirk"]),
        ("How many German police officers will work in Calais in 2016?", CALAIS, "en", ["German", "2016"]),
        ("How many officers did New Zealand send?", CALAIS, "en", ["New Zealand"]),
        ("Does O'Connor's unit stay?", CALAIS, "en", ["Connor"]),
        ("Does it stay until June?", CALAIS, "en", ["June"]),
        ("Combien d'écoles le Chili a-t-il ouvertes ?", FRENCH, "fr", ["Chili"]),
        ("Combien d'écoles en juillet 2004 ?", FRENCH, "fr", ["juillet", "2004"]),
        ("¿Cuántas escuelas abrió Perú?", "El gobierno de Brasil abrió 1.500 escuelas en el año 2003.", "es", ["Perú"]),
        ("Кто построил библиотеку во Франции?", RUSSIAN, "ru", ["Франции"]),
        ("Wann wurde das Waldbad in Rom erbaut?", GERMAN, "de", ["Rom"]),
        ("Hat das Waldbad im Dezember geöffnet?", GERMAN, "de", ["Dezember"]),
        ("متى تأسست مدرسة الموسيقى في البرازيل؟", ARABIC, "ar", ["البرازيل"]),
        ("ماذا كان في عام ١٩٨٠؟", ARABIC, "ar", ["١٩٨٠"]),
        ("1988年有多少盏灯笼？", "博物馆由林守成于1987年建立。", "zh", ["1988"]),
    ],
)
def test_what_does_not_stand_there_is_named(question: str, text: str, language: str, names: list[str]) -> None:
    assert missing(question, text, language) == names


@pytest.mark.parametrize(
    ("question", "text", "language"),
    [
        ("How many officers did the British send to CALAIS in 2015?", CALAIS, "en"),
        ("How many of Calais' police serve in O’Brien’s unit?", CALAIS, "en"),
        ("How many police officers are 40?", CALAIS.replace("forty", "four or 40"), "en"),
        ("Combien d'écoles à Sao-Paulo ?", FRENCH, "fr"),
        ("Les écoles brésiliennes, sous François 1er ?", FRENCH, "fr"),
        ("A-t-on ouvert 1.500 écoles au Bresil ?", FRENCH, "fr"),
        ("Кто построил библиотеку в Германии и Германией?", RUSSIAN, "ru"),
        ("Что построил Семен Лавров?", RUSSIAN, "ru"),
        ("Wer hat das Waldbad errichtet, und wie hoch ist der Sprungturm?", GERMAN, "de"),
        ("من سليم الحداد؟", ARABIC, "ar"),
        ("What did the N.A.T.O. do?", "NATO met.", "en"),
        ("What did NATO do?", "The North Atlantic Treaty Organization met.", "en"),
        ("What is COVID19?", "COVID-19 is a disease.", "en"),
    ],
)
def test_what_stands_there_in_another_form_is_not(question: str, text: str, language: str) -> None:
    assert missing(question, text, language) == []


def test_common_words_are_never_named() -> None:
    assert missing("Which large vehicles were surrendered by the defenders?", CALAIS) == []


def test_capitals_say_nothing_where_all_words_have_them() -> None:
    assert missing("HOW MANY OFFICERS WORK IN THE TOWN?", CALAIS) == []
    assert missing("How Many Officers Work In The Town?", CALAIS) == []


def test_the_first_word_of_a_sentence_is_no_name_by_its_capital() -> None:
    assert missing("Explain this. Describe that: Compare both.", CALAIS) == []


def test_words_are_given_as_the_question_writes_them_and_where() -> None:
    question = "How many officers will Rio de Janeiro and Santiago-Bernabéu send?"
    found = find_missing_words(question, [CALAIS], "en")
    assert [word.text for word in found] == ["Rio", "Janeiro", "Santiago-Bernabéu"]
    assert all(question[word.start : word.end] == word.text for word in found)


def test_of_a_follow_up_only_its_own_words_count() -> None:
    question = "How many will work in Dunkirk? And in Lille?"
    found = find_missing_words(question, [CALAIS], "en", start=question.index("And"))
    assert [word.text for word in found] == ["Lille"]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Wie viele Polizisten hat London im Jahr 2016 nach Dünkirchen geschickt?", ["2016"]),
        ("Combien de policiers la Grande-Bretagne a-t-elle envoyés à Londres en 2015 ?", []),
        ("Сколько полицейских будет работать в Дюнкерке в 2017 году?", ["2017"]),
    ],
)
def test_across_languages_only_numbers_are_named(question: str, names: list[str]) -> None:
    assert missing(question, CALAIS) == names


WORDS = st.text("abcdeghilmnoprstuéèöñçßåŁœабвгдежзиклмноп", min_size=2, max_size=10).map(str.capitalize)
MARKS = st.sampled_from(["\u0301", "\u0308", "\u0327"])


@st.composite
def dressed(draw: st.DrawFn, word: str) -> str:
    """The word as a text may write it."""
    form = draw(st.sampled_from(["plain", "upper", "lower", "marked", "spaced", "decomposed", "inflected", "joined"]))
    match form:
        case "upper" | "lower":
            word = getattr(word, form)()
        case "marked":
            word = "".join(letter + draw(st.just("") | MARKS) for letter in word)
        case "spaced":
            word = draw(st.sampled_from([" ", "-", "\u00ad", ".", "\u200b"])).join(word)
        case "decomposed":
            word = unicodedata.normalize("NFD", word)
        case "inflected":
            word += draw(st.sampled_from(["'s", "’s", "s"])) if len(word) >= 4 else "'s"
        case "joined":
            word = "the" + word if len(word) >= 4 else word
    return word


@given(st.data(), WORDS, st.sampled_from(["en", "fr", "es", "de", "ru", "ar", "zh", "tr", "el"]))
def test_what_is_missing_never_stands_there(data: st.DataObject, word: str, language: str) -> None:
    text = f"Here is {data.draw(dressed(word))}, and more."
    assert missing(f"Who saw {word} there?", text, language) == []


@given(st.integers(0, 10**7), st.sampled_from(["{:,}", "{}th", "{}", "{}.", "({})", "{}-", "a{}"]))
@example(1000, "{:,}")
def test_a_number_that_is_missing_never_stands_there(number: int, form: str) -> None:
    assert missing(f"Who saw {number} there?", f"There were {form.format(number)} of them.") == []


@given(WORDS)
def test_a_word_with_the_same_stem_is_there(word: str) -> None:
    stem = load_stemmer("fr")(word.lower())
    assume(len(stem) > 1)
    assert missing(f"Qui a vu {word} ?", f"Voici {stem} encore.", "fr") == []
