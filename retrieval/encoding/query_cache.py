"""QueryCache: the vectors of questions that are compared with each other again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from retrieval.encoding.encoder import Encoder
    from retrieval.encoding.vectors import Query


class QueryCache:
    """Encodes questions and remembers them until others are compared."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Query] = {}

    def encode(self, questions: Sequence[str]) -> list[Query]:
        """Encode questions, in their order."""
        self.prepare(questions, len(questions))
        self._known = {question: self._known[question] for question in questions}
        return [self._known[question] for question in questions]

    def prepare(self, questions: Iterable[str], most: int) -> bool:
        """Get ahead with `encode`, by so many questions at most; whether more are left."""
        new = [question for question in dict.fromkeys(questions) if question not in self._known]
        self._known |= {question: self._encoder.encode_query(question) for question in new[:most]}
        return len(new) > most
