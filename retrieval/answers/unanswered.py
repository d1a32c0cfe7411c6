"""Unanswered questions: not found, or with an answer that more people disliked than liked; grouped by meaning.

Two questions are compared by MaxSim (`scoring.maxsim`), each against the other, and the two values are averaged. That
separates meanings better than the cosine of the vectors: on the labelled set, whose questions mostly have neighbours of
a near subject, groups have a precision of .82 at a recall of .66, and .62 at .57 with the cosine (`python -m
benchmarks.alike`). Questions with other numbers are never alike. In a group, every two are alike (complete linkage):
so a chain of small steps does not lead from one subject to another.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.answers.pinned import PinState, pins
from retrieval.search.questions import normalize
from retrieval.storage.records import DEFAULT_COLLECTION

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from datetime import datetime

    from retrieval.answers.pinned import ListedPin
    from retrieval.encoding.vectors import Query, Vectors
    from retrieval.index import Index
    from retrieval.receipts.receipt import UnansweredReceipt

MAX_RECEIPTS = 5_000
"""Newest receipts that are considered."""
MAX_QUESTIONS = 500
"""Of these, the ones that most people asked: to encode them and compare every two takes some seconds."""
ENCODED_AT_ONCE = 20
"""Questions: a fifth of a second."""
ALIKE = 0.79
"""From 0 to 1. Measured with the bundled model, like the confidence; others are near it."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class _Counts:
    question: str
    people: int
    """How many people asked; all without a name count as one, such as those on a terminal."""
    asked: int
    """How often; a person who asks again counts again."""
    not_found: int
    disliked: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class UnansweredQuestion(_Counts):
    """A question that was asked once or often, in the same words but for their dress; as asked the last time."""

    receipt_ids: tuple[str, ...]
    """Newest first."""
    pin: ListedPin | None
    """The pin that answers it since, if its words still stand in the documents."""


@dataclass(frozen=True, slots=True)
class UnansweredGroup(_Counts):
    """Questions about the same thing, which the documents do not answer, or badly; named by the most typical one."""

    questions: tuple[UnansweredQuestion, ...]
    """All of them, most asked first."""

    @property
    def others(self) -> tuple[str, ...]:
        """The other questions, most asked first."""
        return tuple(other.question for other in self.questions if other.question != self.question)

    @property
    def receipt_ids(self) -> tuple[str, ...]:
        """Of the answers to any of them."""
        return tuple(receipt_id for question in self.questions for receipt_id in question.receipt_ids)


def unanswered_questions(index: Index, collections: Container[str] | None = None) -> list[UnansweredGroup]:
    """List the groups of questions that the documents do not answer, the one that most people asked first.

    Only questions that are still kept are known (`QUESTION_DAYS`); of very many, those that most people asked.

    Args:
        index: the documents and receipts.
        collections: for those who see only these: questions whose answers showed passages of others, or none, are
            left out. A question may have been asked in another chat all the same. None for an owner.
    """
    asked = _group_by_question(index, collections)
    standing = _list_standing_pins(index)
    questions = [receipts[0].question for receipts in asked]
    alike = compare_questions(index.queries.encode(questions), questions)
    unanswered = [
        _group([asked[i] for i in group], alike[np.ix_(group, group)], standing) for group in group_alike(alike)
    ]
    return sorted(unanswered, key=lambda group: (-group.people, -group.asked, -group.newest.timestamp()))


def prepare_unanswered(index: Index) -> bool:
    """Encode some of what `unanswered_questions` compares, for a fifth of a second; whether more is left."""
    return index.queries.prepare(
        (receipts[0].question for receipts in _group_by_question(index, None)), ENCODED_AT_ONCE
    )


def _list_standing_pins(index: Index) -> list[ListedPin]:
    return [pin for pin in pins(index) if pin.state is not PinState.GONE]


def _group_by_question(index: Index, collections: Container[str] | None) -> list[list[UnansweredReceipt]]:
    """List the receipts of each question, newest first; the question that most people asked comes first."""
    same: dict[tuple[str, ...], list[UnansweredReceipt]] = defaultdict(list)
    for receipt in index.receipts.unanswered(MAX_RECEIPTS):
        if collections is None or _is_within(index, receipt, collections):
            same[normalize(receipt.question).words].append(receipt)
    most_asked = sorted(same.values(), key=lambda asked: (-_count_people(asked), -len(asked), -asked[0].at.timestamp()))
    return most_asked[:MAX_QUESTIONS]


def _is_within(index: Index, unanswered: UnansweredReceipt, collections: Container[str]) -> bool:
    receipt = index.receipts.get(unanswered.receipt_id)
    shown = {citation.span.collection for citation in receipt.found} if receipt else set()
    return bool(shown) and all(name in collections for name in shown)


def _count_people(receipts: Iterable[UnansweredReceipt]) -> int:
    return len({receipt.person for receipt in receipts})


