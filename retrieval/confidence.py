"""How sure it is that the first hit answers the question.

A logistic model over the first hit's evidence, and over how far it stands out from the hits behind it: where
everything looks alike, nothing answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retrieval.evidence import Evidence
from retrieval.search import RERANKED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.search import Hit

STRONG = 0.7
WEAK = 0.3

_UNRELATED = Evidence(sentence=0.82, maxsim=0.84, coverage=0.15)
"""What the hits behind the first look like on the average of the labelled sets."""
_UNRELATED_COUNT = 2
"""It counts as so many hits, so that an index of three passages does not judge by two."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Parameters of the logistic model."""

    intercept: float
    weights: tuple[float, ...]
    """One a feature."""

    def to_json(self) -> str:
        """For `from_json`."""
        return json.dumps([self.intercept, *self.weights])

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """What `to_json` gave."""
        intercept, *weights = json.loads(text)
        return cls(intercept, tuple(weights))


# quoth eval --fit on the given halves of XQuAD (en, de, ar, zh), PIAF and COVID-QA
DEFAULT = Calibration(-11.68, (-3.86, 13.98, -1.95, 49.77, 46.2, 2.14))


def confidence(hits: Sequence[Hit], calibration: Calibration = DEFAULT) -> float:
    """Probability that the first hit answers, from 0 to 1; 0 where nothing was found."""
    if not hits:
        return 0.0
    log_odds = calibration.intercept + features(hits) @ np.array(calibration.weights)
    return float(1 / (1 + np.exp(-log_odds)))


def features(hits: Sequence[Hit]) -> npt.NDArray[np.float64]:
    """(6,): the three parts of the first hit's evidence, and how far each is above the average behind it."""
    first, *others = (_parts(hit.evidence) for hit in hits[:RERANKED])
    background = np.mean([*others, *[_parts(_UNRELATED)] * _UNRELATED_COUNT], axis=0)
    return np.concatenate([first, first - background])


def _parts(evidence: Evidence) -> npt.NDArray[np.float64]:
    return np.array([evidence.sentence, evidence.maxsim, evidence.coverage])
