"""The sentence that answers is chosen by its tokens; of two about as good, in context."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.doubles import WordEncoder

from retrieval.encoding.token_codes import compress
from retrieval.search.comparison import Comparison
from retrieval.search.hits import Candidate, ReadCandidate
from retrieval.search.questions import Question
from retrieval.storage.records import StoredPassage, StoredSentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.encoding.vectors import EncodedText


class ContextEncoder(WordEncoder):
    """Understands that "That" is a whale where "It" stands in the same text."""

    def encode_sentences(self, texts: Sequence[str]) -> list[EncodedText]:
        return super().encode_sentences([text.replace("That", "whale") if "It" in text else text for text in texts])


def compare(encoder: WordEncoder, question: str, *sentences: str) -> str:
    """Say which sentence of a passage answers."""
    text = " ".join(sentences)
    spans = []
    for number, sentence in enumerate(sentences):
        start = text.index(sentence, spans[-1].end if spans else 0)
        spans.append(StoredSentence(number, start, start + len(sentence)))
    passage = StoredPassage(1, 1, "c", "a.txt", "", "text 1", "a", None, None, "en", 0, len(text), text, tuple(spans))
    encoded = encoder.encode_sentences(list(sentences))
    query = encoder.encode_query(question)
    vectors = np.stack([one.vector for one in encoded])
    candidate = Candidate(1, vectors, vectors @ query.vector, bm25=0, coverage=0)
    comparison = Comparison(Question(question), query, encoder)
    encoder.encoded.clear()
    compared = comparison.compare(ReadCandidate(candidate, passage, ()), [compress(one).codes for one in encoded])
    return passage.text_of(comparison.look_closer(compared).sentence)


def test_of_two_sentences_about_as_good_the_context_tells() -> None:
    encoder = ContextEncoder("whale", "swims swim", "ship")
    assert compare(encoder, "swim whale", "Nothing.", "A ship.", "It swims.", "That swims.", "No.") == "That swims."
    assert encoder.encoded == ["A ship. It swims. whale swims."]


@pytest.mark.parametrize("sentences", [("The whale swims.",), ("The whale swims.", "Nothing.")])
def test_where_one_is_clearly_best_nothing_is_encoded(sentences: tuple[str, ...]) -> None:
    encoder = ContextEncoder("whale", "swims swim", "ship")
    assert compare(encoder, "swim whale", *sentences) == "The whale swims."
    assert encoder.encoded == []
