"""Documents and questions whose answers are known, from files in SQuAD form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 1_000
"""The most characters of a passage that counts, so that none wins by showing more."""
_BETWEEN_PARAGRAPHS = "\n\n"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a document's text; `end` is exclusive."""

    document: int
    """Its number, from 0."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question and every place where its answer stands."""

    text: str
    answers: tuple[Span, ...]

    def answered_by(self, passage: Span) -> bool:
        """Whether a passage holds one of the answers whole."""
        return passage.end - passage.start <= LIMIT and any(
            passage.document == answer.document and passage.start <= answer.start and answer.end <= passage.end
            for answer in self.answers
        )


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a file holds."""

    documents: list[str]
    """An article each: its paragraphs with a blank line between."""
    questions: list[Question]


def read(path: Path) -> Labelled:
    """Read `data[].paragraphs[].{context, qas[].{question, answers[].{text, answer_start}}}`.

    Questions without an answer are left out.
    """
    documents: list[str] = []
    questions: list[Question] = []
    for article in json.loads(path.read_text("utf-8"))["data"]:
        start = 0
        for paragraph in article["paragraphs"]:
            for labelled in paragraph["qas"]:
                answers = tuple(_span(answer, len(documents), start) for answer in labelled["answers"])
                if answers:
                    questions.append(Question(labelled["question"], answers))
            start += len(paragraph["context"]) + len(_BETWEEN_PARAGRAPHS)
        documents.append(_BETWEEN_PARAGRAPHS.join(paragraph["context"] for paragraph in article["paragraphs"]))
    return Labelled(documents, questions)


def _span(answer: dict[str, Any], document: int, paragraph: int) -> Span:
    start = paragraph + answer["answer_start"]
    return Span(document, start, start + len(answer["text"]))
