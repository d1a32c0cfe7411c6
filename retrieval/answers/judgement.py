"""Judgement: what is said of the hits for a question, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.answers.missing import find_missing
from retrieval.search.confidence import Verdict, compute_confidence, compute_lead, decide_verdict, read_calibration

if TYPE_CHECKING:
    from retrieval.search.hits import Hits
    from retrieval.search.questions import Question


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the first hit answers, and what that is judged by."""

    verdict: Verdict
    confidence: float
    lead: float | None = None
    """See `confidence.lead`; None if nothing was found."""
    missing: tuple[str, ...] = ()
    """What the question names and the first hit does not."""


def judge(question: Question, hits: Hits) -> Judgement:
    """Judge whether the first of some hits, best first, answers a question."""
    if not hits:
        return Judgement(Verdict.NONE, 0.0)
    missing = tuple(word.text for word in find_missing(question, hits[0].passage))
    sure = compute_confidence(hits, is_missing=bool(missing), calibration=read_calibration(hits.state))
    verdict = decide_verdict(hits, sure, question, is_missing=bool(missing))
    if missing and not any(map(str.isalpha, question.text)):
        # The meaning of "112" or "1+1" is near to anything with numbers in it.
        verdict = Verdict.NONE
    return Judgement(verdict, sure, compute_lead(hits), missing)
