"""BM25 finds words of any language by their stems, and identifiers as they stand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from retrieval.indexing.bm25 import Bm25Entry, Bm25Index, Word, passage_terms, question_words

if TYPE_CHECKING:
    from pathlib import Path


def test_terms_are_stems_without_stop_words_and_diacritics() -> None:
    assert passage_terms("The policies were naïve", "en") == ["polici", "naiv"]
    assert passage_terms("Les éducations étaient naïves", "fr") == ["educ", "naiv"]
    assert passage_terms("Полицейские работали", "ru") == ["полицеиск", "работа"]


def test_an_unknown_language_keeps_its_words_whole() -> None:
    assert passage_terms("Cathédrales", "") == ["cathedrales"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("COVID-19", ["covid", "19", "covid-19"]),
        ("EN-1993", ["en", "1993", "en-1993"]),
        ("№ 12-345", ["no", "12", "345", "12-345"]),
        ("№12-345", ["no", "12", "345", "12-345"]),
        ("3.5", ["3", "5", "3-5"]),
        ("state-of-art", ["state", "of", "art"]),
        ("１２３", ["123"]),
    ],
)
def test_identifiers_are_terms_whole_and_in_parts(text: str, terms: list[str]) -> None:
    assert passage_terms(text, "") == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("警察官は六人", ["警察", "察官", "官は", "は六", "六人"]),
        ("文", ["文"]),
        ("ถนน", ["ถน", "นน"]),
        ("경찰이", ["경찰", "찰이"]),
        ("iPhone的价格", ["iphone", "的价", "价格"]),
    ],
)
def test_scripts_without_spaces_are_cut_in_pairs(text: str, terms: list[str]) -> None:
    assert passage_terms(text, "") == terms


def test_a_question_has_stems_in_each_language_of_the_index() -> None:
    assert question_words("Polizisten", ["de", "en"]) == [Word(("polizist", "polizisten"))]


def test_stop_words_are_those_of_the_questions_own_language() -> None:
    # "die" is German for "the".
    assert question_words("Wo sind die Soldaten?", ["en"]) == [Word(("soldaten",))]
    assert question_words("How did the soldier die?", ["en"]) == [Word(("soldier",)), Word(("die",))]


def test_a_question_of_stop_words_alone_keeps_them() -> None:
    assert question_words("The Who", ["en"]) == [Word(("the",)), Word(("who",))]


@pytest.fixture
def index(tmp_path: Path) -> Bm25Index:
    filled = Bm25Index(tmp_path / "lexical")
    filled.update(
        [],
        [
            Bm25Entry(11, 1, 1, ["cat", "cat", "dog"]),
            Bm25Entry(12, 1, 1, ["cat", "fish", "sea"]),
            Bm25Entry(21, 2, 2, ["bird"] * 3),
        ],
    )
    return filled


def words(*terms: str) -> list[Word]:
    return [Word((term,)) for term in terms]


def idf(count: int, df: int) -> float:
    return math.log(1 + (count - df + 0.5) / (df + 0.5))


def bm25(count: int, df: int, tf: int) -> float:
    """Of a passage of average length, where b makes no difference; k1 = 1.2."""
    return idf(count, df) * tf * 2.2 / (tf + 1.2)


def test_passages_come_in_the_order_of_bm25(index: Bm25Index) -> None:
    first, second = index.search(words("cat"), 10)
    assert (first.passage_id, second.passage_id) == (11, 12)
    assert first.score == pytest.approx(bm25(3, 2, 2), rel=1e-5)
    assert second.score == pytest.approx(bm25(3, 2, 1), rel=1e-5)
    assert first.terms == {"cat", "dog"}


def test_scores_of_several_words_add_up(index: Bm25Index) -> None:
    (hit, *_) = index.search(words("cat", "fish"), 1)
    assert hit.passage_id == 12
    assert hit.score == pytest.approx(bm25(3, 2, 1) + bm25(3, 1, 1), rel=1e-5)


def test_a_word_counts_once_by_its_best_term(index: Bm25Index) -> None:
    (hit, *_) = index.search([Word(("fish", "sea"))], 1)
    assert hit.score == pytest.approx(bm25(3, 1, 1), rel=1e-5)


def test_passages_that_share_no_word_are_scored_too(index: Bm25Index) -> None:
    scores = {hit.passage_id: hit.score for hit in index.score(words("fish"), [12, 21])}
    assert scores == {12: pytest.approx(bm25(3, 1, 1), rel=1e-5), 21: 0}
    assert index.score(words("fish"), []) == []
    assert [hit.score for hit in index.score([], [11])] == [0]


def test_idf_is_that_of_the_commonest_term(index: Bm25Index) -> None:
    assert index.idf(Word(("cat", "fish"))) == pytest.approx(idf(3, 2))
    assert index.idf(Word(("unheard",))) == pytest.approx(idf(3, 0))


def test_an_update_removes_and_adds_documents(index: Bm25Index) -> None:
    index.update([1], [Bm25Entry(31, 3, 3, ["dog"])])
    assert [hit.passage_id for hit in index.search(words("cat", "dog"), 10)] == [31]
    assert len(index) == 2


def test_adding_a_document_again_does_not_double_it(index: Bm25Index) -> None:
    index.update([2], [Bm25Entry(21, 2, 2, ["bird"])])
    assert len(index) == 3


def test_another_process_sees_what_was_committed(index: Bm25Index, tmp_path: Path) -> None:
    other = Bm25Index(tmp_path / "lexical")
    index.update([], [Bm25Entry(41, 4, 4, ["whale"])])
    other.reload()
    assert [hit.passage_id for hit in other.search(words("whale"), 10)] == [41]


def test_only_some_collections_are_searched(index: Bm25Index) -> None:
    index.update([], [Bm25Entry(51, 5, 2, ["cat"])])
    assert [hit.passage_id for hit in index.search(words("cat", "bird"), 10, [2])] == [21, 51]
    assert index.search(words("cat"), 10, []) == []


def test_a_dropped_collection_is_found_no_more(index: Bm25Index) -> None:
    index.drop(1)
    assert [hit.passage_id for hit in index.search(words("cat", "bird"), 10)] == [21]


def test_a_damaged_folder_is_emptied(index: Bm25Index, tmp_path: Path) -> None:
    (tmp_path / "lexical" / "meta.json").write_text("{")
    assert len(Bm25Index(tmp_path / "lexical")) == 0


def test_query_syntax_is_read_as_words(index: Bm25Index) -> None:
    assert index.search(question_words('*:* OR "x" [a TO b] \\', ["en"]), 10) == []
