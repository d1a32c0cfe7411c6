"""The confidence is logistic in the first hit's evidence, and in how far it stands out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from retrieval.confidence import Calibration, confidence, features
from retrieval.evidence import Evidence
from retrieval.search import Hit
from retrieval.store import StoredPassage, StoredSentence

SENTENCE = StoredSentence(1, 0, 3)
PASSAGE = StoredPassage(1, 1, "a.txt", "", "a", None, None, (1, 1), "en", 0, 3, "Yes", (SENTENCE,))


def hit(sentence: float, maxsim: float, coverage: float) -> Hit:
    return Hit(PASSAGE, SENTENCE, Evidence(sentence, maxsim, coverage), score=0, copies=())


def test_the_features_are_the_evidence_and_its_lead() -> None:
    hits = [hit(0.9, 0.9, 1.0), hit(0.8, 0.8, 0.5), hit(0.7, 0.7, 0.0)]
    # Behind the first: the two others, and twice the evidence of an unrelated passage (0.82, 0.84, 0.15).
    background = [(0.8 + 0.7 + 2 * 0.82) / 4, (0.8 + 0.7 + 2 * 0.84) / 4, (0.5 + 0 + 2 * 0.15) / 4]
    expected = [0.9, 0.9, 1.0, 0.9 - background[0], 0.9 - background[1], 1.0 - background[2]]
    assert features(hits).tolist() == pytest.approx(expected)


def test_a_lone_hit_is_compared_with_an_unrelated_passage() -> None:
    assert features([hit(0.9, 0.9, 1)])[3:].tolist() == pytest.approx([0.08, 0.06, 0.85])


def test_only_the_hits_that_were_ranked_anew_count() -> None:
    hits = [hit(0.9, 0.9, 1.0), *[hit(0.8, 0.8, 0.5)] * 7]
    assert features([*hits, hit(0.1, 0.1, 0)]).tolist() == features(hits).tolist()


def test_the_confidence_is_logistic() -> None:
    calibration = Calibration(intercept=-1.0, weights=(1.0, 0.0, 0.5, 0.0, 0.0, 0.0))
    log_odds = -1 + 0.9 + 0.5 * 0.4
    assert confidence([hit(0.9, 0.8, 0.4)], calibration) == pytest.approx(1 / (1 + np.exp(-log_odds)))


def test_nothing_found_is_certainly_no_answer() -> None:
    assert confidence([]) == 0


def test_more_of_any_evidence_makes_it_surer() -> None:
    first, others = hit(0.86, 0.86, 0.5), [hit(0.82, 0.82, 0.2)] * 7
    for part in ("sentence", "maxsim", "coverage"):
        better = replace(
            first, evidence=replace(first.evidence, **{part: getattr(first.evidence, part) + 0.05})
        )
        assert confidence([better, *others]) > confidence([first, *others])


def test_a_calibration_survives_being_kept() -> None:
    calibration = Calibration(-1.5, (0.1, 2.0, 3.0, -4.0, 5.0, 6.0))
    assert Calibration.from_json(calibration.to_json()) == calibration
