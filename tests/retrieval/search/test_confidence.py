"""The confidence is logistic in how far the first hit stands out from those behind it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from retrieval.search.confidence import Calibration, confidence, lead
from retrieval.search.scoring import Evidence
from retrieval.search.search import Hit
from retrieval.storage.records import StoredPassage, StoredSentence

SENTENCE = StoredSentence(1, 0, 3)
PASSAGE = StoredPassage(1, 1, "default", "a.txt", "", "text 1", "a", None, None, "en", 0, 3, "Yes", (SENTENCE,))


def hit(sentence: float, maxsim: float, coverage: float, *, is_compared: bool = True) -> Hit:
    evidence = Evidence(sentence, maxsim, coverage)
    return Hit(PASSAGE, SENTENCE, evidence, is_compared=is_compared, score=0, copies=())


def test_the_lead_is_over_the_average_of_the_others() -> None:
    hits = [hit(0.9, 0.9, 1.0), hit(0.8, 0.8, 0.5), hit(0.7, 0.7, 0.0)]
    # 1.9 over the mean of 1.65, 1.4 and five times that of an unrelated passage, 0.82 + 0.79 + 0.02.
    assert lead(hits) == pytest.approx(1.9 - (1.65 + 1.4 + 5 * 1.63) / 7)


def test_a_lone_hit_is_compared_with_an_unrelated_passage() -> None:
    assert lead([hit(0.9, 0.9, 1)]) == pytest.approx(1.9 - 1.63)


def test_only_the_hits_that_were_ranked_anew_count() -> None:
    hits = [hit(0.9, 0.9, 1.0), *[hit(0.8, 0.8, 0.5)] * 7]
    assert lead([*hits, hit(0.1, 0.1, 0, is_compared=False)]) == lead(hits)


def test_the_confidence_is_logistic_in_the_lead() -> None:
    calibration = Calibration(intercept=-1.0, slope=10.0)
    assert confidence([hit(0.9, 0.9, 1)], calibration) == pytest.approx(1 / (1 + math.exp(1 - 2.7)))


def test_nothing_found_is_certainly_no_answer() -> None:
    assert confidence([]) == 0


def test_more_of_any_evidence_makes_it_surer() -> None:
    first, others = hit(0.86, 0.86, 0.5), [hit(0.82, 0.82, 0.2)] * 7
    for part in ("sentence", "maxsim", "coverage"):
        better = replace(first, evidence=replace(first.evidence, **{part: getattr(first.evidence, part) + 0.05}))
        assert confidence([better, *others]) > confidence([first, *others])


def test_a_calibration_survives_being_kept() -> None:
    calibration = Calibration(-1.5, 20.25)
    assert Calibration.from_json(calibration.to_json()) == calibration
