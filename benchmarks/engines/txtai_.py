"""txtai: an Embeddings database of what Segmentation cuts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from txtai import Embeddings
from txtai.pipeline import Segmentation

from benchmarks.engines import choose_model
from benchmarks.questions import LIMIT, Span

if TYPE_CHECKING:
    from collections.abc import Sequence


class Txtai:
    """The database, with vectors of its default kind.

    Args:
        hybrid: a BM25 index beside the vectors.
        has_same_model: as Quoth.
    """

    def __init__(self, *, hybrid: bool, has_same_model: bool) -> None:
        model = choose_model(has_same_model=has_same_model)
        instructions = {"query": model.query_prompt, "data": model.passage_prompt} if has_same_model else None
        self._segment = Segmentation(chunker="recursive", chunk_size=LIMIT)
        self._embeddings = Embeddings(path=model.folder, hybrid=hybrid, instructions=instructions)
        self._spans: list[Span] = []

    def index(self, documents: Sequence[str]) -> int:
        """Cut and index; the numbers that it gives the chunks are their places in `_spans`."""
        chunks: list[str] = []
        for number, text in enumerate(documents):
            own = self._segment(text)
            chunks += own
            self._spans += _spans(own, number, text)
        self._embeddings.index(chunks)
        return len(chunks)

    def search(self, question: str, k: int) -> list[Span]:
        """The k best passages, best first."""
        return [self._spans[number] for number, _ in self._embeddings.search(question, k)]


def _spans(chunks: Sequence[str], number: int, text: str) -> list[Span]:
    """Where the chunks stand, one after the other: Segmentation does not say.

    Raises:
        ValueError: a chunk is not there.
    """
    spans: list[Span] = []
    end = 0
    for chunk in chunks:
        one_space_for_many = re.escape(chunk).replace(r"\ ", " +")
        found = re.compile(one_space_for_many).search(text, end)
        if found is None:
            message = f"Not in document {number} after {end}: {chunk}"
            raise ValueError(message)
        end = found.end()
        spans.append(Span(number, found.start(), end))
    return spans
