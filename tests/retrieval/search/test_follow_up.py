"""A question that leaves something out takes it from the one before; one that says enough stays as it is.

The questions were written by hand, to the documents of the labelled set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.labelled_cases import CASES, DOCUMENTS

from retrieval import Index, Question, ask, follow_up

if TYPE_CHECKING:
    from retrieval import Encoder

ELLIPTICAL = [
    ("Who built the lighthouse of Cape Wren?", "And when?", "1871"),
    ("When was the lighthouse of Cape Wren built?", "And by whom?", "Margaret Hollis"),
    ("How high is the tower of the lighthouse?", "And how many steps?", "214 steps"),
    ("What does a ticket for the lighthouse cost?", "and for children", "children under twelve"),
    ("When is the lighthouse open?", "What about dogs?", "Dogs must stay outside"),
    ("Who was the last keeper of the lighthouse?", "When did he leave?", "1989"),
    ("Qui a fondé la boulangerie ?", "Et quand ?", "1924"),
    ("À quelle heure ouvre la boulangerie Marchand ?", "Et quel jour est-elle fermée ?", "mardi"),
    ("Combien de temps repose le pain de seigle ?", "Et la farine ?", "moulin de Vernay"),
    ("Quand la boulangerie ferme-t-elle ?", "et en août", "trois semaines"),
    ("Was kostet der Eintritt in den Leuchtturm?", "Und für Kinder?", "children under twelve"),
    ("Wer hat den Leuchtturm gebaut?", "Und wann?", "1871"),
    ("Wie hoch ist der Leuchtturm?", "Und wie viele Stufen hat er?", "214 steps"),
    ("Wann wurde die Bibliothek eröffnet?", "Und wer hat sie gebaut?", "Семён Лавров"),
    ("¿Cuándo se recoge la miel de romero?", "¿Y la de castaño?", "septiembre"),
    ("¿Cuántas colmenas tiene Doña Inés?", "¿Y cuánta miel da cada una?", "veinte kilos"),
    ("¿Cuándo son las visitas al colmenar?", "¿Y cuánto duran?", "dos horas"),
    ("¿Cuánto vale un frasco de miel?", "¿Y los pedidos?", "No se envían pedidos"),
    ("Кто построил библиотеку?", "А когда?", "1936"),
    ("Сколько книг хранится в библиотеке?", "А сколько можно взять домой?", "не больше пяти книг"),
    ("Когда работает читальный зал библиотеки?", "А в понедельник?", "по понедельникам"),
    ("Какой документ нужен для читательского билета?", "А за опоздание?", "штраф не берут"),
    ("茶馆几点开门？", "那关门呢？", "晚上十点"),
    ("茶馆是谁创办的？", "什么时候呢？", "1952"),
    ("من أسس مدرسة الموسيقى؟", "ومتى؟", "1975"),
    ("متى تبدأ الدراسة في مدرسة الموسيقى؟", "وكم الرسوم؟", "أربعمئة دينار"),
]
COMPLETE = [case.question for case in CASES] + [
    "umbrella",
    "annual leave",
    "Priti Patel",
    "Is it allowed to smoke here?",
    "What did the minister say when she resigned?",
    "And which of the two ministers signed the treaty with the neighbouring country?",
    "Android phones",
    "Orders from abroad",
    "Est-il permis de fumer dans la salle ?",
    "Étang de Thau",
    "Où est la gare ?",
    "Gibt es einen Aufzug im Museum?",
    "Wer ist Angela Merkel?",
    "¿Es gratuita la entrada al museo?",
    "Yacimientos de cobre",
    "Искусство Возрождения",
    "Есть ли в музее лифт?",
    "那不勒斯的博物馆几点开门，门票多少钱？",
    "وزارة التعليم",
]


@pytest.fixture(scope="module")
def index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Index:
    made = Index(tmp_path_factory.mktemp("follow-ups"), encoder)
    made.sync(DOCUMENTS)
    return made


@pytest.mark.parametrize(("previous", "question", "answer"), ELLIPTICAL)
def test_what_leaves_something_out_finds_its_passage(index: Index, previous: str, question: str, answer: str) -> None:
    searched = follow_up(previous, question)
    assert searched is not None
    assert searched.whole == f"{previous} {question}"
    assert answer in ask(index, searched).quotes[0].text


def test_the_sentences_in_bold_answer_what_is_new(index: Index) -> None:
    def bold(*, has_context: bool) -> list[bool]:
        questions = [(Question(question, previous), answer) for previous, question, answer in ELLIPTICAL]
        return [
            any(answer in each.text for each in ask(index, asked if has_context else asked.whole).quotes[0].highlights)
            for asked, answer in questions
        ]

    assert bold(has_context=True).count(False) <= 1
    assert bold(has_context=False).count(False) >= 5


def test_alone_some_of_them_would_not(index: Index) -> None:
    found = [answer in ask(index, question).quotes[0].text for _, question, answer in ELLIPTICAL]
    assert found.count(False) >= 5


@pytest.mark.parametrize("question", COMPLETE)
def test_what_says_enough_stays_as_it_is(question: str) -> None:
    assert follow_up("Who built the lighthouse?", question) is None


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("the last keeper", Question("the last keeper", context="Who built it?")),
        ("Its granite tower", Question("Its granite tower", context="Who built it?")),
        ("Who was the last keeper of the lighthouse?", None),
    ],
)
def test_in_a_reply_a_few_words_are_enough(question: str, searched: Question | None) -> None:
    assert follow_up("Who built it?", question) is None
    assert follow_up("Who built it?", question, is_reply=True) == searched


@pytest.mark.parametrize("question", ["Why?", "How?", "Warum?", "¿Cuándo?", "Почему?", "  and where ?\n"])
def test_a_bare_question_word_asks_for_more_of_the_same(question: str) -> None:
    assert follow_up("The tower?", question) == Question(question.strip(), context="The tower?")


def test_two_questions_that_are_too_long_together_are_not_joined() -> None:
    assert follow_up("a" * 390, "And when?") == Question("And when?", context="a" * 390)
    assert follow_up("a" * 391, "And when?") is None
