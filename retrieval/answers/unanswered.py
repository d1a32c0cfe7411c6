"""Gaps: what was asked and not found, or whose answer more people disliked than liked, grouped by meaning.

How alike two questions are is MaxSim, as between a question and a passage (`evidence.maxsim`), of the one with the
other and back, on the average. It tells questions about the same thing apart better than the cosine of their vectors:
on the labelled set, where most neighbours are near in subject, groups of the former have a precision of .82 at a
recall of .66, of the latter .62 at .57 (`python -m benchmarks.alike`). Questions with other numbers are never alike.
In a group, all are alike: so a chain of small steps does not lead from one subject to another.
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
    from retrieval.receipts.ledger import Miss

MAX_MISSES = 5_000
"""Newest ones that are looked at."""
MAX_WORDINGS = 500
"""Of these, the ones that most people asked: to encode them and compare each with each takes some seconds."""
ENCODED_AT_ONCE = 20
"""Questions: a fifth of a second."""
ALIKE = 0.79
"""From 0 to 1. Measured with the bundled model, like the confidence; others are near it."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class UnansweredQuestion:
    """A question that was asked, once or often, in the same words but for their dress."""

    question: str
    """As it was asked the last time."""
    people: int
    """How many asked. All who have no name, such as who asks on a terminal, count as one."""
    asked: int
    """How often; somebody who asks again counts again."""
    not_found: int
    disliked: int
    newest: datetime
    receipt_ids: tuple[str, ...]
    """Newest first."""
    pin: ListedPin | None
    """What an owner has pinned to it since, and still stands in the documents."""


@dataclass(frozen=True, slots=True)
class UnansweredGroup:
    """Questions about the same thing, which the documents do not answer, or badly."""

    question: str
    """The one that is most like the others."""
    people: int
    """How many asked any of them; each counts once, however often they asked."""
    asked: int
    not_found: int
    disliked: int
    newest: datetime
    questions: tuple[UnansweredQuestion, ...]
    """All of them, most asked first."""

    @property
    def others(self) -> tuple[str, ...]:
        """The other questions, most asked first."""
        return tuple(each.question for each in self.questions if each.question != self.question)

    @property
    def receipt_ids(self) -> tuple[str, ...]:
        """Of the answers to any of them."""
        return tuple(receipt_id for each in self.questions for receipt_id in each.receipt_ids)


def unanswered_questions(index: Index, collections: Container[str] | None = None) -> list[UnansweredGroup]:
    """What is missing in the documents: the gap that most people asked about first.

    Only questions that are still kept are known (`QUESTION_DAYS`); of very many, those that most people asked.

    Args:
        index: the documents and receipts.
        collections: for those who see only these: questions whose answers showed passages of others, or none, are
            left out. A question may have been asked in another chat all the same. None for an owner.
    """
    asked = _asked(index, collections)
    standing = [each for each in pins(index) if each.state is not PinState.GONE]
    questions = [each[0].question for each in asked]
    alike = likeness(index.queries.encode(questions), questions)
    found = [_gap([asked[i] for i in group], alike[np.ix_(group, group)], standing) for group in groups(alike)]
    return sorted(found, key=lambda gap: (-gap.people, -gap.asked, -gap.newest.timestamp()))


def prepare_unanswered(index: Index) -> bool:
    """Encode some of what `unanswered_questions` compares, for a fifth of a second; whether more is left."""
    return index.queries.prepare((each[0].question for each in _asked(index, None)), ENCODED_AT_ONCE)


def _asked(index: Index, collections: Container[str] | None) -> list[list[Miss]]:
    """The questions that were missed, each as often as it was asked, newest first; what most people asked first."""
    misses = index.receipts.misses(MAX_MISSES)
    if collections is not None:
        misses = [each for each in misses if _is_within(index, each, collections)]
    same: dict[tuple[str, ...], list[Miss]] = defaultdict(list)
    for miss in misses:
        same[normalize(miss.question).words].append(miss)
    return sorted(same.values(), key=_rank)[:MAX_WORDINGS]


def _rank(misses: Sequence[Miss]) -> tuple[int, int, float]:
    return -_people(misses), -len(misses), -misses[0].at.timestamp()


def _is_within(index: Index, miss: Miss, collections: Container[str]) -> bool:
    receipt = index.receipts.get(miss.receipt_id)
    shown = {each.span.collection for each in receipt.statement.citations} if receipt else set()
    return bool(shown) and all(name in collections for name in shown)


def _people(misses: Iterable[Miss]) -> int:
    return len({each.person for each in misses})


def _gap(asked: Sequence[Sequence[Miss]], alike: Vectors, standing: Sequence[ListedPin]) -> UnansweredGroup:
    """Of questions in their rank, each as often as it was asked, newest first."""
    counts = np.array([len(each) for each in asked])
    typical = asked[int((alike @ counts).argmax())][0].question
    every = [miss for misses in asked for miss in misses]
    return UnansweredGroup(
        question=typical,
        people=_people(every),
        asked=len(every),
        not_found=sum(each.is_not_found for each in every),
        disliked=sum(each.is_disliked for each in every),
        newest=max(each.at for each in every),
        questions=tuple(_question(each, standing) for each in asked),
    )


