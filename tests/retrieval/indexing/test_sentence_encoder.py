"""Sentences of many files are encoded together, and none twice."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.doubles import ReaderHere, WordEncoder

from retrieval.index import Index
from retrieval.indexing import sentence_encoder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from retrieval.encoding.vectors import EncodedText


class CountingEncoder(WordEncoder):
    """Remembers which texts were encoded in one call."""

    def __init__(self) -> None:
        super().__init__("cat", "whale")
        self.calls: list[list[str]] = []

    def encode_sentences(self, texts: Sequence[str]) -> list[EncodedText]:
        self.calls.append(list(texts))
        return super().encode_sentences(texts)


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def index(tmp_path: Path, encoder: CountingEncoder) -> Iterator[Index]:
    (tmp_path / "documents").mkdir()
    with closing(Index(tmp_path / "data", encoder, reader=ReaderHere())) as made:
        yield made


def test_small_files_are_encoded_in_one_call(index: Index, encoder: CountingEncoder, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    for number in range(40):
        (folder / f"{number:02}.txt").write_text(f"Cat {number}. All cats sleep.")
    report = index.sync(folder)
    assert [sorted(call) for call in encoder.calls] == [sorted(["All cats sleep.", *(f"Cat {n}." for n in range(40))])]
    assert {file.state.value for file in report.files} == {"indexed"}
    assert len(index.search("whale cat", 50)[0].copies) == 0
    assert {hit.passage.path for hit in index.search("cat", 50)} == {f"{number:02}.txt" for number in range(40)}


def test_what_is_read_ahead_is_bounded(
    index: Index, encoder: CountingEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentence_encoder, "CHUNK", 50)
    monkeypatch.setattr("retrieval.indexing.sync.CHUNK", 50)
    folder = tmp_path / "documents"
    for name in "abcde":
        (folder / f"{name}.txt").write_text(f"A whale of 25 signs: {name} yes.")
    index.sync(folder)
    assert [len(call) for call in encoder.calls] == [2, 2, 1]


def test_a_sentence_that_is_known_is_not_encoded_again(index: Index, encoder: CountingEncoder, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    (folder / "a.txt").write_text("A cat. A whale.")
    index.sync(folder)
    (folder / "a.txt").write_text("A cat. A cat and a whale.")
    index.sync(folder)
    assert encoder.calls == [["A whale.", "A cat."], ["A cat and a whale."]]
    assert index.search("whale cat", 1)[0].passage.text == "A cat. A cat and a whale."
