"""Confidence: how sure it is that the first hit answers the question.

What tells is how far its evidence stands out from that of the hits behind it: where everything looks alike, nothing
answers. The level of the evidence alone differs between languages and kinds of documents; the lead much less. A near
miss has the lead of a right answer, so what is missing counts by itself.
"""

from __future__ import annotations

import json
import math
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from retrieval.search.scoring import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.search.hits import Hit
    from retrieval.search.questions import Question
    from retrieval.storage.records import IndexState

STRONG = 0.61
"""On `xquad-en.json`, 88 % of what is answered is above it, and 11 % of the same questions without their passage."""
WEAK = 0.16
"""Of what is answered in its own language, 0 to 5 % are below it; of German questions over English passages, 17 %."""
MIN_WEAKEST_IN_FOLLOW_UP = 0.79
"""Of a follow-up's own words, the weakest must be at least as near to the passage for it to be answered for sure. On
`tests/labelled/follow_ups.jsonl`, the context alone made half of the unanswerable ones sure."""
MIN_WEAKEST_WITHOUT_CAPITALS = 0.72
"""The same of a question without capitals, whose names nobody can tell: of the questions of `swapped-en.json` in small
letters, 37 % of those that nothing answers were sure without it, and 20 % are with it (91 and 87 % of the others)."""

FURTHER = 0.05
"""How far below the first hit a further one may be to be shown at once. Where the second or third holds what the first
lacks, 80 to 91 % of them are within it (xquad-en, -ru, piaf-fr, covidqa-en). Of two further ones, 0.12 are shown on
the average on xquad-en, 0.55 on piaf-fr, and 1.07 on covidqa-en, where several parts of a paper say the same."""


class Verdict(StrEnum):
    """What is said of the first quote: it answers, it may answer, or nothing answers."""

    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"

    @property
    def found(self) -> bool:
        """Whether the documents seem to answer."""
        return self is not Verdict.NONE


_UNRELATED = Evidence(sentence=0.82, maxsim=0.79, coverage=0.2, weakest=0.7)
"""What the hits behind the first look like on the average of the labelled sets."""
COMPARED = 8
"""Hits that the first is compared with, itself among them."""
_UNRELATED_COUNT = 5
"""It counts as so many hits, so that an index of three passages does not judge by two."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Parameters of the logistic function: the log odds are linear in each."""

    intercept: float
    lead: float
    missing: float = 0.0
    """Added where something is missing."""

    def to_json(self) -> str:
        """Write the parameters for `from_json`."""
        return json.dumps(astuple(self))

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Read what `to_json` wrote; the last parameter is missing where it was written before near misses counted."""
        return cls(*json.loads(text))


# quoth eval xquad-en.json xquad-ru.json xquad-de-to-en.json piaf-fr.json covidqa-en.json squad2-en.json --fit, rounded.
# What the question's weakest token adds to these was within the noise, as was what 50 other features of the tokens did.
DEFAULT = Calibration(intercept=-2.4, lead=19.0, missing=-1.2)


def read_calibration(state: IndexState) -> Calibration:
    """Take the calibration that is kept with an index, else the default."""
    return Calibration.from_json(state.calibration) if state.calibration else DEFAULT


def compute_confidence(hits: Sequence[Hit], *, is_missing: bool, calibration: Calibration = DEFAULT) -> float:
    """Compute the probability that the first hit answers, from 0 to 1; 0 where there is none.

    Args:
        hits: best first.
        is_missing: whether the question names something that does not stand in the first of them.
        calibration: what was fitted.
    """
    if not hits:
        return 0.0
    log_odds = calibration.intercept + calibration.lead * compute_lead(hits) + calibration.missing * is_missing
    return 1 / (1 + math.exp(-log_odds))


def decide_verdict(hits: Sequence[Hit], sure: float, question: Question, *, is_missing: bool) -> Verdict:
    """Say what may be said of some hits: nothing is sure where something is missing.

    A follow-up is judged by its own words. Its context helps to find and does not vouch, as it was answered before.
    `sure` is the confidence of the hits; the other arguments are those of `compute_confidence`.
    """
    if sure < WEAK:
        return Verdict.NONE
    if sure < STRONG or is_missing or hits[0].evidence.weakest < _get_min_weakest(question):
        return Verdict.WEAK
    return Verdict.STRONG


def _get_min_weakest(question: Question) -> float:
    """Say how near to the passage the weakest of a question's own tokens must be."""
    if question.context:
        return MIN_WEAKEST_IN_FOLLOW_UP
    return MIN_WEAKEST_WITHOUT_CAPITALS if question.text == question.text.lower() else -1.0


def compute_lead(hits: Sequence[Hit]) -> float:
    """Compute how far the first hit is above the average of those behind it."""
    others = [hit.evidence.score for hit in hits[1:COMPARED]] + [_UNRELATED.score] * _UNRELATED_COUNT
    return hits[0].evidence.score - sum(others) / len(others)


def may_answer(hit: Hit, first: Hit) -> bool:
    """Check whether a further hit may answer, too, or instead of the first: its evidence is about as good."""
    return hit.evidence.score >= first.evidence.score - FURTHER