def _question(misses: Sequence[Miss], standing: Sequence[ListedPin]) -> UnansweredQuestion:
    same = normalize(misses[0].question)
    return UnansweredQuestion(
        question=misses[0].question,
        people=_people(misses),
        asked=len(misses),
        not_found=sum(each.is_not_found for each in misses),
        disliked=sum(each.is_disliked for each in misses),
        newest=misses[0].at,
        receipt_ids=tuple(each.receipt_id for each in misses),
        pin=next((each for each in reversed(standing) if normalize(each.question).matches(same)), None),
    )


# --- what is alike


def likeness(queries: Sequence[Query], questions: Sequence[str]) -> Vectors:
    """(questions, questions): how alike each two are, from -1 to 1.

    Args:
        queries: what the encoder makes of the questions.
        questions: the same, in the same order.
    """
    if not queries:
        return np.zeros((0, 0), np.float32)
    tokens = [each.tokens if len(each.tokens) else each.vector[None] for each in queries]
    starts = np.cumsum([0, *map(len, tokens[:-1])])
    every = np.concatenate(tokens).T
    one_way = np.stack(
        [
            _weighted(np.maximum.reduceat(own @ every, starts, axis=1), each.weights)
            for own, each in zip(tokens, queries, strict=True)
        ]
    )
    numbers = [frozenset(_NUMBER.findall(each)) for each in questions]
    differ = [[bool(a and b and a != b) for b in numbers] for a in numbers]
    alike: Vectors = np.where(differ, np.float32(-1), (one_way + one_way.T) / 2)
    return alike


def _weighted(best: Vectors, weights: Vectors) -> Vectors:
    """The average of the rows."""
    is_weighted = len(weights) == len(best) and bool(weights.any())
    average: Vectors = np.average(best, axis=0, weights=weights if is_weighted else None)
    return average


def groups(alike: Vectors, least: float = ALIKE) -> list[list[int]]:
    """Which of the questions belong together: each two of a group are at least so alike; each is in one group."""
    if len(alike) <= 1:
        return [[i] for i in range(len(alike))]
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 - it takes half a second to import
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    apart = np.clip(1 - alike.astype(np.float64), 0, None)
    np.fill_diagonal(apart, 0)
    numbers = fcluster(linkage(squareform(apart, checks=False), "complete"), 1 - least, "distance")
    found: dict[int, list[int]] = defaultdict(list)
    for i, number in enumerate(numbers.tolist()):
        found[number].append(i)
    return list(found.values())


# --- tests of them


@dataclass(frozen=True, slots=True)
class Cases:
    """Labelled questions for `quoth eval`."""

    lines: tuple[str, ...]
    """JSON objects, each with `question`, `path` and `text`."""
    unlabelled: tuple[str, ...]
    """Questions with a disliked answer and without a pin: nobody has said yet what answers them."""


def cases(
    index: Index, found: Iterable[UnansweredGroup], earlier: Iterable[str] = (), collection: str = DEFAULT_COLLECTION
) -> Cases:
    """What `quoth eval` can measure of the gaps, and of all pins.

    A question with a pin is answered by what is highlighted there. One that was not found is answered by nothing, as
    the documents are now: whoever knows better edits the line.

    Args:
        index: with the pins.
        found: the gaps.
        earlier: lines of an earlier export, perhaps edited: they stay, but where the text is null and there is a pin
            now. What is no JSON object stays, too.
        collection: pins in others are left out, as an evaluation reads one folder.
    """
    here = [each for each in pins(index) if each.state is not PinState.GONE and each.span.collection == collection]
    missed = [each for gap in found for each in gap.questions]
    labels: dict[tuple[str, ...], dict[str, Any]] = {
        normalize(each.question).words: {"question": each.question, "path": None, "text": None}
        for each in missed
        if each.not_found and not each.pin
    }
    labels |= {
        normalize(each.question).words: {"question": each.question, "path": each.span.path, "text": each.highlight}
        for each in here
    }
    lines = []
    for line in earlier:
        case = _case(line)
        label = labels.pop(normalize(str(case["question"])).words, None) if case else None
        lines.append(_line(label) if case and case.get("text") is None and label and label["text"] else line)
    return Cases(
        lines=(*lines, *map(_line, labels.values())),
        unlabelled=tuple(each.question for each in missed if not each.not_found and not each.pin),
    )


def _case(line: str) -> dict[str, Any] | None:
    try:
        case = json.loads(line)
    except ValueError:
        return None
    return case if isinstance(case, dict) and "question" in case else None


def _line(label: dict[str, Any]) -> str:
    return json.dumps(label, ensure_ascii=False)
