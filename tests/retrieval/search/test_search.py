"""Copies are shown once, hidden documents not at all, and the first hits are ranked anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.doubles import ReaderHere, WordEncoder

from retrieval import Index, Question, ask
from retrieval.search.confidence import Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("engine")

CATS = "The cat sleeps. A kitten plays."
SEA = "The whale dives. Ships sail by."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    (made / "cats.txt").write_text(CATS)
    (made / "sea.txt").write_text(SEA)
    return made


def index(folder: Path, encoder: WordEncoder | None = None, **options: object) -> Index:
    encoder = encoder or WordEncoder("cat kitten feline", "whale", "ships vessels")
    made = Index(folder.parent / "data", encoder, **options, reader=ReaderHere())  # type: ignore[arg-type]
    made.sync(folder)
    return made


def test_the_same_words_in_two_files_are_one_quote_with_both_sources(folder: Path) -> None:
    (folder / "copy.txt").write_text("The cat sleeps!\n\nA kitten PLAYS.")
    (folder / "number.txt").write_text("The cat sleeps. A kitten plays 2.")
    answer = ask(index(folder), "feline", k=10)
    paths = [(quote.source.path, *(source.path for source in quote.also_in)) for quote in answer.quotes]
    assert sorted(map(sorted, paths[:2])) == [["cats.txt", "copy.txt"], ["number.txt"]]
    assert paths[2:] == [("sea.txt",)]
    (double,) = (quote for quote in answer.quotes if quote.also_in)
    assert {double.source.lines, double.also_in[0].lines} == {(1, 1), (1, 3)}


def test_hidden_documents_are_not_found(folder: Path) -> None:
    made = index(folder)
    assert [hit.passage.path for hit in made.search("feline", 5, hidden={"cats.txt": None})] == ["sea.txt"]
    assert made.search("feline", 5, hidden={"cats.txt": None, "sea.txt": None}) == []


def test_tokens_decide_where_vectors_are_level(folder: Path) -> None:
    # All have the cosine 1 with their best sentence and none shares a word; only two have all three meanings.
    (folder / "cats.txt").write_text("A cat. A whale.")
    (folder / "sea.txt").write_text("A cat. A whale. A ship.")
    (folder / "more.txt").write_text("A cat.")
    encoder = WordEncoder("cat feline", "whale orca", "ship vessel")
    hits = index(folder, encoder).search("feline orca vessel", 3)
    assert [hit.passage.path for hit in hits] == ["sea.txt", "cats.txt", "more.txt"]
    assert [hit.evidence.maxsim for hit in hits] == pytest.approx([1, 2 / 3, 1 / 3], abs=0.15)


def test_the_sentence_that_answers_is_the_one_with_the_most_evidence(folder: Path) -> None:
    (folder / "sea.txt").write_text("Whales sing. The whale eats the ships. Nothing else.")
    (hit, *_) = index(folder).search("whale vessels", 1)
    assert hit.passage.text_of(hit.sentence) == "The whale eats the ships."


@pytest.mark.parametrize(
    ("question", "sentence"),
    [("feline whale", "The cat sleeps."), (Question("whale", context="feline"), "The whale dives.")],
)
def test_what_was_asked_before_counts_less_for_the_sentence_that_answers(
    folder: Path, question: Question | str, sentence: str
) -> None:
    (folder / "both.txt").write_text("The cat sleeps. Nothing else. The whale dives.")
    (hit, *_) = index(folder).search(question, 1)
    assert hit.passage.text_of(hit.sentence) == sentence


class Backwards:
    """A reranker that likes the sea."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        assert question == "feline"
        return [float("whale" in text) for text in texts]


def test_a_given_reranker_orders_the_first_hits(folder: Path) -> None:
    assert [hit.passage.text for hit in index(folder).search("feline", 2)] == [CATS, SEA]
    hits = index(folder, reranker=Backwards()).search("feline", 2)
    assert [(hit.passage.text, hit.score) for hit in hits] == [(SEA, 1), (CATS, 0)]


def test_hits_beyond_the_first_sixteen_follow_in_the_order_of_the_first_search(folder: Path) -> None:
    for number in range(20):
        (folder / f"{number}.txt").write_text(f"Cat number {number} walks alone.")
    hits = index(folder).search("feline", 22)
    assert hits[-1].passage.text == SEA
    assert len({hit.passage.id for hit in hits}) == 22


def test_of_passages_with_the_same_sentence_the_better_one_is_found(folder: Path) -> None:
    filler = f"{'Word ' * 30}end."
    # More than the encoder's 64 words: two passages, which share the whale.
    first, second = f"A cat. {filler} A whale.", f"A whale. {filler} Ships."
    (folder / "long.txt").write_text(f"{first.removesuffix('A whale.')}{second}")
    made = index(folder)
    for question, texts in (
        ("feline whale", [first]),
        ("whale vessels", [second]),
        ("feline whale vessels vessels", [second, first]),  # ships in the one, a cat in the other
    ):
        hits = made.search(question, 10)
        assert [hit.passage.text for hit in hits if hit.passage.path == "long.txt"] == texts
        assert {hit.passage.path for hit in hits} == {"long.txt", "cats.txt", "sea.txt"}


def test_copies_of_passages_that_overlap_do_not_follow_each_other(folder: Path) -> None:
    filler = f"{'Word ' * 30}end."
    for name in ("long.txt", "longer.txt"):
        (folder / name).write_text(f"A cat. {filler} A whale. {filler} Ships.")
    hits = index(folder).search("whale vessels", 10)
    both = [hit for hit in hits if "long.txt" in {each.path for each in hit.passages}]
    assert [[each.path for each in hit.passages] for hit in both] == [["long.txt", "longer.txt"]]


def test_a_calibration_is_kept_with_the_index_until_the_model_changes(folder: Path) -> None:
    kept = Calibration(-3.0, 11.0)
    made = index(folder)
    default = made.calibration
    made.calibrate(kept)
    assert index(folder).calibration == kept
    made.sync(folder, rebuild=True)
    assert made.calibration == kept
    assert index(folder, WordEncoder("cat")).calibration == default