def _group(
    asked: Sequence[Sequence[UnansweredReceipt]], alike: Vectors, standing: Sequence[ListedPin]
) -> UnansweredGroup:
    """Make a group of questions in their rank, each given by its receipts."""
    typical = asked[int((alike @ np.array(list(map(len, asked)))).argmax())][0].question
    questions = tuple(
        UnansweredQuestion(
            **_count(receipts[0].question, receipts),
            receipt_ids=tuple(receipt.receipt_id for receipt in receipts),
            pin=_find_pin(receipts[0].question, standing),
        )
        for receipts in asked
    )
    return UnansweredGroup(
        **_count(typical, [receipt for receipts in asked for receipt in receipts]), questions=questions
    )


def _count(question: str, receipts: Sequence[UnansweredReceipt]) -> dict[str, Any]:
    return {
        "question": question,
        "people": _count_people(receipts),
        "asked": len(receipts),
        "not_found": sum(receipt.is_not_found for receipt in receipts),
        "disliked": sum(receipt.is_disliked for receipt in receipts),
        "newest": max(receipt.at for receipt in receipts),
    }


def _find_pin(question: str, standing: Sequence[ListedPin]) -> ListedPin | None:
    same = normalize(question)
    return next((pin for pin in reversed(standing) if normalize(pin.question).matches(same)), None)


# --- likeness


def compare_questions(queries: Sequence[Query], questions: Sequence[str]) -> Vectors:
    """Compare every two questions, given encoded and as text: an array of (questions, questions), from -1 to 1."""
    if not queries:
        return np.zeros((0, 0), np.float32)
    tokens = [query.tokens if len(query.tokens) else query.vector[None] for query in queries]
    starts = np.cumsum([0, *map(len, tokens[:-1])])
    others = np.concatenate(tokens).T
    one_way = np.stack(
        [
            _average(np.maximum.reduceat(own @ others, starts, axis=1), query.weights)
            for own, query in zip(tokens, queries, strict=True)
        ]
    )
    numbers = [frozenset(_NUMBER.findall(question)) for question in questions]
    differ = [[bool(a and b and a != b) for b in numbers] for a in numbers]
    alike: Vectors = np.where(differ, np.float32(-1), (one_way + one_way.T) / 2)
    return alike


def _average(best: Vectors, weights: Vectors) -> Vectors:
    """Average the rows."""
    is_weighted = len(weights) == len(best) and bool(weights.any())
    average: Vectors = np.average(best, axis=0, weights=weights if is_weighted else None)
    return average


def group_alike(alike: Vectors, threshold: float = ALIKE) -> list[list[int]]:
    """Group the questions: every two of a group are at least so alike, and each question is in one group."""
    if len(alike) <= 1:
        return [[i] for i in range(len(alike))]
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 - it takes half a second to import
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    apart = np.clip(1 - alike.astype(np.float64), 0, None)
    np.fill_diagonal(apart, 0)
    numbers = fcluster(linkage(squareform(apart, checks=False), "complete"), 1 - threshold, "distance")
    members: dict[int, list[int]] = defaultdict(list)
    for i, number in enumerate(numbers.tolist()):
        members[number].append(i)
    return list(members.values())


# --- labelled questions


@dataclass(frozen=True, slots=True)
class Cases:
    """Labelled questions for `quoth eval`."""

    lines: tuple[str, ...]
    """JSON objects, each with `question`, `path` and `text`."""
    unlabelled: tuple[str, ...]
    """Questions with a disliked answer and without a pin: nobody has said yet what answers them."""


def cases(
    index: Index,
    unanswered: Iterable[UnansweredGroup],
    earlier: Iterable[str] = (),
    collection: str = DEFAULT_COLLECTION,
) -> Cases:
    """Make labelled questions of the unanswered ones and of all pins.

    The highlighted part of its pin answers a question. Nothing answers one that was not found, as the documents are
    now: a person who knows better edits the line.

    Lines of an earlier export, perhaps edited, stay, but where the text is null and there is a pin now. Pins in other
    collections are left out, as an evaluation reads one folder.
    """
    open_questions = [question for group in unanswered for question in group.questions if not question.pin]
    labels = {
        normalize(asked.question).words: {"question": asked.question, "path": None, "text": None}
        for asked in open_questions
        if asked.not_found
    } | {
        normalize(pin.question).words: {"question": pin.question, "path": pin.span.path, "text": pin.highlight}
        for pin in _list_standing_pins(index)
        if pin.span.collection == collection
    }
    lines = []
    for line in earlier:
        case = _parse_case(line)
        label = labels.pop(normalize(str(case["question"])).words, None) if case else None
        is_answered_now = case and case.get("text") is None and label and label["text"]
        lines.append(_to_line(label) if is_answered_now else line)
    return Cases(
        lines=(*lines, *map(_to_line, labels.values())),
        unlabelled=tuple(asked.question for asked in open_questions if not asked.not_found),
    )


def _parse_case(line: str) -> dict[str, Any] | None:
    try:
        case = json.loads(line)
    except ValueError:
        return None
    return case if isinstance(case, dict) and "question" in case else None


def _to_line(label: object) -> str:
    return json.dumps(label, ensure_ascii=False)
