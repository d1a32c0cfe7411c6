"""An answer is exact quotes with their own sources, or a clear word that there are none."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.doubles import ReaderHere, WordEncoder

from retrieval import Index, QuestionError, Verdict, ask, find
from retrieval.documents import readers

if TYPE_CHECKING:
    from pathlib import Path

NEWS = "Rain ahead\r\n\r\nIt will rain in Œuvre. Take an umbrella.\r\n\r\nSnow follows."
GUIDE = "# Guide\n\n## Snow\n\nSnow is cold. It melts in spring.\n"


@pytest.fixture
def index(tmp_path: Path) -> Index:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "news.txt").write_bytes(NEWS.encode())
    (folder / "guide.md").write_bytes(GUIDE.encode())
    made = Index(tmp_path / "data", WordEncoder("rain umbrella", "snow", "melt melts", "spring"), reader=ReaderHere())
    made.sync(folder)
    return made


def test_each_quote_is_exact_and_has_its_own_source(index: Index) -> None:
    answer = ask(index, "  Does snow melt in spring?\n")
    assert answer.question == "Does snow melt in spring?"
    first, second = answer.quotes
    assert (first.rank, second.rank) == (1, 2)
    assert first.score > second.score
    assert (first.source.path, first.source.title, first.source.heading) == ("guide.md", "Guide", "Snow")
    assert (second.source.path, second.source.title, second.source.heading) == (
        "news.txt",
        "Rain ahead",
        None,
    )
    assert (first.source.lines, second.source.lines) == ((5, 5), (1, 5))
    for quote, text in ((first, GUIDE), (second, NEWS)):
        assert text[quote.source.start : quote.source.end] == quote.text
        assert text[quote.highlight.start : quote.highlight.end] == quote.highlight.text
    assert first.highlight.text == "It melts in spring."
    assert second.highlight.text == "Snow follows."


def test_what_is_only_found_is_quoted_exactly(index: Index) -> None:
    found = find(index, "  Does snow melt in spring?\n", range(1))
    (best,) = found.quotes
    assert found.goes_on
    assert (best.rank, best.highlight.text) == (1, "It melts in spring.")
    assert GUIDE[best.source.start : best.source.end] == best.text
    with pytest.raises(QuestionError, match="The question is empty"):
        find(index, " ", range(1))


def test_the_source_names_the_files_bytes(index: Index) -> None:
    (quote, *_) = ask(index, "umbrella").quotes
    assert quote.source.sha256 == readers.fingerprint(NEWS.encode())


def test_k_limits_the_quotes(index: Index) -> None:
    assert len(ask(index, "snow", k=1).quotes) == 1


def test_ids_differ(index: Index) -> None:
    assert ask(index, "snow").receipt_id != ask(index, "snow").receipt_id


def test_an_empty_folder_answers_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    index = Index(tmp_path / "data", WordEncoder("rain"), reader=ReaderHere())
    index.sync(tmp_path / "empty")
    answer = ask(index, "rain")
    assert (answer.verdict, answer.confidence, answer.quotes) == (Verdict.NONE, 0, ())


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ("", "is empty"),
        (" \n\t\u3000", "is empty"),
        ("?!… —", "What would you like to know"),
        ("😀", "What would you like to know"),
        ("a" * 2_001, r"has 2,001 characters. Ask in at most 2,000"),
        ("a\0b", "not text"),
        ("caf\udce9", "not text"),
        ("a\x1b[31mb", "not text"),
    ],
)
def test_what_is_no_question_is_an_error(index: Index, question: str, problem: str) -> None:
    with pytest.raises(QuestionError, match=problem):
        ask(index, question)


def test_the_longest_question_is_answered(index: Index) -> None:
    assert ask(index, "rain " + "a" * 1_995).quotes


texts = st.text(
    st.sampled_from("aé .!?\n\r\tœ“”。文字\u0301\U0001f600")
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    min_size=1,
    max_size=2_500,
)


@settings(deadline=None, max_examples=25)
@given(text=texts)
def test_every_quote_is_a_substring_at_its_place(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("documents")
    data = f"rain {text}".encode()
    (folder / "any.txt").write_bytes(data)
    index = Index(tmp_path_factory.mktemp("data"), WordEncoder("rain", window=20), reader=ReaderHere())
    index.sync(folder)
    document = readers.read("any.txt", data)
    answer = ask(index, "rain", k=100)
    assert answer.quotes
    for quote in answer.quotes:
        assert document.text[quote.source.start : quote.source.end] == quote.text
        assert document.text[quote.highlight.start : quote.highlight.end] == quote.highlight.text
        assert quote.source.start <= quote.highlight.start < quote.highlight.end <= quote.source.end
    index.close()


def test_an_answer_is_plain_data(index: Index) -> None:
    data = asdict(ask(index, "snow", k=1))
    assert list(data) == ["question", "receipt_id", "verdict", "confidence", "quotes", "elapsed_ms", "missing"]
    assert list(data["quotes"][0]) == [
        "rank", "score", "text", "highlight", "highlights", "source", "also_in", "is_pinned", "missing", "leans_on",
        "may_answer",
    ]  # fmt: skip
    assert list(data["quotes"][0]["source"]) == [
        "path", "sha256", "title", "heading", "page", "lines", "start", "end", "place", "collection", "reader",
        "url", "fetched_at", "is_gone",
    ]  # fmt: skip
