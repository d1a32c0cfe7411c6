"""The confidence is logistic in how far the first hit stands out from those behind it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from retrieval.search.confidence import (
    MIN_WEAKEST_IN_FOLLOW_UP,
    MIN_WEAKEST_WITHOUT_CAPITALS,
    Calibration,
    Verdict,
    compute_confidence,
    compute_lead,
    decide_verdict,
)
from retrieval.search.hits import Hit
from retrieval.search.questions import Question
from retrieval.search.scoring import Evidence
from retrieval.storage.records import StoredPassage, StoredSentence

SENTENCE = StoredSentence(1, 0, 3)
PASSAGE = StoredPassage(1, 1, "default", "a.txt", "", "text 1", "a", None, None, "en", 0, 3, "Yes", (SENTENCE,))


def hit(sentence: float, maxsim: float, coverage: float, weakest: float = 0.8) -> Hit:
    evidence = Evidence(sentence, maxsim, coverage, weakest)
    return Hit(PASSAGE, SENTENCE, (SENTENCE,), evidence, score=0, copies=())


def test_the_lead_is_over_the_average_of_the_others() -> None:
    hits = [hit(0.9, 0.9, 1.0), hit(0.8, 0.8, 0.5), hit(0.7, 0.7, 0.0)]
    # 1.93 over the mean of 1.665, 1.4 and five times that of an unrelated passage, 0.82 + 0.79 + 0.026.
    assert compute_lead(hits) == pytest.approx(1.93 - (1.665 + 1.4 + 5 * 1.636) / 7)


def test_a_lone_hit_is_compared_with_an_unrelated_passage() -> None:
    assert compute_lead([hit(0.9, 0.9, 1)]) == pytest.approx(1.93 - 1.636)


def test_only_the_first_eight_hits_count() -> None:
    hits = [hit(0.9, 0.9, 1.0), *[hit(0.8, 0.8, 0.5)] * 7]
    assert compute_lead([*hits, hit(0.1, 0.1, 0)]) == compute_lead(hits)


def test_the_confidence_is_logistic_in_what_it_is_judged_by() -> None:
    calibration = Calibration(intercept=-1.0, lead=10.0, missing=-3.0)
    # The lead is 0.294.
    given = {"hits": [hit(0.9, 0.9, 1)], "calibration": calibration}
    assert compute_confidence(**given, is_missing=False) == pytest.approx(1 / (1 + math.exp(1 - 2.94)))
    assert compute_confidence(**given, is_missing=True) == pytest.approx(1 / (1 + math.exp(1 - 2.94 + 3)))


def test_nothing_found_is_certainly_no_answer() -> None:
    assert compute_confidence([], is_missing=False) == 0
    assert decide_verdict([], 0.0, Question("Who?"), is_missing=False) is Verdict.NONE


def test_more_of_any_evidence_makes_it_surer() -> None:
    first, others = hit(0.86, 0.86, 0.5), [hit(0.82, 0.82, 0.2)] * 7
    for part in ("sentence", "maxsim", "coverage"):
        better = replace(first, evidence=replace(first.evidence, **{part: getattr(first.evidence, part) + 0.05}))
        assert sure([better, *others]) > sure([first, *others])


def sure(hits: list[Hit]) -> float:
    return compute_confidence(hits, is_missing=False)


def test_what_is_missing_makes_it_less_sure() -> None:
    hits = [hit(0.86, 0.86, 0.5)]
    assert compute_confidence(hits, is_missing=True) < compute_confidence(hits, is_missing=False)


def test_nothing_is_sure_where_something_is_missing() -> None:
    verdicts = [decide_verdict([hit(0.99, 0.99, 1.0)], sure, Question("Who?"), is_missing=True) for sure in (0.99, 0.0)]
    assert verdicts == [Verdict.WEAK, Verdict.NONE]


@pytest.mark.parametrize(
    ("question", "least"),
    [
        (Question("And in Lille?", context="Who works in Calais?"), MIN_WEAKEST_IN_FOLLOW_UP),
        (Question("who works in lille?"), MIN_WEAKEST_WITHOUT_CAPITALS),
        (Question("谁在里尔工作？"), MIN_WEAKEST_WITHOUT_CAPITALS),
    ],
)
def test_where_names_or_context_do_not_tell_each_own_word_must_be_heard(question: Question, least: float) -> None:
    hits = [[hit(0.99, 0.99, 1.0, weakest)] for weakest in (least, least - 0.01)]
    verdicts = [decide_verdict(each, 0.99, question, is_missing=False) for each in hits]
    assert verdicts == [Verdict.STRONG, Verdict.WEAK]


def test_where_capitals_tell_names_the_weakest_word_does_not_count() -> None:
    assert decide_verdict([hit(0.99, 0.99, 1.0, 0.1)], 0.99, Question("Who?"), is_missing=False) is Verdict.STRONG


def test_a_calibration_survives_being_kept() -> None:
    calibration = Calibration(-1.5, 20.25, -2.0)
    assert Calibration.from_json(calibration.to_json()) == calibration


def test_a_calibration_from_before_near_misses_judges_as_before() -> None:
    assert Calibration.from_json("[-1.49, 19.9]") == Calibration(-1.49, 19.9, missing=0.0)
